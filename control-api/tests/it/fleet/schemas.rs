//! What is seen of the schemas that tenants have: behind, or changed by hand.

use std::sync::Arc;

use chrono::TimeDelta;
use control_api::fleet::{self, Fleet};

use super::{TABLE, grown, owner, with};
use crate::provisioning::clean;

#[tokio::test]
async fn a_database_that_lacks_a_file_in_the_middle_counts_as_behind_and_not_as_drifted() {
    let world = grown(&["acme", "globex"]).await;
    let fleet = Fleet::from(&world.app);
    sqlx::raw_sql("drop table sensitive_fields; delete from _sqlx_migrations where version = 39")
        .execute(&mut owner(&world, "globex").await)
        .await
        .expect("as a release from before has left it");
    let look = async || {
        fleet::look_around(&fleet).await.expect("looked");
        fleet::count(&fleet, &world.app.figures).await.expect("counted");
        (world.app.figures.schemas_behind.get(), world.app.figures.schemas_drifted.get())
    };
    assert_eq!(look().await, (1, 0));
    // A release from before says the greatest number alone: it is looked at anew, and not counted as behind until then.
    world.sql("update tenant_schemas set versions = null").await;
    fleet::count(&fleet, &world.app.figures).await.expect("counted");
    assert_eq!(world.app.figures.schemas_behind.get(), 0);
    assert_eq!(look().await, (1, 0));
    clean(&world).await;
}

#[tokio::test]
async fn a_schema_that_is_not_a_new_ones_is_noticed_within_a_day() {
    let world = grown(&["acme", "globex"]).await;
    let fleet = Fleet::from(&world.app);
    let look = async || {
        fleet::look_around(&fleet).await.expect("looked");
        fleet::count(&fleet, &world.app.figures).await.expect("counted");
        (world.app.figures.schemas_behind.get(), world.app.figures.schemas_drifted.get())
    };
    assert_eq!(look().await, (0, 0));
    assert_eq!(world.count("select count(*) from tenant_schemas").await, 2);
    sqlx::raw_sql("create index by_hand on users (lastname)").execute(&mut owner(&world, "acme").await).await.expect("by hand");
    sqlx::raw_sql("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&mut owner(&world, "globex").await)
        .await
        .expect("behind");
    assert_eq!(look().await, (0, 0), "seen a moment ago");
    world.travel(TimeDelta::hours(25));
    assert_eq!(look().await, (1, 1));
    let ahead = Arc::new(with(&[TABLE]));
    assert_eq!(ahead.newest(), 100);
    clean(&world).await;
}
