//! Whether two databases hold the same rows: their count, and a sum over a hash of each, in which their order plays no
//! part.

use std::collections::BTreeMap;

use shared::Result;
use sqlx::{AssertSqlSafe, PgConnection};

use super::departure::Table;

/// A table with more rows is large: while writers wait, its newest rows are looked at, not all.
pub const LARGE: i64 = 20_000;
/// So many of them.
const NEWEST: i64 = 2_000;

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    pub rows: i64,
    pub hash: String,
}

/// What each table holds, as this connection sees it; of those in `large`, the newest rows.
pub async fn held(db: &mut PgConnection, tables: &[Table], large: &[String]) -> Result<BTreeMap<String, Held>> {
    let mut all = BTreeMap::new();
    for table in tables {
        let columns = table.columns.join(", ");
        let newest = match large.contains(&table.name) {
            true => {
                format!(" order by {} limit {NEWEST}", table.key.iter().map(|key| format!("{key} desc")).collect::<Vec<_>>().join(", "))
            }
            false => String::new(),
        };
        let sql = format!(
            "select count(*) as rows, coalesce(sum(hashtextextended(row({columns})::text, 0)::numeric), 0)::text as hash
             from (select {columns} from {}{newest}) looked_at",
            table.name
        );
        all.insert(table.name.clone(), sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut *db).await?);
    }
    Ok(all)
}

/// An error that names the tables which differ, if any do.
pub fn expect_same(here: &BTreeMap<String, Held>, there: &BTreeMap<String, Held>) -> Result<()> {
    let differs = |(name, held): (&String, &Held)| (there.get(name) != Some(held)).then(|| name.clone());
    let differ: Vec<String> = here.iter().filter_map(differs).collect();
    if differ.is_empty() { Ok(()) } else { Err(anyhow::anyhow!("the copy differs in {}", differ.join(", ")).into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_differs_is_named() {
        let held = |rows, hash: &str| Held { rows, hash: hash.into() };
        let here: BTreeMap<_, _> = [("a".to_owned(), held(1, "7")), ("b".to_owned(), held(2, "9"))].into();
        assert!(expect_same(&here, &here).is_ok());
        for other in [held(1, "9"), held(2, "8")] {
            let there = here.clone().into_iter().chain([("b".to_owned(), other)]).collect();
            let differ = expect_same(&here, &there).expect_err("it differs").to_string();
            assert_eq!(differ, "the copy differs in b");
        }
        assert!(expect_same(&here, &BTreeMap::new()).is_err());
    }
}
