//! Which values of custom fields a ticket may have.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde_json::{Map, Value};
use shared::FieldError;

use super::model::{Field, FieldType};

/// Longest text.
const LONGEST: usize = 4000;

/// Who gives values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A customer, of what they see.
    Customer,
    /// Somebody of the staff, of everything.
    Staff,
}

/// The values to be kept of those that are given, or each that is wrong. `category` is the ticket's, if it is a
/// defined one. Null is no value. Where no field is defined, anything goes.
pub fn settle(fields: &[Field], category: Option<i64>, side: Side, given: &Value, before: &Value) -> Result<Value, Vec<FieldError>> {
    if fields.is_empty() {
        return Ok(given.clone());
    }
    let (mut kept, mut wrong) = (Map::new(), Vec::new());
    let of_this =
        |field: &&Field| field.category_id.is_none_or(|of| category == Some(of)) && (side == Side::Staff || field.visible_to_customers);
    for (key, value) in given.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let field = fields.iter().filter(of_this).find(|field| field.key == *key);
        match field.map(|field| fits(field, value)) {
            _ if before.get(key) == Some(value) => drop(kept.insert(key.clone(), value.clone())),
            Some(Ok(())) => drop(kept.insert(key.clone(), value.clone())),
            Some(Err((code, why))) => wrong.push(FieldError::new(format!("custom_fields.{key}"), code, why)),
            None => wrong.push(FieldError::new(format!("custom_fields.{key}"), "unknown_field", "There is no such field here.")),
        }
    }
    for field in fields.iter().filter(of_this) {
        let required = if side == Side::Staff { field.required_for_agents } else { field.required_for_customers };
        let is_told = wrong.iter().any(|error| error.field.strip_prefix("custom_fields.") == Some(&field.key));
        if required && !is_told && kept.get(&field.key).is_none_or(is_empty) {
            wrong.push(FieldError::new(format!("custom_fields.{}", field.key), "required", "This is required."));
        }
    }
    if wrong.is_empty() { Ok(Value::Object(kept)) } else { Err(wrong) }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn fits(field: &Field, value: &Value) -> Result<(), (&'static str, &'static str)> {
    let invalid = |right: bool, why| if right { Ok(()) } else { Err(("invalid", why)) };
    let is_option = |value: &Value| value.as_str().is_some_and(|text| field.options.iter().any(|option| option == text));
    match field.kind {
        FieldType::Text => match value.as_str() {
            Some(text) if text.chars().count() > LONGEST => Err(("too_long", "At most 4000 characters.")),
            text => invalid(text.is_some(), "A text."),
        },
        FieldType::Number => invalid(value.is_number(), "A number."),
        FieldType::Boolean => invalid(value.is_boolean(), "True or false."),
        FieldType::Date => invalid(value.as_str().is_some_and(is_day), "A day, as 2026-03-02."),
        FieldType::Select if is_option(value) => Ok(()),
        FieldType::Select => Err(("unknown_value", "One of the options.")),
        FieldType::MultiSelect => {
            let items = value.as_array().ok_or(("invalid", "A list of options."))?;
            if !items.iter().all(is_option) {
                return Err(("unknown_value", "Options only."));
            }
            let mut met = HashSet::new();
            invalid(items.iter().filter_map(Value::as_str).all(|item| met.insert(item)), "Each option once.")
        }
    }
}

