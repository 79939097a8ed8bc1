//! What a row may say of a change: secrets not at all, people by their ids. A row is never changed
//! afterwards, so nothing goes in that somebody may one day want forgotten.

use serde_json::{Map, Value, json};

const HIDDEN: &str = "•••";
/// Words in a field's name that make it a secret.
const SECRET: [&str; 7] = ["password", "secret", "token", "code", "credential", "private", "cookie"];
/// Fields that say who somebody is; ids do that in the trail.
const PERSONAL: [&str; 5] = ["firstname", "lastname", "email", "to_address", "phone"];

/// The same with secrets and personal details hidden, at any depth.
pub fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(name, value)| hide(name, value)).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        plain => plain,
    }
}

fn hide(name: String, value: Value) -> (String, Value) {
    let secret = SECRET.iter().any(|word| name.contains(word)) || PERSONAL.contains(&name.as_str());
    let value = if secret && !value.is_null() { json!(HIDDEN) } else { masked(value) };
    (name, value)
}

/// What of two states differs, as `{before, after}`; ids stand in both to say what it is about.
pub fn difference(before: &Value, after: &Value) -> Value {
    let (old, new) = (before.as_object(), after.as_object());
    let empty = Map::new();
    let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
    let of = |side: &Map<String, Value>, other: &Map<String, Value>| {
        let differs = side.iter().filter(|(name, value)| other.get(*name) != Some(value));
        masked(Value::Object(differs.map(|(name, value)| (name.clone(), value.clone())).collect()))
    };
    json!({ "before": of(old, new), "after": of(new, old) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_names_are_hidden_at_any_depth_and_absence_stays_absence() {
        let said =
            json!({ "role": "agent", "new_password": "x", "totp_secret": null, "inner": [{ "email": "a@b.c", "code": 7 }], "id": 4 });
        let shown =
            json!({ "role": "agent", "new_password": "•••", "totp_secret": null, "inner": [{ "email": "•••", "code": "•••" }], "id": 4 });
        assert_eq!(masked(said), shown);
    }

    #[test]
    fn only_what_differs_is_told_and_a_hidden_change_still_shows_as_one() {
        let (before, after) = (json!({ "a": 1, "b": 2, "lastname": "X" }), json!({ "a": 1, "b": 3, "lastname": "Y", "c": 4 }));
        let told = json!({ "before": { "b": 2, "lastname": "•••" }, "after": { "b": 3, "lastname": "•••", "c": 4 } });
        assert_eq!(difference(&before, &after), told);
        assert_eq!(difference(&before, &before), json!({ "before": {}, "after": {} }));
    }
}
