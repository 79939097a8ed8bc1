//! The table `ticket_history`, as it is read.

use chrono::{DateTime, Utc};
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;

use super::super::{history::Entry, model::Party};
use crate::people::PersonId;

struct StepRow {
    id: i64,
    version: i64,
    kind: String,
    from_value: Option<String>,
    to_value: Option<String>,
    reason: Option<String>,
    created_at: DateTime<Utc>,
    by_id: Option<PersonId>,
    firstname: Option<String>,
    lastname: Option<String>,
}

impl StepRow {
    fn shown(self, staff: bool) -> Entry {
        let (firstname, lastname) = (self.firstname.unwrap_or_default(), self.lastname.unwrap_or_default());
        Entry {
            id: self.id,
            version: self.version,
            kind: self.kind,
            from: self.from_value,
            to: self.to_value,
            by: self.by_id.map(|id| Party { id, firstname, lastname, email: None }),
            reason: self.reason.filter(|_| staff),
            created_at: self.created_at,
        }
    }
}

macro_rules! select_step {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            StepRow,
            r#"select h.id, h.version, h.kind, h.from_value, h.to_value, h.reason, h.created_at,
                u.id as "by_id?", u.firstname as "firstname?", u.lastname as "lastname?"
            from ticket_history h
            left join users u on u.id = h.by_user "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A part of how a ticket walked; customers see its statuses only.
pub(in crate::tickets) async fn history(db: &mut PgConnection, id: i64, staff: bool, part: &Part<'_, i64>) -> Result<Vec<Entry>> {
    let steps = select_part!(part, db, select_step!("where h.ticket_id = $3 and ($4 or h.kind = 'status')", "h.id", id, staff))?;
    Ok(steps.into_iter().map(|step| step.shown(staff)).collect())
}

/// In how many steps a ticket walked; customers see its statuses only.
pub(in crate::tickets) async fn count_history(db: &mut PgConnection, id: i64, staff: bool) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ticket_history where ticket_id = $1 and ($2 or kind = 'status')"#,
        id,
        staff,
    );
    Ok(count.fetch_one(db).await?)
}
