//! One row of a ticket, and what its reader is shown of it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use shared::db::Lent;
use sqlx::{Column, FromRow, Row as _, postgres::PgRow};

use super::{
    super::{
        clocks::{ClockView, Kept, Sla, Worse, pace},
        joining::undo_until,
        list::NEVER,
        model::{Party, Priority, TeamName, Ticket, trigger},
        snooze::Snooze,
        status::Status,
        visibility::{Sight, Viewer},
    },
    read::Query,
};
use crate::people::{PersonId, TeamId};

/// The one select list, but for the custom fields: customers are not sent what is hidden from them. Run-time
/// text, because lists put their filters behind it; the integration tests run every form of it.
macro_rules! select {
    ($custom_fields:literal, $sealed_fields:literal) => {
        concat!(
            "
    select t.id, t.ticket_number, t.user_id, t.subject, t.description, t.description_html, t.priority, t.priority_reason, t.status,
        t.category, t.team_id, g.name as team_name, t.assigned_to, t.order_id, t.tags, ",
            $custom_fields,
            " as custom_fields, ",
            $sealed_fields,
            " as sealed_fields, t.metadata, t.channel,
        t.customer_unread, t.staff_unread, t.version, t.status_since, t.snoozed_until,
        t.waiting_since, t.merged_into, t.follow_up_of, t.resolved_at, t.closed_at, t.created_at, t.updated_at,
        t.sla_state, t.first_response_at, t.response_target_minutes, t.response_due_at, t.response_left_seconds,
        t.resolution_target_minutes, t.resolution_due_at, t.resolution_left_seconds,
        r.firstname as requester_firstname, r.lastname as requester_lastname, r.email as requester_email,
        a.firstname as assignee_firstname, a.lastname as assignee_lastname, a.email as assignee_email
    from support_tickets t
    join users r on r.id = t.user_id
    left join users a on a.id = t.assigned_to
    left join teams g on g.id = t.team_id
    where "
        )
    };
}

const FOR_STAFF: &str = select!("t.custom_fields", "t.sealed_fields");
/// Where no field was ever defined, all values are for everybody; otherwise those of visible fields, also of ones that
/// were put away since.
const FOR_CUSTOMERS: &str = select!(
    "case
            when t.custom_fields = '{}' or not exists (select from custom_fields) then t.custom_fields
            else (select coalesce(jsonb_object_agg(v.key, v.value), '{}')
                  from jsonb_each(t.custom_fields) v
                  join custom_fields f on f.key = v.key and f.visible_to_customers)
        end",
    "case
            when t.sealed_fields = '{}' then t.sealed_fields
            else (select coalesce(jsonb_object_agg(v.key, v.value), '{}')
                  from jsonb_each(t.sealed_fields) v
                  join custom_fields f on f.key = v.key and f.visible_to_customers)
        end"
);

/// What is asked of every ticket, up to its conditions.
pub(super) fn select(viewer: Viewer) -> Query {
    Query::new(if viewer.is_staff() { FOR_STAFF } else { FOR_CUSTOMERS })
}

/// A row whose columns are read in the order of its fields: looking forty names up in each of a hundred rows takes as long as
/// reading them.
macro_rules! in_order {
    ($name:ident { $($field:ident: $type:ty),+ $(,)? } and { $($other:ident: $rest:ty),+ $(,)? }) => {
        pub(super) struct $name { $($field: $type,)+ $($other: $rest,)+ }

        impl FromRow<'_, PgRow> for $name {
            fn from_row(row: &PgRow) -> sqlx::Result<Self> {
                let mut columns = 0..;
                $(
                    let column = columns.next().unwrap_or_default();
                    debug_assert_eq!(row.column(column).name(), stringify!($field));
                    let $field = row.try_get(column)?;
                )+
                Ok(Self { $($field,)+ $($other: Default::default(),)+ })
            }
        }
    };
}

in_order! {
    Row {
        id: i64,
        ticket_number: String,
        user_id: PersonId,
        subject: String,
        description: String,
        description_html: String,
        priority: Priority,
        priority_reason: String,
        status: Status,
        category: Option<String>,
        team_id: Option<TeamId>,
        team_name: Option<String>,
        assigned_to: Option<PersonId>,
        order_id: Option<String>,
        tags: Vec<String>,
        custom_fields: Value,
        sealed_fields: Value,
        metadata: Value,
        channel: String,
        customer_unread: i32,
        staff_unread: i32,
        version: i64,
        status_since: DateTime<Utc>,
        snoozed_until: Option<DateTime<Utc>>,
        waiting_since: Option<DateTime<Utc>>,
        merged_into: Option<i64>,
        follow_up_of: Option<i64>,
        resolved_at: Option<DateTime<Utc>>,
        closed_at: Option<DateTime<Utc>>,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        sla_state: Option<Worse>,
        first_response_at: Option<DateTime<Utc>>,
        response_target_minutes: Option<i32>,
        response_due_at: Option<DateTime<Utc>>,
        response_left_seconds: Option<i64>,
        resolution_target_minutes: Option<i32>,
        resolution_due_at: Option<DateTime<Utc>>,
        resolution_left_seconds: Option<i64>,
        requester_firstname: String,
        requester_lastname: String,
        requester_email: String,
        assignee_firstname: Option<String>,
        assignee_lastname: Option<String>,
        assignee_email: Option<String>,
    } and {
        // Some of the sealed values are opened among the others.
        has_opened: bool,
    }
}

