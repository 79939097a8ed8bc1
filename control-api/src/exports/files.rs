//! Which files go into an archive: nobody gets one by it that nobody gets otherwise. What is on its way, was not looked at for malware,
//! was found infected or was taken away stays out.

use shared::{Result, storage::prefix_of};
use uuid::Uuid;

use super::store;
use crate::{app::App, backups::Reach};

/// Where pieces lie of what is on its way.
const COMING: &str = "temp/";
/// Where files of tickets lie, and previews of them.
const OF_TICKETS: &str = "tickets/";

/// Those of these objects of a tenant that may be given away, in their order.
pub async fn to_be_given(app: &App, tenant: Uuid, keys: Vec<String>) -> Result<Vec<String>> {
    let prefix = prefix_of(tenant);
    let is_below = |key: &String, folder: &str| key.strip_prefix(&prefix).is_some_and(|rest| rest.starts_with(folder));
    let of_tickets: Vec<String> = keys.iter().filter(|key| is_below(key, OF_TICKETS)).cloned().collect();
    let sound = if of_tickets.is_empty() {
        Vec::new()
    } else {
        store::sound(&mut Reach::of_tenant(app, tenant).await?.connect().await?, &of_tickets).await?
    };
    let may = |key: &String| !is_below(key, COMING) && (!is_below(key, OF_TICKETS) || sound.contains(key));
    Ok(keys.into_iter().filter(may).collect())
}
