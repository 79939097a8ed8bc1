//! What is counted is what the page for operators says.

use control_api::router::{figures, limits};
use shared::testing::page;

use crate::world::World;

#[tokio::test]
async fn the_page_tells_of_every_figure_and_of_no_other() {
    let world = World::empty().await;
    let (registry, ..) = figures(&world.app, &limits(&world.app)).expect("figures");
    page::tells_of(&registry, "control");
}

#[test]
fn whoever_is_woken_is_woken_by_figures_that_are_there() {
    page::alerts_are_about_figures();
}
