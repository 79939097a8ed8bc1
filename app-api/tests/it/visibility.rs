//! The predicate in SQL and the one on facts are the same: walked over the whole grid.

use app_api::tickets::{Sight, Viewer};
use shared::session::Role;

use crate::world::TestApp;

#[tokio::test]
async fn what_a_list_shows_is_what_the_rule_says() {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for role in Role::ALL {
        for n in 0..2 {
            people.push((app.acme.person(&format!("{}{n}", role.as_str()), role).await, role));
        }
    }
    let (customers, agents) = ([people[0].0.clone(), people[1].0.clone()], [people[2].0.clone(), people[3].0.clone()]);
    let mut tickets = Vec::new();
    for customer in &customers {
        for assignee in [None, Some(agents[0].id), Some(agents[1].id)] {
            let id = customer.opens("x").await;
            if assignee.is_some() {
                agents[0].assigns(id, assignee).await.expect(200);
            }
            tickets.push((id, Sight { user_id: customer.id, assigned_to: assignee }));
        }
    }
    for (caller, role) in &people {
        let viewer = Viewer::of(caller.id, *role);
        let listed: Vec<i64> =
            caller.get("/api/v1/tickets").await.expect(200)["data"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
        for (id, sight) in &tickets {
            let seen = viewer.sees(sight);
            assert_eq!(listed.contains(id), seen, "{role:?} {sight:?}");
            assert_eq!(
                caller.get(&format!("/api/v1/tickets/{id}")).await.status.as_u16(),
                if seen { 200 } else { 404 },
                "{role:?} {sight:?}"
            );
        }
    }
    app.drain().await;
}
