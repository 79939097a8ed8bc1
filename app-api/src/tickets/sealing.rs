//! What is sealed of a ticket: the values of sensitive fields (T-1, SEC-20). In the database they stand beside the others, each under
//! the organisation's own key; history and audit trail say that they changed, and nothing of what they are.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    db::Lent,
    tenancy::Tenant,
};

use super::{store, timers::Left};
use crate::categories::{self, Sensitive, Unsealed};

/// Tickets of one batch.
const BATCH: i64 = 200;
/// Whoever did not know yet that a field is sensitive has written what they write within this time.
const SETTLED: TimeDelta = TimeDelta::minutes(1);
/// What is told in the place of a value, and of one that came in another's place.
const TOLD: [&str; 2] = ["sealed", "sealed anew"];

/// Values of custom fields as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// Those that anybody may read who reads the database.
    pub clear: Value,
    /// The others, sealed.
    pub sealed: Value,
}

impl Kept {
    /// The same with sealed values that nobody could open: they are bound to no ticket, and go on as they are.
    pub fn with(mut self, unopened: &Map<String, Value>) -> Self {
        if let Value::Object(sealed) = &mut self.sealed {
            sealed.extend(unopened.clone());
        }
        self
    }
}

/// Which of the keys under which these have values are sensitive.
pub(super) async fn sensitive(act: &mut Act, values: impl IntoIterator<Item = &Value>) -> Result<Sensitive> {
    let keys: BTreeSet<&String> = values.into_iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
    let keys: Vec<String> = keys.into_iter().cloned().collect();
    categories::sensitive(act.db(), &keys).await
}

/// Values of a ticket as they are to be kept.
pub(super) async fn keep(act: &mut Act, values: &Value) -> Result<Kept> {
    let sensitive = sensitive(act, [values]).await?;
    part(act, values, &sensitive)
}

/// The same where it is known which keys are sensitive. Without any, nothing is asked for a key.
pub(super) fn part(act: &Act, values: &Value, sensitive: &Sensitive) -> Result<Kept> {
    parted(values, sensitive, |field, proof, value| act.fields()?.proven(proof)?.seal(field, value))
}

fn parted(values: &Value, sensitive: &Sensitive, seal: impl Fn(&str, &str, &Value) -> Result<String>) -> Result<Kept> {
    let (mut clear, mut sealed) = (Map::new(), Map::new());
    for (field, value) in values.as_object().into_iter().flatten() {
        if let Some(proof) = sensitive.get(field) {
            sealed.insert(field.clone(), seal(field, proof, value)?.into());
        } else {
            clear.insert(field.clone(), value.clone());
        }
    }
    Ok(Kept { clear: clear.into(), sealed: sealed.into() })
}

/// Refuses a new value in the place of one that nobody can read just now: `503` without the key, `409` where it does not open.
pub(super) fn must_overwrite_nothing(act: &Act, unopened: &Map<String, Value>, to: &Value) -> Result<()> {
    let Some(field) = unopened.keys().find(|field| to.get(field.as_str()).is_some()) else { return Ok(()) };
    act.fields()?;
    Err(Error::conflict("conflict", format!("The value of {field} cannot be read now, so it is not overwritten.")))
}

/// What is told of values before and after a change. Pure.
pub(super) fn told(before: &Value, after: &Value, sensitive: &Sensitive) -> [Value; 2] {
    let is_new = |field: &str| before.get(field).is_some() && before.get(field) != after.get(field);
    [masked(before, sensitive, |_| TOLD[0]), masked(after, sensitive, |field| TOLD[usize::from(is_new(field))])]
}

fn masked(values: &Value, sensitive: &Sensitive, word: impl Fn(&str) -> &'static str) -> Value {
    let mut values = values.clone();
    for field in sensitive.keys() {
        if let Some(value) = values.get_mut(field) {
            *value = json!(word(field));
        }
    }
    values
}

/// Seals one batch of values that were there before their field was sensitive, in tickets and in what their history tells.
pub async fn seal_old(tenant: &Tenant, clock: &Clock) -> Result<Left> {
    tenant.db.act(Author::system("sealing"), clock, async |act| seal_some(act).await).await
}

async fn seal_some(act: &mut Act) -> Result<Left> {
    let Some(Unsealed { key: field, proof, marked_at, after }) = categories::unsealed(act.db()).await? else { return Ok(Left::Nothing) };
    let wait = marked_at + SETTLED - act.now();
    if wait > TimeDelta::zero() {
        return Ok(Left::After(wait));
    }
    let rows = store::values_under(act.db(), &field, (after, BATCH)).await?;
    let last = rows.last().map(|(id, _)| *id).filter(|_| rows.len() as i64 == BATCH);
    let (mut ids, mut sealed) = (Vec::new(), Vec::new());
    for (id, value) in &rows {
        if let Some(value) = value {
            ids.push(*id);
            sealed.push(act.fields()?.proven(&proof)?.seal(&field, value)?);
        }
    }
    if !ids.is_empty() {
        store::put_sealed(act.db(), &field, (&ids, &sealed)).await?;
    }
    let looked_at: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    store::mask_history(act.db(), &field, (&looked_at, TOLD[0])).await?;
    categories::sealed_up_to(act.db(), &field, last).await?;
    Ok(Left::More)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Sensitive {
        ["iban", "diagnosis"].map(|key| (key.to_owned(), "proof".to_owned())).into()
    }

    #[test]
    fn what_is_sensitive_is_sealed_and_the_rest_is_not() {
        let values = json!({ "iban": "FR76", "serial": "4711", "any": { "iban": 1 } });
        let kept = parted(&values, &keys(), |field, proof, value| Ok(format!("<{field} {proof} {value}>"))).expect("parted");
        assert_eq!(kept.clear, json!({ "serial": "4711", "any": { "iban": 1 } }));
        assert_eq!(kept.sealed, json!({ "iban": "<iban proof \"FR76\">" }));
        let none = parted(&values, &Sensitive::new(), |_, _, _| panic!("nothing is sealed")).expect("parted");
        assert_eq!((none.clear, none.sealed), (values, json!({})));
    }

    #[test]
    fn of_a_sensitive_value_it_is_told_that_it_changed_and_not_what_it_is() {
        for (before, after, expected) in [
            (json!({ "iban": "A" }), json!({ "iban": "A" }), [json!({ "iban": "sealed" }), json!({ "iban": "sealed" })]),
            (json!({ "iban": "A" }), json!({ "iban": "B" }), [json!({ "iban": "sealed" }), json!({ "iban": "sealed anew" })]),
            (json!({}), json!({ "iban": "B", "serial": "1" }), [json!({}), json!({ "iban": "sealed", "serial": "1" })]),
            (json!({ "iban": "A" }), json!({}), [json!({ "iban": "sealed" }), json!({})]),
        ] {
            assert_eq!(told(&before, &after, &keys()), expected, "{before} {after}");
        }
    }
}
