//! The table `ticket_history`, as it is read: of other tickets nothing that its reader does not see.

use chrono::{DateTime, Utc};
use shared::{Result, page::Part, select_part};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    super::{history::Entry, model::Party, visibility::Viewer},
    narrow::push_visible,
};
use crate::people::PersonId;

/// Steps whose values are the numbers of other tickets.
const NAMING: [&str; 3] = ["link", "merged_into", "merged_from"];

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
    fn names_another(&self) -> bool {
        NAMING.contains(&self.kind.as_str())
    }

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
pub(in crate::tickets) async fn history(db: &mut PgConnection, viewer: Viewer, id: i64, part: &Part<'_, i64>) -> Result<Vec<Entry>> {
    let staff = viewer.is_staff();
    let mut steps = select_part!(part, &mut *db, select_step!("where h.ticket_id = $3 and ($4 or h.kind = 'status')", "h.id", id, staff))?;
    leave_out_unseen(db, viewer, &mut steps).await?;
    Ok(steps.into_iter().map(|step| step.shown(staff)).collect())
}

/// Takes the numbers of tickets away that `viewer` does not see.
async fn leave_out_unseen(db: &mut PgConnection, viewer: Viewer, steps: &mut [StepRow]) -> Result<()> {
    let naming = steps.iter().filter(|step| step.names_another());
    let numbers: Vec<String> = naming.flat_map(|step| step.from_value.iter().chain(&step.to_value)).cloned().collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new("select t.ticket_number from support_tickets t where t.ticket_number = any(");
    query.push_bind(numbers).push(") and ");
    push_visible(&mut query, viewer);
    let seen: Vec<String> = query.build_query_scalar().fetch_all(db).await?;
    for step in steps.iter_mut().filter(|step| step.names_another()) {
        step.from_value = step.from_value.take().filter(|number| seen.contains(number));
        step.to_value = step.to_value.take().filter(|number| seen.contains(number));
    }
    Ok(())
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
