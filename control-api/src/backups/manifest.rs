//! What a backup consists of, so that a copy made from it can be compared. No IO.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The format of a manifest.
pub const VERSION: u32 = 1;

/// What a backup consists of, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of this.
    pub version: u32,
    /// The backup.
    pub id: Uuid,
    /// Whose it is; none: the control database.
    pub tenant: Option<Uuid>,
    /// As of when.
    pub taken_at: DateTime<Utc>,
    /// The last migration of the database.
    pub schema: i64,
    /// Its tables.
    pub tables: Vec<Table>,
    /// How long the dump is before it is sealed.
    pub dump_bytes: u64,
    /// The dump's SHA-256, in hex.
    pub dump_hash: String,
    /// The files that the tenant had in the bucket.
    pub files: Vec<File>,
}

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name, with its schema.
    pub name: String,
    /// How many rows.
    pub rows: i64,
    /// Over all rows, in whatever order they are.
    pub hash: String,
}

/// A file in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its key.
    pub key: String,
    /// How many bytes it has.
    pub size: i64,
    /// What the store says of its contents.
    pub etag: String,
}

impl Manifest {
    /// Rows of all tables.
    pub fn rows(&self) -> i64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// What a copy's tables lack or have too much, a sentence for each table that is another; nothing when they
    /// are equal.
    pub fn differences(&self, copy: &[Table]) -> Vec<String> {
        let of = |name: &str, tables: &[Table]| tables.iter().find(|table| table.name == name).cloned();
        let missing = self.tables.iter().filter_map(|table| match of(&table.name, copy) {
            None => Some(format!("{} is missing", table.name)),
            Some(found) if found.rows != table.rows => Some(format!("{} has {} rows instead of {}", table.name, found.rows, table.rows)),
            Some(found) if found.hash != table.hash => Some(format!("{} has other rows", table.name)),
            Some(_) => None,
        });
        let surplus = copy.iter().filter(|table| of(&table.name, &self.tables).is_none());
        missing.chain(surplus.map(|table| format!("{} is not in the backup", table.name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, rows: i64, hash: &str) -> Table {
        Table { name: name.into(), rows, hash: hash.into() }
    }

    #[test]
    fn whatever_is_another_in_a_copy_is_named() {
        let manifest = Manifest {
            version: VERSION,
            id: Uuid::nil(),
            tenant: None,
            taken_at: DateTime::UNIX_EPOCH,
            schema: 3,
            tables: vec![table("public.a", 2, "x"), table("public.b", 0, "0")],
            dump_bytes: 0,
            dump_hash: String::new(),
            files: vec![],
        };
        assert_eq!(manifest.rows(), 2);
        for (copy, differences) in [
            (vec![table("public.b", 0, "0"), table("public.a", 2, "x")], vec![]),
            (vec![table("public.a", 2, "x")], vec!["public.b is missing"]),
            (vec![table("public.a", 3, "x"), table("public.b", 0, "0")], vec!["public.a has 3 rows instead of 2"]),
            (vec![table("public.a", 2, "y"), table("public.b", 0, "0")], vec!["public.a has other rows"]),
            (vec![table("public.a", 2, "x"), table("public.b", 0, "0"), table("public.c", 0, "0")], vec!["public.c is not in the backup"]),
        ] {
            assert_eq!(manifest.differences(&copy), differences);
        }
    }
}
