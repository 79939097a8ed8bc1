//! A backup of a release before.

use super::world::Stored;
use crate::provisioning::aged;

#[tokio::test]
async fn a_backup_of_an_older_schema_comes_back_with_the_newest() {
    let stored = Stored::start().await;
    let newest = stored.number("acme", "select max(version) from _sqlx_migrations").await;
    aged(&stored.world, "acme", 2).await;
    stored.opens("acme", "of old").await;
    let taken = stored.take("acme").await;
    assert_eq!(taken.schema_version, 2);
    stored.opens("acme", "after").await;
    stored.restore("acme", taken.id).await;
    assert_eq!(stored.number("acme", "select max(version) from _sqlx_migrations").await, newest);
    assert_eq!(stored.number("acme", "select count(*) from support_tickets where subject = 'of old'").await, 1);
    assert_eq!(stored.number("acme", "select count(*) from support_tickets where subject = 'after'").await, 0);
    assert_eq!(stored.number("acme", "select count(*) from audit_logs").await, 1, "the trail is there as well");
    let mut inside = crate::provisioning::inside(&stored.world, "acme").await;
    for (sql, allowed) in [
        ("insert into audit_logs (at, actor, action, resource, changes) values (now(), '{}', 'x', 'x', '{}')", true),
        ("update audit_logs set action = 'y'", false),
        ("delete from audit_seals", false),
    ] {
        assert_eq!(sqlx::raw_sql(sql).execute(&mut inside).await.is_ok(), allowed, "{sql}");
    }
    stored.clean().await;
}
