//! Two tenants that go at once.

use std::{pin::pin, time::Duration};

use control_api::{deletion::purge, jobs};
use tokio::time::timeout;
use uuid::Uuid;

use super::{held::id_of, is_due, job, provisioned, walk_to};
use crate::provisioning::{clean, real};

#[tokio::test]
async fn the_account_of_whoever_belongs_to_both_goes_with_the_later_one() {
    let world = real().await;
    let (acme, _) = (provisioned(&world, "acme").await, provisioned(&world, "globex").await);
    world.register("globex", "chloe@acme.example").await.expect(202);
    world.verify("chloe@acme.example").await;
    world.register("acme", "chloe@acme.example").await.expect(202);
    world.verify("chloe@acme.example").await;
    let chloe = "select count(*) from users where email = 'chloe@acme.example'";
    assert_eq!(world.count("select count(*) from memberships m join users u on u.id = m.user_id where u.email like 'chloe%'").await, 2);
    is_due(&world, &acme).await;
    purge::begin_due(&world.app).await.expect("begun");
    let holder = Uuid::now_v7();
    let at_people = walk_to(&world, holder, "people").await;
    // Globex's purge has just done the same, and is about to commit.
    let mut other = world.app.db.pool().begin().await.expect("a transaction");
    sqlx::query("select from users where email = 'chloe@acme.example' for no key update").execute(&mut *other).await.expect("held");
    sqlx::query("delete from memberships where tenant_id = $1 and user_id = (select id from users where email = 'chloe@acme.example')")
        .bind(id_of(&world, "globex").await)
        .execute(&mut *other)
        .await
        .expect("left");
    let performed = purge::perform(&world.app, &at_people).await.expect("done");
    {
        let mut going = pin!(jobs::settle(&world.app, &at_people, &performed));
        assert!(timeout(Duration::from_millis(500), &mut going).await.is_err(), "it waits");
        other.commit().await.expect("committed");
        going.await.expect("noted").expect("ours");
    }
    assert_eq!(world.count(chloe).await, 0);
    world.travel(chrono::TimeDelta::seconds(16));
    jobs::work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(job(&world).await, ("record".into(), None, true));
    clean(&world).await;
}
