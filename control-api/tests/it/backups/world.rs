//! Two organisations with real databases, and a bucket of their own.

use std::collections::BTreeMap;

use axum::body::Bytes;
use control_api::{
    App,
    backups::{self, Backup, Source},
    clusters,
    jobs::{self, Job},
    provisioning,
};
use futures::stream;
use secrecy::SecretString;
use shared::{
    act::Author,
    audit,
    db::{self, Db},
    testing,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use uuid::Uuid;

use crate::{
    provisioning::{Place as Where, clean, place, server},
    world::{World, url_of},
};

pub struct Stored {
    pub world: World,
}

impl Stored {
    /// Acme and Globex, with a ticket each.
    pub async fn start() -> Self {
        Self::empty().await.inhabited().await
    }

    pub async fn inhabited(self) -> Self {
        let stored = self;
        for slug in ["acme", "globex"] {
            stored.world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
        }
        provisioning::walk_all(&stored.world.app, Uuid::now_v7()).await.expect("walked");
        for slug in ["acme", "globex"] {
            stored.world.verify(&format!("ada@{slug}.example")).await;
            stored.opens(slug, "before").await;
        }
        stored
    }

    pub async fn empty() -> Self {
        Self::on(World::real().await, &server()).await
    }

    pub async fn on(world: World, server: &clusters::NewCluster) -> Self {
        clusters::add(&world.app.db, &world.app.keys.ring, &world.app.clock, server).await.expect("a cluster");
        Self { world }
    }

    pub fn app(&self) -> &App {
        &self.world.app
    }

    pub async fn id(&self, slug: &str) -> Uuid {
        let id = sqlx::query_scalar("select id from tenants where slug = $1").bind(slug);
        id.fetch_one(self.app().db.pool()).await.expect("a tenant")
    }

    pub async fn place(&self, slug: &str) -> Where {
        place(&self.world, slug).await
    }

    /// Inside a tenant's database, as somebody who may do everything.
    pub async fn inside(&self, slug: &str) -> PgConnection {
        let place = self.place(slug).await;
        testing::admin_options().port(place.options.get_port()).database(&place.database).connect().await.expect("the database")
    }

    pub async fn sql(&self, slug: &str, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.inside(slug).await).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    pub async fn number(&self, slug: &str, sql: &str) -> i64 {
        let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        number.fetch_one(&mut self.inside(slug).await).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// A ticket, as the app plane's role writes it; its id.
    pub async fn opens(&self, slug: &str, subject: &str) -> i64 {
        let sql = "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
            select gen_random_uuid()::text, min(id), $1, '', '', now(), now() from users returning id";
        let mut inside = crate::provisioning::inside(&self.world, slug).await;
        sqlx::query_scalar(sql).bind(subject).fetch_one(&mut inside).await.expect("opened")
    }

    /// An event, published then or not yet.
    pub async fn tells(&self, slug: &str, id: &str, published: &str) {
        let sql = format!(
            "insert into events (id, kind, exchange, routing_key, subject, data, actor, occurred_at, published_at)
             values ({id}, 'x', 'x', 'x', 'x', '{{}}', '{{}}', now(), {published})"
        );
        self.sql(slug, &sql).await;
    }

    /// A mail that waits.
    pub async fn mails(&self, slug: &str, id: &str) {
        let sql = format!(
            "insert into mails (id, message_id, template, to_address, to_name, subject, body_text, body_html, next_at, created_at)
             values ({id}, 'x', 'x', 'x', 'x', 'x', 'x', 'x', now(), now())"
        );
        self.sql(slug, &sql).await;
    }

    pub async fn seals(&self, slug: &str) {
        self.sql(slug, "insert into audit_logs (at, actor, action, resource, changes) values (now(), '{}', 'x', 'x', '{}')").await;
        let options = testing::admin_options().database(&self.place(slug).await.database);
        let db = Db::new(db::options(options, "test"), 2, &db::budget(2), std::sync::Arc::new(|| {}));
        audit::seal(&db, self.app().clock.now()).await.expect("sealed");
    }

    /// What every table of a tenant holds.
    pub async fn rows(&self, slug: &str) -> BTreeMap<String, String> {
        Self::rows_in(self.inside(slug).await).await
    }

    /// The same of a copy.
    pub async fn rows_in(mut inside: PgConnection) -> BTreeMap<String, String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema'",
        )
        .fetch_all(&mut inside)
        .await
        .expect("tables");
        let mut rows = BTreeMap::new();
        for table in tables {
            let sql = format!("select count(*) || ' ' || md5(coalesce(string_agg(r::text, '|' order by r::text), '')) from {table} r");
            let row: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut inside).await.expect("rows");
            rows.insert(table, row);
        }
        rows
    }

    /// Does all that there is to do.
    pub async fn work(&self) {
        jobs::work_all(self.app(), Uuid::now_v7()).await.expect("worked");
    }

    /// Takes a backup.
    pub async fn take(&self, slug: &str) -> Backup {
        let (app, tenant) = (self.app(), self.id(slug).await);
        let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_backup(act, Some(tenant)).await);
        let id = plan.await.expect("planned");
        self.work().await;
        backups::by_id(&mut app.db.read().await.expect("a connection"), id).await.expect("a backup")
    }

    pub async fn try_plan(&self, slug: &str, backup: Uuid) -> shared::Result<Uuid> {
        let (app, tenant, source) = (self.app(), self.id(slug).await, Source::Backup { id: backup });
        app.db.act(Author::system("test"), &app.clock, async |act| backups::restore::plan(act, tenant, source, false).await).await
    }

    pub async fn plan(&self, slug: &str, backup: Uuid) -> Uuid {
        self.try_plan(slug, backup).await.expect("planned")
    }

    pub async fn restore(&self, slug: &str, backup: Uuid) {
        let job = self.plan(slug, backup).await;
        self.work().await;
        assert_eq!(self.status(job).await, "done");
    }

    pub async fn drill(&self, slug: &str) -> backups::Drill {
        let (app, tenant) = (self.app(), self.id(slug).await);
        let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_drill(act, Some(tenant)).await);
        let id = plan.await.expect("planned");
        self.work().await;
        backups::drill_by_id(&mut app.db.read().await.expect("a connection"), id).await.expect("asked").expect("a drill")
    }

    pub async fn status(&self, job: Uuid) -> String {
        let job = jobs::by_id(&mut self.app().db.read().await.expect("a connection"), job).await.expect("a job");
        if job.status == "waiting" { format!("{} {:?}", job.step, job.last_error) } else { job.status }
    }

    pub async fn claim(&self, job: Uuid) -> Job {
        let claimed = jobs::claim(self.app(), Uuid::now_v7()).await.expect("asked").expect("a job");
        assert_eq!(claimed.id, job);
        claimed
    }

    /// Goes on with a job to its end.
    pub async fn finish(&self, job: Job) {
        let mut next = Some(job);
        while let Some(job) = next {
            let performed = jobs::perform(self.app(), &job).await.expect("done");
            next = jobs::settle(self.app(), &job, &performed).await.expect("noted");
        }
    }

    pub async fn put(&self, key: &str, bytes: &[u8]) {
        let bytes = stream::iter([Ok(Bytes::copy_from_slice(bytes))]);
        self.app().outside.storage.put(key, bytes).await.expect("put");
    }

    pub async fn read(&self, key: &str) -> Option<Vec<u8>> {
        self.app().outside.storage.read(key, 100 << 20).await.expect("read")
    }

    pub async fn remove(&self, key: &str) {
        self.app().outside.storage.delete(key).await.expect("deleted");
    }

    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        let page = self.app().outside.storage.list(prefix, None).await.expect("listed");
        page.objects.into_iter().map(|object| object.key).collect()
    }

    pub async fn is_there(&self, database: &str) -> bool {
        let mut admin = testing::admin_options().connect().await.expect("the server");
        let there = sqlx::query_scalar("select exists (select from pg_database where datname = $1)");
        there.bind(database).fetch_one(&mut admin).await.expect("asked")
    }

    /// Databases that some restore or drill of a tenant has made, and nobody uses.
    pub async fn strays(&self) -> Vec<String> {
        let known: Vec<String> =
            sqlx::query_scalar("select database_name from tenants").fetch_all(self.app().db.pool()).await.expect("names");
        let made: Vec<String> = sqlx::query_scalar(
            "select state #>> '{placed,0}' from jobs where kind = 'restore' and state #>> '{placed,0}' is not null
             union all select state ->> 'database' from jobs where kind = 'drill'",
        )
        .fetch_all(self.app().db.pool())
        .await
        .expect("names");
        let mut strays = Vec::new();
        for name in made {
            if !known.contains(&name) && self.is_there(&name).await {
                strays.push(name);
            }
        }
        strays
    }

    /// Loses a database, and the role of its name if it has one.
    pub async fn drop_database(&self, database: &str) {
        let mut admin = testing::admin_options().connect().await.expect("the server");
        for sql in [format!("drop database {database} with (force)"), format!("drop role if exists {database}")] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("dropped");
        }
    }

    /// An empty database, and its superuser's URL.
    pub async fn empty_database(&self) -> (String, SecretString) {
        let name = format!("t_empty_{}", Uuid::now_v7().simple());
        let mut admin = testing::admin_options().connect().await.expect("the server");
        let sql = format!("create database {name} template template0");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("made");
        admin.close().await.expect("left");
        let url = url_of(&name);
        (name, url)
    }

    /// Takes away what the test made.
    pub async fn clean(&self) {
        self.world.travel(chrono::TimeDelta::days(8));
        self.work().await;
        clean(&self.world).await;
    }
}
