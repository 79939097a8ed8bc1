//! A custom field to be defined or changed, and what must hold of it.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{Error, Result, act::Act, db::Lent};
use utoipa::ToSchema;

use super::{
    category_routes::given,
    model::{Field, FieldType, Key, Labels, NewLabels, Options},
    store::{self, FieldRow},
};

/// So many an organisation has at most.
const MOST: i64 = 500;

/// A custom field to be defined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewField {
    /// The key in a ticket's `custom_fields`; it never changes.
    pub key: Key,
    /// What people read.
    pub labels: NewLabels,
    /// Of which kind its values are; that never changes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// What may be chosen; for `select` and `multi_select`, which need one.
    #[serde(default)]
    options: Options,
    /// Whether customers must give it.
    #[serde(default)]
    required_for_customers: bool,
    /// Whether the staff must give it.
    #[serde(default)]
    required_for_agents: bool,
    /// Whether customers give and read it; no unless told.
    #[serde(default)]
    visible_to_customers: bool,
    /// Whether its values are sealed (SEC-20); once true it stays so.
    #[serde(default)]
    pub sensitive: bool,
    /// Of which category's tickets it is; of all unless told.
    category_id: Option<i64>,
    /// Where it stands among the others.
    #[serde(default)]
    position: i32,
}

impl NewField {
    /// As it is to be kept.
    pub fn row<'a>(&'a self, labels: &'a Labels) -> FieldRow<'a> {
        FieldRow {
            labels,
            options: self.options.as_slice(),
            required_for_customers: self.required_for_customers,
            required_for_agents: self.required_for_agents,
            visible_to_customers: self.visible_to_customers,
            category_id: self.category_id,
            position: self.position,
        }
    }
}

/// What of a custom field shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditField {
    /// What people read.
    labels: Option<NewLabels>,
    /// What may be chosen. Tickets keep what was chosen before.
    options: Option<Options>,
    /// Whether customers must give it.
    required_for_customers: Option<bool>,
    /// Whether the staff must give it.
    required_for_agents: Option<bool>,
    /// Whether customers give and read it.
    visible_to_customers: Option<bool>,
    /// True has its values sealed, those that tickets have already by and by; said again, what an older release wrote meanwhile, too.
    /// A sensitive field stays one: false is `422` there.
    sensitive: Option<bool>,
    /// Of which category's tickets it is; null for all.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    category_id: Option<Option<i64>>,
    /// Where it stands among the others.
    position: Option<i32>,
}

impl EditField {
    /// Whether its values are to be sealed that are not; `422` where sealed ones shall not be any more.
    pub fn marks(&self, before: &Field) -> Result<bool> {
        match self.sensitive {
            Some(false) if before.sensitive => Err(Error::field("sensitive", "invalid", "A sensitive field stays one.")),
            asked => Ok(asked == Some(true)),
        }
    }

    /// What people will read.
    pub fn labels(&self, before: &Field) -> Labels {
        self.labels.as_ref().map_or_else(|| before.labels.clone(), NewLabels::shown)
    }

    /// As it is to be kept.
    pub fn row<'a>(&'a self, before: &'a Field, labels: &'a Labels) -> FieldRow<'a> {
        FieldRow {
            labels,
            options: self.options.as_ref().map_or(&before.options, Options::as_slice),
            required_for_customers: self.required_for_customers.unwrap_or(before.required_for_customers),
            required_for_agents: self.required_for_agents.unwrap_or(before.required_for_agents),
            visible_to_customers: self.visible_to_customers.unwrap_or(before.visible_to_customers),
            category_id: self.category_id.unwrap_or(before.category_id),
            position: self.position.unwrap_or(before.position),
        }
    }
}

/// Refuses a field that nobody could fill in.
pub(super) async fn check(act: &mut Act, kind: FieldType, row: &FieldRow<'_>) -> Result<()> {
    if kind.has_options() == row.options.is_empty() {
        let (code, why) = if kind.has_options() { ("required", "Say what may be chosen.") } else { ("invalid", "Nothing is chosen here.") };
        return Err(Error::field("options", code, why));
    }
    if row.required_for_customers && !row.visible_to_customers {
        return Err(Error::field("required_for_customers", "invalid", "Customers cannot give what they do not see."));
    }
    match row.category_id {
        Some(id) if !store::is_category(act.db(), id).await? => {
            Err(Error::field("category_id", "unknown_value", "There is no such category."))
        }
        _ => Ok(()),
    }
}

/// Refuses one more than an organisation may have: each ticket is held against all of them.
pub(super) async fn must_have_room(act: &mut Act) -> Result<()> {
    let full = || Error::conflict("conflict", format!("There are {MOST} already."));
    if store::count_fields(act.db(), true).await? < MOST { Ok(()) } else { Err(full()) }
}

/// Has the values of that key be sealed from now on; `503` as long as the organisation has no key for that, or another one than that
/// which has sealed before.
pub(super) async fn mark(act: &mut Act, key: &str) -> Result<()> {
    if let Some(given) = store::proof(act.db()).await? {
        act.fields()?.proven(&given)?;
    }
    let (now, proof) = (act.now(), act.fields()?.proof()?);
    store::mark(act.db(), key, &proof, now).await
}

/// What event and trail say of a field.
pub(super) fn told(field: &Field) -> Value {
    json!({
        "key": field.key,
        "labels": field.labels,
        "type": field.kind,
        "options": field.options,
        "required_for_customers": field.required_for_customers,
        "required_for_agents": field.required_for_agents,
        "visible_to_customers": field.visible_to_customers,
        "sensitive": field.sensitive,
        "category_id": field.category_id,
        "position": field.position,
    })
}
