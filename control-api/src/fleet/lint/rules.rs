//! What a statement of a migration does, and which rule it breaks (migrations/README.md). Pure.

use super::sql::Statement;

/// In which half of a change a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The code before does not notice.
    Expand,
    /// What nobody reads any more goes.
    Contract,
    /// Either.
    Neither,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// In which half it stands.
    pub side: Side,
    /// The table that it locks and that was there before this file.
    pub locks: Option<String>,
    /// The rules that it breaks, each with a sentence.
    pub broken: Vec<(&'static str, String)>,
}

impl Judged {
    fn of(side: Side) -> Self {
        Self { side, locks: None, broken: Vec::new() }
    }

    fn locking(self, table: &str, made: &[String]) -> Self {
        let is_there = !made.iter().any(|own| own == table);
        Self { locks: is_there.then(|| table.to_owned()), ..self }
    }

    fn breaking(mut self, rule: &'static str, why: impl Into<String>) -> Self {
        self.broken.push((rule, why.into()));
        self
    }

    fn breaking_if(self, is_broken: bool, rule: &'static str, why: &str) -> Self {
        if is_broken { self.breaking(rule, why) } else { self }
    }
}

/// The table that a statement makes.
pub fn made(statement: &Statement) -> Option<String> {
    let words = words(statement);
    match words.as_slice() {
        ["create", "table", "if", "not", "exists", name, ..] | ["create", "table", name, ..] => Some((*name).to_owned()),
        _ => None,
    }
}

fn words(statement: &Statement) -> Vec<&str> {
    statement.words.iter().map(String::as_str).collect()
}

fn has(words: &[&str], wanted: &[&str]) -> bool {
    words.windows(wanted.len()).any(|window| window == wanted)
}

/// Judges one statement of a file that makes the tables `made`.
pub fn judge(statement: &Statement, made: &[String]) -> Judged {
    let words = words(statement);
    let judged = match words.as_slice() {
        ["create", "table", ..] | ["create", "schema" | "sequence" | "type" | "domain" | "view" | "extension", ..] => {
            Judged::of(Side::Expand)
        }
        ["create", "or", "replace", "view" | "function", ..] | ["create", "function", ..] => Judged::of(Side::Expand),
        ["create", "index", ..] | ["create", "unique", "index", ..] => index(&words, made),
        ["create", "trigger" | "constraint" | "policy" | "rule", ..] => trigger(&words, made),
        ["alter", "table", ..] => alter(&words, made),
        ["alter", "default", "privileges", ..] => Judged::of(Side::Neither),
        ["alter", "type", _, "add", "value", ..] => Judged::of(Side::Expand),
        ["drop", what, ..] => Judged::of(Side::Contract).breaking("drop", format!("takes a {what} away")),
        ["truncate", ..] => Judged::of(Side::Contract).breaking("truncate", "takes all rows away"),
        ["delete", ..] => Judged::of(Side::Contract).breaking("delete", "takes rows away"),
        ["update", ..] => Judged::of(Side::Neither).breaking("update", "rows are changed by a job in batches, never here"),
        ["insert", "into", table, ..] if made.iter().any(|own| own == table) => Judged::of(Side::Expand),
        ["insert", ..] => Judged::of(Side::Neither).breaking("insert", "rows of a table that is there are a job's to write"),
        ["grant" | "revoke" | "comment" | "set" | "select", ..] => Judged::of(Side::Neither),
        ["do", ..] => Judged::of(Side::Neither).breaking("do", "nobody can tell from outside what a block does"),
        _ => Judged::of(Side::Neither).breaking("unknown", "no rule knows this statement"),
    };
    judged.breaking_if(words.contains(&"cascade"), "cascade", "takes away what is not named")
}

fn index(words: &[&str], made: &[String]) -> Judged {
    let table = words.iter().position(|word| *word == "on").and_then(|at| words[at + 1..].iter().find(|word| **word != "only"));
    let judged = Judged::of(Side::Expand);
    let Some(table) = table else { return judged.breaking("unknown", "an index of no table") };
    let (is_new, is_beside) = (made.iter().any(|own| own == table), words.contains(&"concurrently"));
    let judged =
        judged.breaking_if(!is_new && !is_beside, "index", "an index of a table that is there is built concurrently, or every write waits");
    judged.breaking_if(
        is_beside && !has(words, &["if", "not", "exists"]),
        "index",
        "an index that is built concurrently needs if not exists: its file may be run again",
    )
}

