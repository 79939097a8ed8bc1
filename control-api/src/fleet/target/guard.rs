//! What a migration may not do to a tenant's rows, whatever its file says. Pure.

use std::collections::BTreeMap;

/// A table that holds rows, at one moment of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its number, which a new name does not change.
    pub oid: i64,
    /// Its name, as `public.users`.
    pub name: String,
    /// Where its rows are; another one when they were written anew, or all taken away.
    pub file: i64,
    /// It is part of a table; these come and go with the months.
    pub is_partition: bool,
    /// Rows that the transaction has added, less those that it has deleted.
    pub added: i64,
}

/// What a file has taken away or written anew between its begin and its end, unless a signature in it names that
/// table. What others do meanwhile is not seen here.
pub fn taken(before: &[Table], after: &[Table], signed: &[String]) -> Option<String> {
    let after: BTreeMap<i64, &Table> = after.iter().map(|table| (table.oid, table)).collect();
    let is_signed = |name: &str| signed.iter().any(|named| name == named || name.strip_prefix("public.") == Some(named));
    before.iter().filter(|table| !is_signed(&table.name)).find_map(|table| match after.get(&table.oid) {
        None if table.is_partition => None,
        None => Some(format!("the table {} is dropped", table.name)),
        Some(now) if now.file != table.file => Some(format!("the table {} is written anew or emptied", table.name)),
        Some(now) if now.added < 0 => Some(format!("the table {} loses {} rows", table.name, -now.added)),
        Some(_) => None,
    })
}

/// A table that has fewer rows than before and than can be told by what others have deleted meanwhile. Months come and go.
pub fn fallen(
    tables: &[Table],
    (before, after): (&BTreeMap<i64, i64>, &BTreeMap<i64, i64>),
    deleted: impl Fn(i64) -> i64,
) -> Option<String> {
    let has_left = |table: &&Table| table.is_partition && !after.contains_key(&table.oid);
    tables.iter().filter(|table| !has_left(table)).find_map(|table| {
        let rows = |of: &BTreeMap<i64, i64>| of.get(&table.oid).copied().unwrap_or_default();
        let fell = rows(before) - rows(after) - deleted(table.oid);
        (fell > 0).then(|| format!("the table {} has {fell} rows less", table.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(oid: i64, name: &str) -> Table {
        Table { oid, name: format!("public.{name}"), file: oid, is_partition: false, added: 0 }
    }

    #[test]
    fn rows_stay_unless_a_signature_says_otherwise() {
        let before = [table(1, "users"), table(2, "tickets"), Table { is_partition: true, ..table(3, "logs_ahead") }];
        let signed = ["tickets".to_owned()];
        for (after, lost, signed_lost) in [
            (vec![table(1, "users"), table(2, "tickets"), table(3, "logs_ahead"), table(4, "new")], None, None),
            (vec![table(1, "people"), table(2, "tickets")], None, None),
            (vec![table(1, "users")], Some("the table public.tickets is dropped"), None),
            (
                vec![table(1, "users"), Table { file: 9, ..table(2, "tickets") }],
                Some("the table public.tickets is written anew or emptied"),
                None,
            ),
            (vec![table(1, "users"), Table { added: -2, ..table(2, "tickets") }], Some("the table public.tickets loses 2 rows"), None),
            (
                vec![Table { added: -1, ..table(1, "users") }, table(2, "tickets")],
                Some("the table public.users loses 1 rows"),
                Some("the table public.users loses 1 rows"),
            ),
        ] {
            assert_eq!(taken(&before, &after, &[]).as_deref(), lost);
            assert_eq!(taken(&before, &after, &signed).as_deref(), signed_lost);
        }
    }

    #[test]
    fn what_others_delete_meanwhile_is_no_loss() {
        let tables = [table(1, "mails"), table(2, "users")];
        let before = BTreeMap::from([(1, 10), (2, 5)]);
        for (mails, users, deleted, lost) in [
            (10, 5, 0, None),
            (12, 9, 0, None),
            (7, 5, 3, None),
            (7, 5, 2, Some("the table public.mails has 1 rows less")),
            (10, 4, 0, Some("the table public.users has 1 rows less")),
        ] {
            let after = BTreeMap::from([(1, mails), (2, users)]);
            let found = fallen(&tables, (&before, &after), |oid| if oid == 1 { deleted } else { 0 });
            assert_eq!(found.as_deref(), lost, "{mails} {users} {deleted}");
        }
        let gone = BTreeMap::from([(1, 10)]);
        assert!(fallen(&tables, (&before, &gone), |_| 0).is_some(), "gone");
        let month = [tables[0].clone(), Table { is_partition: true, ..tables[1].clone() }];
        assert_eq!(fallen(&month, (&before, &gone), |_| 0), None, "a month whose time is over");
        assert!(fallen(&month, (&before, &BTreeMap::from([(1, 10), (2, 4)])), |_| 0).is_some(), "a month that has fewer");
    }
}
