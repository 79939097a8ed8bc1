//! What a file's columns are to us: what somebody says, or what their names sound like. Pure.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared::{Error, Result};
use utoipa::ToSchema;

use super::model::{Column, Kind};

const OF_FIELDS: &str = "custom_fields.";

/// What a column is to us.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A word of [`Target::WORDS`].
    Word(&'static str),
    /// The value of the custom field of that key.
    Field(String),
}

impl Target {
    /// Everything but a custom field: what it is called, and what else its column may be called, in small letters without
    /// accents, `_` between words.
    const WORDS: [(&'static str, &'static [&'static str]); 20] = [
        ("external_id", &["id", "ticket_id", "ticket_number", "number", "numero", "no", "reference", "ref"]),
        ("subject", &["title", "sujet", "objet", "titre", "summary", "topic"]),
        ("description", &["body", "content", "message", "text", "details", "demande", "contenu", "texte"]),
        ("status", &["state", "statut", "etat"]),
        ("priority", &["urgency", "priorite", "urgence"]),
        ("category", &["categorie", "type", "ticket_type", "group", "groupe"]),
        ("order_id", &["order", "order_number", "commande", "numero_de_commande", "no_commande"]),
        ("tags", &["tag", "labels", "etiquettes", "mots_cles"]),
        ("channel", &["via", "source", "canal"]),
        (
            "requester_email",
            &["email", "e_mail", "mail", "requester", "customer_email", "from", "courriel", "adresse", "email_client", "e_mail_client"],
        ),
        ("requester_name", &["name", "customer", "customer_name", "full_name", "nom_complet", "client", "demandeur"]),
        ("requester_firstname", &["firstname", "first_name", "prenom"]),
        ("requester_lastname", &["lastname", "last_name", "nom"]),
        ("assignee_email", &["assignee", "agent", "agent_email", "assigned_to", "responsable", "assigne_a"]),
        ("created_at", &["created", "created_date", "date", "opened", "opened_at", "creation", "date_de_creation", "cree_le"]),
        ("updated_at", &["updated", "last_update", "modified", "date_de_modification", "mis_a_jour_le"]),
        ("resolved_at", &["resolved", "solved_at", "solved", "date_de_resolution", "resolu_le"]),
        ("closed_at", &["closed", "date_de_cloture", "ferme_le"]),
        ("messages", &["comments", "commentaires", "conversation"]),
        ("custom_fields", &[]),
    ];
    /// What Zendesk's own columns may be: everything else of its tickets is known.
    const OF_ZENDESK: [&'static str; 3] = ["category", "order_id", "tags"];

    /// The word of that target.
    pub fn as_text(&self) -> String {
        match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Field(key) => format!("{OF_FIELDS}{key}"),
        }
    }

    /// The target of that word.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(key) = text.strip_prefix(OF_FIELDS) {
            return (1..=64).contains(&key.len()).then(|| Self::Field(key.to_owned()));
        }
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(word, _)| Self::Word(word))
    }

    /// What a column of that name probably is.
    fn guess(name: &str) -> Option<Self> {
        Self::parse(name.trim()).or_else(|| {
            let plain = plain(name);
            Self::WORDS.iter().find(|(word, others)| *word == plain || others.contains(&plain.as_str())).map(|(word, _)| Self::Word(word))
        })
    }

    fn is_for(&self, kind: Kind) -> bool {
        match (kind, self) {
            (Kind::Csv, _) | (Kind::Zendesk, Self::Field(_)) => true,
            (Kind::Zendesk, Self::Word(word)) => Self::OF_ZENDESK.contains(word),
        }
    }
}

/// A name in small letters without accents, with `_` between words.
fn plain(name: &str) -> String {
    let small = name.to_lowercase();
    let letters = small.chars().map(|c| match c {
        'à' | 'â' | 'ä' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        c if c.is_ascii_alphanumeric() => c,
        _ => ' ',
    });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join("_")
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.as_text())
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("unknown_value: There is nothing of that name."))
    }
}

/// What each column is to us, by its name. A column that is left out is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub struct Mapping(BTreeMap<String, Target>);

impl Mapping {
    /// What the names of these columns sound like; of two that sound alike, the first.
    pub(super) fn guess(kind: Kind, columns: &[Column]) -> Self {
        let mut met = HashSet::new();
        let guessed = columns.iter().filter_map(|column| {
            let target = Target::guess(&column.name).filter(|target| kind == Kind::Csv && met.insert(target.clone()))?;
            Some((column.name.clone(), target))
        });
        Self(guessed.collect())
    }