fn is_day(text: &str) -> bool {
    let is_plain = text.bytes().enumerate().all(|(n, byte)| if n == 4 || n == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    text.len() == 10 && is_plain && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::categories::model::Labels;

    fn field(key: &str, kind: FieldType) -> Field {
        Field {
            id: 1,
            key: key.into(),
            labels: Labels { fr: key.into(), en: key.into() },
            kind,
            options: vec!["red".into(), "blue".into()],
            required_for_customers: false,
            required_for_agents: false,
            visible_to_customers: true,
            sensitive: false,
            category_id: None,
            position: 0,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn told(result: Result<Value, Vec<FieldError>>) -> String {
        match result {
            Ok(kept) => kept.to_string(),
            Err(wrong) => {
                wrong.iter().map(|e| format!("{} {}", e.field.replace("custom_fields.", ""), e.code)).collect::<Vec<_>>().join(", ")
            }
        }
    }

    #[test]
    fn each_type_takes_its_values_and_no_others() {
        let long = "x".repeat(4001);
        for (kind, value, code) in [
            (FieldType::Text, json!("a"), ""),
            (FieldType::Text, json!(1), "invalid"),
            (FieldType::Text, json!(long), "too_long"),
            (FieldType::Number, json!(1.5), ""),
            (FieldType::Number, json!("1"), "invalid"),
            (FieldType::Boolean, json!(false), ""),
            (FieldType::Boolean, json!("true"), "invalid"),
            (FieldType::Date, json!("2028-02-29"), ""),
            (FieldType::Date, json!("2026-02-29"), "invalid"),
            (FieldType::Date, json!("2026-2-9"), "invalid"),
            (FieldType::Date, json!("+2026-02-9"), "invalid"),
            (FieldType::Select, json!("red"), ""),
            (FieldType::Select, json!("Red"), "unknown_value"),
            (FieldType::Select, json!(["red"]), "unknown_value"),
            (FieldType::MultiSelect, json!(["red", "blue"]), ""),
            (FieldType::MultiSelect, json!([]), ""),
            (FieldType::MultiSelect, json!(["red", "red"]), "invalid"),
            (FieldType::MultiSelect, json!(["green"]), "unknown_value"),
            (FieldType::MultiSelect, json!("red"), "invalid"),
        ] {
            let settled = settle(&[field("f", kind)], None, Side::Customer, &json!({ "f": value }), &json!({}));
            let expected = if code.is_empty() { json!({ "f": value }).to_string() } else { format!("f {code}") };
            assert_eq!(told(settled), expected, "{kind:?} {value}");
        }
    }

    #[test]
    fn a_long_list_is_judged_in_the_time_of_its_length() {
        let strange: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        let begun = std::time::Instant::now();
        let settled = settle(&[field("f", FieldType::MultiSelect)], None, Side::Staff, &json!({ "f": strange }), &json!({}));
        assert_eq!((told(settled).as_str(), begun.elapsed().as_secs() < 5), ("f unknown_value", true));
    }

    #[test]
    fn what_is_unknown_missing_or_of_another_category_is_named_and_what_stands_there_may_stay() {
        let serial = Field { required_for_customers: true, ..field("serial", FieldType::Text) };
        let secret = Field { visible_to_customers: false, required_for_agents: true, ..field("secret", FieldType::Text) };
        let model = Field { category_id: Some(7), required_for_agents: true, ..field("model", FieldType::Select) };
        let fields = [serial, secret, model];
        let (nothing, old) = (json!({}), json!({ "old": 1, "model": "gone" }));
        for (category, side, given, before, expected) in [
            (None, Side::Customer, json!({ "serial": "a" }), &nothing, r#"{"serial":"a"}"#),
            (None, Side::Customer, json!({}), &nothing, "serial required"),
            (None, Side::Customer, json!({ "serial": " " }), &nothing, "serial required"),
            (None, Side::Customer, json!({ "serial": null }), &nothing, "serial required"),
            (None, Side::Customer, json!({ "serial": 1 }), &nothing, "serial invalid"),
            (None, Side::Customer, json!({ "serial": "a", "secret": "b" }), &nothing, "secret unknown_field"),
            (None, Side::Customer, json!({ "serial": "a", "model": "red" }), &nothing, "model unknown_field"),
            (Some(7), Side::Customer, json!({ "serial": "a", "model": "red" }), &nothing, r#"{"model":"red","serial":"a"}"#),
            (None, Side::Staff, json!({ "colour": 1, "secret": "b" }), &nothing, "colour unknown_field"),
            (None, Side::Staff, json!({ "secret": "b" }), &nothing, r#"{"secret":"b"}"#),
            (Some(7), Side::Staff, json!({}), &nothing, "secret required, model required"),
            (Some(8), Side::Staff, json!({ "secret": "b", "old": 1, "model": "gone" }), &old, r#"{"model":"gone","old":1,"secret":"b"}"#),
            (Some(8), Side::Staff, json!({ "secret": "b", "old": 2 }), &old, "old unknown_field"),
        ] {
            assert_eq!(told(settle(&fields, category, side, &given, before)), expected, "{side:?} {category:?} {given}");
        }
        let anything = json!({ "any": [{ "thing": null }] });
        assert_eq!(settle(&[], None, Side::Customer, &anything, &nothing).expect("free"), anything);
    }
}
