//! What tickets that come from elsewhere are held against, read once for many of them. They were not asked for what is
//! required here, and a table has texts where a field has numbers or options: those are read as the field's type. Pure.

use serde_json::{Map, Value};
use shared::FieldError;

use super::{
    model::{Category, Field, FieldType},
    values::{self, Side},
};
use crate::people::TeamId;

/// The categories and fields of an organisation.
pub struct Known {
    pub(super) categories: Vec<Category>,
    pub(super) fields: Vec<Field>,
}

/// A category by its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its id, if it is a defined one.
    pub id: Option<i64>,
    /// As it is written.
    pub name: String,
    /// Whose queue it leads to.
    pub team_id: Option<TeamId>,
}

impl Known {
    /// Those of an organisation that has defined none.
    #[cfg(test)]
    pub fn none() -> Self {
        Self { categories: Vec::new(), fields: Vec::new() }
    }

    /// The category of that word, in capitals or not, active or not; any word where none is defined.
    pub fn category(&self, word: &str) -> Option<Named> {
        let same = |category: &&Category| category.name.to_lowercase() == word.to_lowercase();
        match self.categories.iter().find(same) {
            Some(found) => Some(Named { id: Some(found.id), name: found.name.clone(), team_id: found.team_id }),
            None if self.categories.is_empty() => Some(Named { id: None, name: word.to_owned(), team_id: None }),
            None => None,
        }
    }

    /// The values to be kept of those that are given to a ticket of that category, or each that is wrong.
    pub fn values(&self, category: Option<i64>, given: &Map<String, Value>) -> Result<Value, Vec<FieldError>> {
        let lenient: Vec<Field> =
            self.fields.iter().map(|field| Field { required_for_agents: false, required_for_customers: false, ..field.clone() }).collect();
        let read = |(key, value): (&String, &Value)| {
            let field = self.fields.iter().find(|field| field.key == *key);
            let value = match (field, value) {
                (Some(field), Value::String(text)) => read(field, text),
                _ => value.clone(),
            };
            (key.clone(), value)
        };
        let given = Value::Object(given.iter().map(read).collect());
        values::settle(&lenient, category, Side::Staff, &given, &Value::Null)
    }
}

/// A text as a field's value; as it is where it is none.
fn read(field: &Field, text: &str) -> Value {
    let trimmed = text.trim();
    let as_it_is = || Value::from(text);
    match field.kind {
        _ if trimmed.is_empty() => Value::Null,
        FieldType::Text => as_it_is(),
        FieldType::Date | FieldType::Select => Value::from(trimmed),
        FieldType::Number => trimmed.parse::<serde_json::Number>().map_or_else(|_| as_it_is(), Value::Number),
        FieldType::Boolean => match trimmed.to_lowercase().as_str() {
            "true" | "yes" | "oui" | "vrai" | "1" => Value::Bool(true),
            "false" | "no" | "non" | "faux" | "0" => Value::Bool(false),
            _ => as_it_is(),
        },
        FieldType::MultiSelect => trimmed.split([',', ';']).map(|option| Value::from(option.trim())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::categories::model::Labels;

    fn labels() -> Labels {
        Labels { fr: "Un".into(), en: "One".into() }
    }

    fn category(id: i64, name: &str, active: bool) -> Category {
        let at = DateTime::UNIX_EPOCH;
        let (name, team_id) = (name.to_owned(), Some(7));
        Category {
            id,
            name,
            labels: labels(),
            active,
            position: 0,
            team_id,
            skills: Vec::new(),
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    fn field(key: &str, kind: FieldType) -> Field {
        Field {
            id: 1,
            key: key.into(),
            labels: labels(),
            kind,
            options: vec!["red".into(), "blue".into()],
            required_for_customers: true,
            required_for_agents: true,
            visible_to_customers: true,
            sensitive: false,
            category_id: None,
            position: 0,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_category_is_a_defined_one_however_it_is_written_or_any_where_none_is_defined() {
        let known = Known { categories: vec![category(1, "Billing", true), category(2, "Old", false)], fields: Vec::new() };
        for (word, found) in [("billing", Some((Some(1), "Billing"))), ("OLD", Some((Some(2), "Old"))), ("fire", None)] {
            let named = known.category(word);
            assert_eq!(named.as_ref().map(|named| (named.id, named.name.as_str())), found, "{word}");
        }
        let free = Known { categories: Vec::new(), fields: Vec::new() };
        assert_eq!(free.category("Fire"), Some(Named { id: None, name: "Fire".into(), team_id: None }));
    }

    #[test]
    fn texts_are_read_as_their_fields_type_and_nothing_is_required() {
        use FieldType::{Boolean, Date, MultiSelect, Number, Select, Text};
        for (kind, text, expected) in [
            (Text, "a", Ok(json!({ "f": "a" }))),
            (Text, " ", Ok(json!({}))),
            (Number, "1.5", Ok(json!({ "f": 1.5 }))),
            (Number, "one", Err("invalid")),
            (Number, "NaN", Err("invalid")),
            (Boolean, "Oui", Ok(json!({ "f": true }))),
            (Boolean, "0", Ok(json!({ "f": false }))),
            (Boolean, "maybe", Err("invalid")),
            (Date, " 2026-03-02 ", Ok(json!({ "f": "2026-03-02" }))),
            (Date, "02/03/2026", Err("invalid")),
            (Select, "red", Ok(json!({ "f": "red" }))),
            (Select, "green", Err("unknown_value")),
            (MultiSelect, "red; blue", Ok(json!({ "f": ["red", "blue"] }))),
            (MultiSelect, "red,green", Err("unknown_value")),
        ] {
            let known = Known { categories: Vec::new(), fields: vec![field("f", kind)] };
            let given = Map::from_iter([("f".to_owned(), json!(text))]);
            let settled = known.values(None, &given).map_err(|wrong| wrong[0].code.clone());
            assert_eq!(settled, expected.map_err(str::to_owned), "{kind:?} {text}");
        }
        let known = Known { categories: Vec::new(), fields: vec![field("f", Text)] };
        let unknown = known.values(None, &Map::from_iter([("g".to_owned(), json!("x"))])).expect_err("not defined");
        assert_eq!((unknown[0].field.as_str(), unknown[0].code.as_str()), ("custom_fields.g", "unknown_field"));
        assert_eq!(known.values(None, &Map::new()), Ok(json!({})));
    }
}
