//! One sealed value of each kind, and what each of them says.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use control_api::{App, backups, deletion, keys};
use secrecy::ExposeSecret;
use shared::{
    act::Author,
    seal::{Keyring, version_of},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    backups::world::Stored,
    operators::signed_in,
    world::{SEALING, World},
};

/// A ring of one or two keys, each of one byte but for the worlds' own.
pub fn ring(newest: (&str, u8), former: Option<(&str, u8)>) -> Keyring {
    let key = |byte: u8| if byte == 0 { SEALING.to_owned() } else { STANDARD.encode([byte; 32]) };
    let former = former.map(|(id, byte)| format!("{id}:{}", key(byte)).into());
    Keyring::new(newest.0, &key(newest.1).into(), former.as_ref()).expect("a ring")
}

/// A sealed value, and what it said in the beginning.
struct Value {
    tenant: Option<Uuid>,
    find: String,
    owner: String,
    said: Vec<u8>,
}

pub struct Holding {
    values: Vec<Value>,
}

impl Holding {
    /// Two organisations with passwords, a provider, backups, an export, a person's app and an operator's.
    pub async fn start() -> (Stored, Self) {
        let stored = Stored::start().await;
        let world = &stored.world;
        signed_in(world).await;
        for slug in ["acme", "globex"] {
            stored.take(slug).await;
            world.log_in(slug, &format!("ada@{slug}.example")).await;
        }
        let (acme, db) = (stored.id("acme").await, world.app.db.pool());
        let mut connection = world.app.db.read().await.expect("a connection");
        let sealed =
            keys::seal(&mut connection, &world.app.keys.ring, Some(acme), b"shared with them", &format!("tenant:{acme}:oidc")).await;
        drop(connection);
        let sealed = sealed.expect("sealed");
        let provider = "insert into identity_providers
            (tenant_id, issuer, client_id, sealed_secret, key_id, name, domains, default_role, enabled, created_at, updated_at)
            values ($1, 'https://idp.example', 'us', $2, $3, 'IdP', '{acme.example}', 'customer', false, now(), now())";
        sqlx::query(provider).bind(acme).bind(&sealed.bytes).bind(&sealed.key_id).execute(db).await.expect("a provider");
        let app = &world.app;
        app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_backup(act, None).await).await.expect("asked");
        stored.work().await;
        let mut held = Self { values: Vec::new() };
        for slug in ["acme", "globex"] {
            let id = stored.id(slug).await;
            held.keep(world, Some(id), format!("select sealed_password from tenants where id = '{id}'"), format!("tenant:{id}:db")).await;
            let fields = format!("select sealed_key from field_keys where tenant_id = '{id}'");
            held.keep(world, Some(id), fields, format!("tenant:{id}:fields")).await;
            let backup = format!("select sealed_key from backups where tenant_id = '{id}' order by id desc limit 1");
            held.keep(world, Some(id), backup, format!("tenant:{id}:backup")).await;
        }
        held.keep(world, Some(acme), "select sealed_secret from identity_providers".into(), format!("tenant:{acme}:oidc")).await;
        held.keep(world, None, "select sealed_admin_url from clusters".into(), "cluster:local:admin".into()).await;
        let operator: i64 = sqlx::query_scalar("select id from operators").fetch_one(db).await.expect("one");
        held.keep(world, None, "select sealed_secret from operators".into(), format!("operator:{operator}:totp")).await;
        let user: i64 = sqlx::query_scalar("select min(user_id) from totp_secrets").fetch_one(db).await.expect("one");
        held.keep(world, None, format!("select sealed_secret from totp_secrets where user_id = {user}"), format!("user:{user}:totp")).await;
        held.keep(world, None, "select sealed_key from backups where tenant_id is null".into(), "platform:backup".into()).await;
        (stored, held)
    }

    async fn keep(&mut self, world: &World, tenant: Option<Uuid>, find: String, owner: String) {
        let mut value = Value { tenant, find, owner, said: Vec::new() };
        value.said = value.says(&world.app).await.expect("it opens");
        self.values.push(value);
    }

    /// Everything says what it said in the beginning.
    pub async fn opens(&self, app: &App) {
        for value in &self.values {
            assert_eq!(value.says(app).await.expect(&value.find), value.said, "{}", value.find);
        }
        let mut notes = 0;
        for (note, _) in backups::control::list(&app.outside.storage).await.expect("notes") {
            let ours: i64 = sqlx::query_scalar("select count(*) from backups where id = $1")
                .bind(note.id)
                .fetch_one(app.db.pool())
                .await
                .expect("rows");
            if ours == 1 {
                backups::keys::open_platforms(&app.keys.ring, (&note.sealed_key, &note.key_id))
                    .await
                    .expect("what lies in the store opens");
                notes += 1;
            }
        }
        assert_eq!(notes, 1);
        let mut db = app.db.read().await.expect("a connection");
        if let Some(record) = deletion::find(&mut db, "gone", &app.keys.ring).await.expect("asked") {
            assert!(record.is_verified, "records outlive the key that signed them");
        }
    }

    pub async fn any_opens(&self, app: &App) -> bool {
        for value in &self.values {
            if value.says(app).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// Versions of data keys under which the values are; none: a master key.
    pub async fn versions(&self, world: &World, tenant: Option<Uuid>) -> BTreeSet<Option<i32>> {
        let mut versions = BTreeSet::new();
        for value in self.values.iter().filter(|value| value.tenant == tenant && value.owner != "platform:backup") {
            versions.insert(version_of(&value.sealed(&world.app).await));
        }
        versions
    }

    /// As a release before this one has left a tenant.
    pub async fn is_from_before_data_keys(&self, world: &World, slug: &str) {
        let tenant: Uuid =
            sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(world.app.db.pool()).await.expect("it");
        for value in self.values.iter().filter(|value| value.tenant == Some(tenant)) {
            let sealed = world.app.keys.ring.seal(&value.said, &value.owner).expect("sealed");
            let (table, column) = match value.owner.rsplit(':').next() {
                Some("db") => ("tenants", "sealed_password"),
                Some("fields") => ("field_keys", "sealed_key"),
                _ => ("backups", "sealed_key"),
            };
            let named = if table == "tenants" { "id" } else { "tenant_id" };
            let sql = format!("update {table} set {column} = $2, key_id = 'k1' where {named} = $1");
            sqlx::query(AssertSqlSafe(sql)).bind(tenant).bind(sealed).execute(world.app.db.pool()).await.expect("written");
        }
        sqlx::query("delete from data_keys where tenant_id = $1").bind(tenant).execute(world.app.db.pool()).await.expect("gone");
    }

    /// A backup whose key the master key has sealed, besides the others.
    pub async fn has_a_backup_from_before_data_keys(&self, world: &World, slug: &str) {
        let tenant: Uuid =
            sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(world.app.db.pool()).await.expect("it");
        let sealed = world.app.keys.ring.seal(&[7; 32], &format!("tenant:{tenant}:backup")).expect("sealed");
        let sql = "insert into backups (id, tenant_id, folder, taken_at, made_at, schema_version, tables, row_count, dump_bytes, files, file_bytes,
                manifest_hash, sealed_key, key_id)
            select $2, tenant_id, 'nowhere', taken_at, made_at, schema_version, tables, row_count, dump_bytes, files, file_bytes,
                manifest_hash, $3, 'k1'
            from backups where tenant_id = $1 limit 1";
        sqlx::query(sql).bind(tenant).bind(Uuid::now_v7()).bind(sealed).execute(world.app.db.pool()).await.expect("written");
    }

    /// Somebody who has read the former data key writes what it has sealed.
    pub async fn seals_late(&self, world: &World, slug: &str) {
        let tenant: Uuid =
            sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(world.app.db.pool()).await.expect("it");
        let (version, bytes): (i32, Vec<u8>) =
            sqlx::query_as("select version, wrapped from data_keys where tenant_id = $1 and retired_at is not null")
                .bind(tenant)
                .fetch_one(world.app.db.pool())
                .await
                .expect("a key");
        let key = shared::seal::Wrapped { version, bytes }.unwrap(&world.app.keys.ring, Some(tenant)).expect("unwrapped");
        let sealed = key.seal(b"shared with them", &format!("tenant:{tenant}:oidc")).expect("sealed");
        let sql = "update identity_providers set sealed_secret = $2, key_id = $3 where tenant_id = $1";
        sqlx::query(sql).bind(tenant).bind(sealed).bind(key.key_id()).execute(world.app.db.pool()).await.expect("written");
    }

    /// The record of a tenant that is gone, signed by the worlds' own key.
    pub async fn signs_a_record(&self, world: &World) {
        let (id, signer) = (Uuid::now_v7(), &world.app.keys.records);
        let record = serde_json::json!({ "tenant": { "id": id } }).to_string();
        let tenant = "insert into tenants (id, slug, lookalike, organisation, locale, status, created_at, updated_at)
            values ($1, 'gone', 'gone', '', 'en', 'deleted', now(), now())";
        sqlx::query(tenant).bind(id).execute(world.app.db.pool()).await.expect("a name");
        let signed = "insert into deletion_records (tenant_id, record, hash, signature, key_id, made_at)
            values ($1, $2, sha256($2::text::bytea), $3, $4, now())";
        let signed = sqlx::query(signed).bind(id).bind(&record).bind(signer.sign(record.as_bytes())).bind(&signer.key_id);
        signed.execute(world.app.db.pool()).await.expect("a record");
    }
}

impl Value {
    async fn sealed(&self, app: &App) -> Vec<u8> {
        sqlx::query_scalar(AssertSqlSafe(self.find.clone())).fetch_one(app.db.pool()).await.expect(&self.find)
    }

    async fn says(&self, app: &App) -> shared::Result<Vec<u8>> {
        let (sealed, ring) = (self.sealed(app).await, &app.keys.ring);
        match self.tenant {
            Some(id) if sealed.is_empty() => {
                let role = sqlx::query_scalar::<_, String>("select role_name from tenants where id = $1").bind(id);
                let password = ring.credential(id, &role.fetch_one(app.db.pool()).await?).await?;
                Ok(password.expose_secret().as_bytes().to_vec())
            }
            None if self.owner == "platform:backup" => ring.unwrap(&sealed, &self.owner).await,
            tenant => keys::opened(&app.db, ring, tenant, &sealed, &self.owner).await,
        }
    }
}
