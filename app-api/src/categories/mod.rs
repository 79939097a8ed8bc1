//! Categories: what tickets may be about; and custom fields: what is asked of them besides.
//!
//! An organisation that has defined no category takes any word for one, as before; once it has defined one, tickets
//! name one of its active ones, in capitals or not. An organisation that has defined no field takes any values;
//! once it has defined one, values are given for its fields only: of the right type, for a field of all
//! categories or of the ticket's, none missing that is required of whoever writes. A value that stands in
//! the ticket already may stay as it is, whatever was defined since. What customers do not see they neither
//! give nor read. What is sensitive is sealed wherever tickets have it (SEC-20). Whatever tickets still name is put away instead of taken out, and no new ticket has it.

mod category_routes;
mod field_routes;
mod fields;
mod known;
mod model;
mod store;
mod values;

use serde_json::{Map, Value};
use shared::{Error, Result};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use known::{Known, Named};
pub use model::{Category, Field};
pub use store::{Sensitive, Unsealed};
pub use values::Side;

use crate::{app::App, people::TeamId};

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(category_routes::create_category, category_routes::list_categories))
        .routes(routes!(category_routes::show_category, category_routes::edit_category, category_routes::delete_category))
        .routes(routes!(field_routes::create_custom_field, field_routes::list_custom_fields))
        .routes(routes!(field_routes::show_custom_field, field_routes::edit_custom_field, field_routes::delete_custom_field))
}

/// A category and values that somebody gives, and what stood there before.
pub struct Asked<'a> {
    /// The category's word.
    pub category: Option<&'a str>,
    /// The one before.
    pub category_before: Option<&'a str>,
    /// The values by key.
    pub values: &'a Value,
    /// Those before.
    pub values_before: &'a Value,
    /// Values that cannot be read just now: they stay, so nobody is asked for them.
    pub unopened: &'a Map<String, Value>,
    /// Who gives them.
    pub side: Side,
}

/// What category and values come to.
pub struct Settled {
    /// The category as it is written.
    pub category: Option<String>,
    /// Whose queue the category leads to.
    pub team_id: Option<TeamId>,
    /// What somebody must know for it.
    pub skills: Vec<String>,
    /// The values to be kept.
    pub values: Value,
}

/// Checks a category and values against what the organisation has defined: `422` naming each that is wrong.
pub async fn settle(db: &mut PgConnection, asked: &Asked<'_>) -> Result<Settled> {
    let known = match asked.category {
        Some(word) => store::known(db, word).await?,
        None => None,
    };
    if let Some(word) = asked.category
        && asked.category_before != Some(word)
        && !known.as_ref().is_some_and(|known| known.active)
        && store::has_categories(db).await?
    {
        return Err(Error::field("category", "unknown_value", "There is no such category."));
    }
    let mut fields = store::defined(db).await?;
    for field in fields.iter_mut().filter(|field| asked.unopened.contains_key(&field.key)) {
        (field.required_for_customers, field.required_for_agents) = (false, false);
    }
    let id = known.as_ref().map(|known| known.id);
    let values = values::settle(&fields, id, asked.side, asked.values, asked.values_before).map_err(Error::Invalid)?;
    let category = known.as_ref().map(|known| known.name.clone()).or_else(|| asked.category.map(str::to_owned));
    let (team_id, skills) = known.map(|known| (known.team_id, known.skills)).unwrap_or_default();
    Ok(Settled { category, team_id, skills, values })
}

/// All that tickets which come from elsewhere are held against.
pub async fn known(db: &mut PgConnection) -> Result<Known> {
    Ok(Known { categories: store::all(&mut *db).await?, fields: store::defined(db).await? })
}

/// The keys of all fields that were ever defined, in the order in which they are shown.
pub async fn keys(db: &mut PgConnection) -> Result<Vec<String>> {
    store::field_keys(db).await
}

/// Those of these keys under which tickets have sealed values only.
pub async fn sensitive(db: &mut PgConnection, keys: &[String]) -> Result<Sensitive> {
    // Most tickets have no values at all.
    if keys.is_empty() { Ok(Sensitive::new()) } else { store::sensitive(db, keys).await }
}

/// The field that waits longest for its values from before to be sealed; nobody else gets it before the act ends.
pub async fn unsealed(db: &mut PgConnection) -> Result<Option<Unsealed>> {
    store::unsealed(db).await
}

/// Remembers up to which ticket values under that key are sealed; none: everywhere.
pub async fn sealed_up_to(db: &mut PgConnection, key: &str, last: Option<i64>) -> Result<()> {
    store::sealed_up_to(db, key, last).await
}

/// What somebody must know for tickets of that category.
pub async fn skills(db: &mut PgConnection, category: Option<&str>) -> Result<Vec<String>> {
    let Some(word) = category else { return Ok(Vec::new()) };
    Ok(store::known(db, word).await?.map(|known| known.skills).unwrap_or_default())
}