impl Row {
    /// What its texts weigh, in bytes.
    pub fn bytes(&self) -> usize {
        self.subject.len() + self.description.len() + self.description_html.len()
    }

    /// Since when the ticket has its status.
    pub fn status_since(&self) -> DateTime<Utc> {
        self.status_since
    }

    /// The same with what is sealed opened among the other values, as far as it opens: who asks for other things goes on without
    /// the rest. A value in clear under the same key was written after the sealed one, by a release that knew of none.
    pub fn opened(mut self, by: &impl Lent) -> Self {
        let (Value::Object(values), Value::Object(sealed)) = (&mut self.custom_fields, &mut self.sealed_fields) else { return self };
        sealed.retain(|field, _| !values.contains_key(field));
        // Without any, nobody needs a key; without a key, it was said when the pool was opened.
        let Some(key) = by.fields().ok().filter(|_| !sealed.is_empty()) else { return self };
        sealed.retain(|field, text| match key.open(field, text.as_str().unwrap_or_default()) {
            Ok(value) => {
                values.insert(field.clone(), value);
                self.has_opened = true;
                false
            }
            Err(error) => {
                tracing::error!(ticket = self.id, %field, %error, "a sealed value does not open");
                true
            }
        });
        self
    }

    /// The ticket as `viewer` may know it: customers get no metadata, tags, team or members' addresses.
    pub fn shown_to(self, viewer: Viewer, now: DateTime<Utc>) -> Ticket {
        let (status, staff) = (self.status, viewer.is_staff());
        let sla = self.sla(now);
        let requester = Party {
            id: self.user_id,
            firstname: self.requester_firstname,
            lastname: self.requester_lastname,
            email: Some(self.requester_email),
        };
        let assignee = self.assigned_to.map(|id| Party {
            id,
            firstname: self.assignee_firstname.unwrap_or_default(),
            lastname: self.assignee_lastname.unwrap_or_default(),
            email: self.assignee_email.filter(|_| staff),
        });
        Ticket {
            id: self.id,
            ticket_number: self.ticket_number,
            user_id: self.user_id,
            requester,
            subject: self.subject,
            description_html: self.description_html,
            description: self.description,
            priority: self.priority,
            priority_reason: self.priority_reason,
            status,
            category: self.category,
            team_id: self.team_id.filter(|_| staff),
            team: self.team_id.zip(self.team_name).filter(|_| staff).map(|(id, name)| TeamName { id, name }),
            sight: Sight { user_id: self.user_id, assigned_to: self.assigned_to, team_id: self.team_id },
            assigned_to: self.assigned_to,
            assignee,
            order_id: self.order_id,
            tags: if staff { self.tags } else { Vec::new() },
            custom_fields: self.custom_fields,
            has_opened: self.has_opened,
            unopened: if let Value::Object(sealed) = self.sealed_fields { sealed } else { Map::new() },
            metadata: staff.then_some(self.metadata),
            channel: self.channel,
            snooze: self.snoozed_until.filter(|_| staff).map(Snooze::until),
            is_snoozed: self.snoozed_until.is_some(),
            merged_into: self.merged_into,
            survivor: None,
            unmerge_until: self.closed_at.filter(|_| staff && self.merged_into.is_some()).map(undo_until).filter(|until| now < *until),
            follow_up_of: self.follow_up_of,
            predecessor: None,
            follow_up: None,
            waiting_since: waits(status).then(|| self.waiting_since.unwrap_or(self.created_at)).filter(|since| *since < NEVER),
            unread_count: if staff { self.staff_unread } else { self.customer_unread },
            sla,
            version: self.version,
            allowed_transitions: status.next(trigger(viewer)),
            resolved_at: self.resolved_at,
            closed_at: self.closed_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// Whether an answer may be owed in this status.
fn waits(status: Status) -> bool {
    matches!(status, Status::Open | Status::InProgress)
}

impl Row {
    fn sla(&self, now: DateTime<Utc>) -> Option<Sla> {
        let kept = |target_minutes, due_at, left_seconds| Kept { target_minutes, due_at, left_seconds };
        let response = kept(self.response_target_minutes?, self.response_due_at, self.response_left_seconds);
        let resolution = kept(self.resolution_target_minutes?, self.resolution_due_at, self.resolution_left_seconds);
        let pace = pace(self.status);
        Some(Sla {
            state: self.sla_state?,
            response: ClockView::of(response, self.first_response_at, pace, now),
            resolution: ClockView::of(resolution, self.resolved_at.or(self.closed_at), pace, now),
        })
    }
}