fn trigger(words: &[&str], made: &[String]) -> Judged {
    let table = words.iter().position(|word| *word == "on").and_then(|at| words.get(at + 1));
    table.map_or(Judged::of(Side::Expand), |table| Judged::of(Side::Expand).locking(table, made))
}

fn alter(words: &[&str], made: &[String]) -> Judged {
    let mut at = 2;
    while matches!(words.get(at), Some(&("if" | "exists" | "only"))) {
        at += 1;
    }
    let Some(table) = words.get(at) else { return Judged::of(Side::Neither).breaking("unknown", "a table without a name") };
    let mut whole = Judged::of(Side::Neither).locking(table, made);
    let is_new = whole.locks.is_none();
    for action in actions(&words[at + 1..]) {
        let judged = if is_new { Judged::of(Side::Expand) } else { change(action) };
        if whole.side != Side::Neither && judged.side != Side::Neither && whole.side != judged.side {
            whole = whole.breaking("both", "one statement both adds and takes away");
        }
        whole.side = if judged.side == Side::Neither { whole.side } else { judged.side };
        whole.broken.extend(judged.broken);
        // Validating keeps nobody from the table.
        if matches!(action, ["validate", ..]) {
            whole.locks = None;
        }
    }
    whole
}

/// The actions of an `alter table`, which commas outside of brackets divide.
fn actions<'a>(words: &'a [&'a str]) -> Vec<&'a [&'a str]> {
    let mut depth = 0;
    words
        .split(|word| {
            match *word {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            *word == "," && depth == 0
        })
        .collect()
}

/// Functions that say the same for all rows of a statement.
const STABLE: [&str; 4] = ["now", "current_timestamp", "transaction_timestamp", "statement_timestamp"];

fn change(action: &[&str]) -> Judged {
    match action {
        ["add", "constraint", ..] | ["add", "check" | "foreign" | "primary" | "unique" | "exclude", ..] => {
            let is_light = has(action, &["not", "valid"]) || has(action, &["using", "index"]);
            Judged::of(Side::Expand).breaking_if(
                !is_light,
                "constraint",
                "a constraint comes as not valid and is validated in a later file",
            )
        }
        ["validate", "constraint", ..] => Judged::of(Side::Neither),
        ["add", ..] => column(action),
        ["alter", "column", _, "type", ..] | ["alter", "column", _, "set", "data", ..] => {
            Judged::of(Side::Contract).breaking("rewrite", "another type writes the whole table anew")
        }
        ["alter", "column", _, "set", "not", "null", ..] => {
            Judged::of(Side::Contract).breaking("not-null", "not null reads the whole table unless a validated check says so before")
        }
        ["alter", "column", _, "set" | "drop", "default", ..] | ["alter", "column", _, "drop", "not", "null"] => Judged::of(Side::Expand),
        ["alter", "column", _, "set", "statistics", ..] | ["set", "(", ..] => Judged::of(Side::Neither),
        ["drop", ..] => Judged::of(Side::Contract).breaking("drop", "takes a part of a table away"),
        ["rename", ..] | ["set", "schema", ..] => Judged::of(Side::Contract).breaking("rename", "the code before knows the old name only"),
        _ => Judged::of(Side::Neither).breaking("unknown", format!("no rule knows: {}", action.join(" "))),
    }
}

fn column(action: &[&str]) -> Judged {
    let default = action.iter().position(|word| *word == "default");
    let called = default.and_then(|at| action.get(at + 2).filter(|next| **next == "(").and(action.get(at + 1)));
    let is_volatile = called.is_some_and(|function| !STABLE.contains(function));
    let is_counted = action.contains(&"generated") || action.iter().any(|word| word.ends_with("serial"));
    let is_judged = ["check", "references", "unique", "primary"].iter().any(|word| action.contains(word));
    Judged::of(Side::Expand)
        .breaking_if(is_volatile || is_counted, "rewrite", "each row would get another value: the whole table is written anew")
        .breaking_if(has(action, &["not", "null"]) && default.is_none(), "not-null", "a column that must not be null needs a default")
        .breaking_if(is_judged, "constraint", "a constraint comes on its own, as not valid, and is validated in a later file")
}
