//! Audit trails: a tenant's own database, and what was refused.

use shared::{
    audit,
    db::{self, Db},
    testing,
};
use sqlx::PgPool;
use uuid::Uuid;

use super::World;

impl World {
    /// Waits until so many refused changes have been written into the audit trail, in all.
    pub async fn refusals(&self, count: u64) {
        let mut written = self.written.clone();
        let waiting = tokio::time::timeout(std::time::Duration::from_secs(30), written.wait_for(|n| *n >= count));
        waiting.await.expect("in time").expect("they are being written");
    }

    /// Gives an organisation a database of its own, which the test may look into. The test server's
    /// superuser stands in for its role.
    pub async fn own(&self, slug: &str) -> Own {
        let options = testing::database("tenant", &control_api::clusters::MIGRATIONS).await;
        let pool = testing::pool(&options).await;
        let id: Uuid =
            sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(self.app.db.pool()).await.expect(slug);
        sqlx::query("insert into tenant_marker (id, slug) values ($1, $2)").bind(id).bind(slug).execute(&pool).await.expect("marked");
        let url = std::env::var("TEST_DATABASE_ADMIN_URL").expect("TEST_DATABASE_ADMIN_URL: run the tests with scripts/test");
        let password = url::Url::parse(&url).expect("a URL").password().unwrap_or_default().to_owned();
        let sealed = self.app.keys.ring.seal(password.as_bytes(), &format!("tenant:{id}:db")).expect("sealed");
        sqlx::query(
            "with c as (update clusters set host = $2, port = $3 returning id)
             update tenants set database_name = $4, role_name = $5, sealed_password = $6 where id = $1",
        )
        .bind(id)
        .bind(options.get_host())
        .bind(i32::from(options.get_port()))
        .bind(options.get_database())
        .bind(options.get_username())
        .bind(sealed)
        .execute(self.app.db.pool())
        .await
        .expect("placed");
        self.app.outside.tenants.forget(slug).await;
        let db = Db::new(db::options(options, "test"), 3, &db::budget(3), std::sync::Arc::new(|| {}));
        Own { id, pool, db }
    }
}

/// An organisation's own database.
pub struct Own {
    pub id: Uuid,
    pub pool: PgPool,
    pub db: Db,
}

impl Own {
    /// Rows as acts write them, a minute apart, the last one at `at`.
    pub async fn writes(&self, count: i64, person: i64, at: chrono::DateTime<chrono::Utc>) {
        let rows = "insert into audit_logs (at, actor, action, resource, changes)
            select $3 - ($1 - n) * interval '1 minute', jsonb_build_object('kind', 'person', 'id', $2::bigint, 'role', 'agent'),
                'TicketEdited', 'ticket:' || n % 1000, jsonb_build_object('after', jsonb_build_object('subject', '=1+1 ' || n))
            from generate_series(1, $1) n";
        sqlx::query(rows).bind(count).bind(person).bind(at).execute(&self.pool).await.expect("written");
    }

    pub async fn seals(&self, now: chrono::DateTime<chrono::Utc>) {
        audit::seal(&self.db, now).await.expect("sealed");
    }

    /// What somebody does who may do everything there.
    pub async fn forge(&self, sql: &str) {
        let sql = format!("set session_replication_role = replica; {sql}; set session_replication_role = origin");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&self.pool).await.expect("forged");
    }
}