    /// What the column of that name is.
    pub(super) fn of(&self, column: &str) -> Option<&Target> {
        self.0.get(column)
    }

    /// `422` unless each is a column of the file, and no two are the same.
    pub(super) fn check(&self, kind: Kind, columns: &[Column]) -> Result<()> {
        let mut met = HashSet::new();
        for (name, target) in &self.0 {
            let wrong = |code, message| Err(Error::field(format!("mapping.{name}"), code, message));
            if !columns.iter().any(|column| column.name == *name) {
                return wrong("unknown_field", "There is no such column.");
            }
            if !target.is_for(kind) {
                return wrong("invalid", "A column of this file is a category, an order, tags or a custom field.");
            }
            if !met.insert(target) {
                return wrong("invalid", "Another column is that already.");
            }
        }
        Ok(())
    }

    /// `422` unless a table's columns say what each ticket must have.
    pub(super) fn is_enough(&self, kind: Kind) -> Result<()> {
        for word in ["subject", "requester_email"] {
            if kind == Kind::Csv && !self.0.values().any(|target| *target == Target::Word(word)) {
                return Err(Error::field(format!("mapping.{word}"), "required", "Say which column this is."));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn columns(names: &[&str]) -> Vec<Column> {
        names.iter().map(|name| Column { name: (*name).to_owned(), sample: String::new() }).collect()
    }

    #[test]
    fn columns_are_known_by_what_they_sound_like_in_both_languages() {
        for (name, guess) in [
            ("subject", Some("subject")),
            ("Sujet", Some("subject")),
            ("E-mail", Some("requester_email")),
            ("Date de création", Some("created_at")),
            ("N° de commande", None),
            ("Numéro de commande", Some("order_id")),
            ("ticket_number", Some("external_id")),
            ("custom_fields.serial", Some("custom_fields.serial")),
            ("custom_fields.", Some("custom_fields")),
            ("Priorité", Some("priority")),
            ("", None),
        ] {
            assert_eq!(Target::guess(name).map(|target| target.as_text()).as_deref(), guess, "{name}");
        }
        let guessed = Mapping::guess(Kind::Csv, &columns(&["Title", "Subject", "Email", "Colour"]));
        assert_eq!(json!(guessed), json!({ "Title": "subject", "Email": "requester_email" }));
        assert_eq!(json!(Mapping::guess(Kind::Zendesk, &columns(&["type", "360001"]))), json!({}));
    }

    #[test]
    fn what_names_no_column_or_names_one_thing_twice_is_refused() {
        let file = columns(&["a", "b", "c"]);
        for (kind, mapping, refused) in [
            (Kind::Csv, json!({ "a": "subject", "b": "requester_email", "c": "custom_fields.serial" }), None),
            (Kind::Csv, json!({ "d": "subject" }), Some("unknown_field")),
            (Kind::Csv, json!({ "a": "subject", "b": "subject" }), Some("invalid")),
            (Kind::Zendesk, json!({ "a": "category", "b": "custom_fields.serial" }), None),
            (Kind::Zendesk, json!({ "a": "subject" }), Some("invalid")),
        ] {
            let read: Mapping = serde_json::from_value(mapping.clone()).expect("a mapping");
            let told = match read.check(kind, &file) {
                Err(Error::Invalid(errors)) => Some(errors[0].code.clone()),
                _ => None,
            };
            assert_eq!(told.as_deref(), refused, "{mapping}");
        }
        assert!(serde_json::from_value::<Mapping>(json!({ "a": "user_id" })).is_err());
    }

    #[test]
    fn a_table_has_a_subject_and_an_address() {
        for (kind, mapping, enough) in [
            (Kind::Csv, json!({ "a": "subject", "b": "requester_email" }), true),
            (Kind::Csv, json!({ "a": "subject" }), false),
            (Kind::Csv, json!({ "b": "requester_email" }), false),
            (Kind::Zendesk, json!({}), true),
        ] {
            let read: Mapping = serde_json::from_value(mapping.clone()).expect("a mapping");
            assert_eq!(read.is_enough(kind).is_ok(), enough, "{mapping}");
        }
    }
}
