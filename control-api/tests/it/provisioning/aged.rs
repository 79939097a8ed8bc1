//! A tenant's database as a release before has left it.

use control_api::clusters::MIGRATIONS;
use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};

use super::{place, server};
use crate::world::World;

/// Makes a tenant's database anew with the migrations up to `version`, its people, and nothing else.
pub async fn aged(world: &World, slug: &str, version: i64) {
    let place = place(world, slug).await;
    let mut inside = PgConnection::connect_with(&server().options().expect("a URL").database(&place.database)).await.expect("the database");
    let role = place.options.get_username();
    let older = Migrator::with_migrations(MIGRATIONS.iter().filter(|migration| migration.version <= version).cloned().collect());
    run(
        &mut inside,
        "create schema kept;
         create table kept.marker as table tenant_marker;
         create table kept.people as select id, email, firstname, lastname, role, version from users;
         drop schema public cascade;
         drop schema audit cascade;
         drop schema if exists media cascade;
         create schema public",
    )
    .await;
    older.run_direct(None, &mut inside, false).await.expect("migrated");
    run(
        &mut inside,
        &format!(
            "insert into tenant_marker select * from kept.marker;
             insert into users (id, email, firstname, lastname, role, version) select * from kept.people;
             insert into audit_logs (at, actor, action, resource, changes) values (now(), '{{}}', 'x', 'x', '{{}}');
             drop schema kept cascade;
             grant usage on schema public to {role};
             grant select, insert, update, delete on all tables in schema public to {role};
             grant usage, select on all sequences in schema public to {role}"
        ),
    )
    .await;
    inside.close().await.expect("left");
}

async fn run(inside: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(inside).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}
