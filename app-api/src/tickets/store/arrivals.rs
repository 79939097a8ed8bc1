//! Many tickets at once, as they come from elsewhere, and what becomes somebody else's.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::Result;
use sqlx::PgConnection;

use super::super::{arrival::Arrival, sealing::Kept};
use crate::people::PersonId;

/// Inserts tickets under these numbers, and says under which ids; one whose number is taken is left out. How long a ticket
/// waits for its customer, or for an objection, counts from now: here nobody could answer before.
pub(in crate::tickets) async fn insert_arrivals(
    db: &mut PgConnection,
    rows: &[(&str, &Arrival, &Kept)],
    now: DateTime<Utc>,
) -> Result<Vec<(String, i64)>> {
    let rows: Vec<Value> = rows.iter().map(|(number, arrival, values)| row(number, arrival, values)).collect();
    let inserted = sqlx::query!(
        r#"insert into support_tickets
            (ticket_number, user_id, subject, description, description_html, priority, priority_reason, status, category, team_id,
             assigned_to, order_id, channel, tags, custom_fields, version, status_since, first_response_at, resolved_at, closed_at,
             created_at, updated_at, sealed_fields)
         select r.ticket_number, r.user_id, r.subject, r.description, r.description_html, r.priority, 'imported', r.status, r.category,
            r.team_id, r.assigned_to, r.order_id, r.channel, r.tags, r.custom_fields, r.version,
            case when r.status in ('waiting_customer', 'resolved') then $2 else r.updated_at end,
            r.first_response_at, r.resolved_at, r.closed_at, r.created_at, r.updated_at, r.sealed_fields
         from jsonb_to_recordset($1::jsonb) as r (ticket_number text, user_id bigint, subject text, description text,
            description_html text, priority text, status text, category text, team_id bigint, assigned_to bigint, order_id text,
            channel text, tags text[], custom_fields jsonb, version bigint, first_response_at timestamptz, resolved_at timestamptz,
            closed_at timestamptz, created_at timestamptz, updated_at timestamptz, sealed_fields jsonb)
         on conflict (ticket_number) do nothing
         returning ticket_number, id"#,
        Value::Array(rows),
        now,
    );
    Ok(inserted.fetch_all(db).await?.into_iter().map(|row| (row.ticket_number, row.id)).collect())
}

fn row(number: &str, ticket: &Arrival, values: &Kept) -> Value {
    json!({
        "ticket_number": number,
        "user_id": ticket.user_id,
        "subject": ticket.subject,
        "description": ticket.description.0,
        "description_html": ticket.description.1,
        "priority": ticket.priority,
        "status": ticket.status,
        "category": ticket.category,
        "team_id": ticket.team_id,
        "assigned_to": ticket.assigned_to,
        "order_id": ticket.order_id,
        "channel": ticket.channel,
        "tags": ticket.tags,
        "custom_fields": values.clear,
        "sealed_fields": values.sealed,
        // Each step made one, and its coming here.
        "version": ticket.steps().len() + 1,
        "first_response_at": ticket.first_response_at(),
        "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
    })
}

/// Writes how each of them walked, and that it came here from elsewhere.
pub(in crate::tickets) async fn write_walks(db: &mut PgConnection, arrivals: &[Arrival], ids: &[i64], now: DateTime<Utc>) -> Result<()> {
    let mut rows = Vec::new();
    for (id, arrival) in ids.iter().zip(arrivals) {
        let steps = arrival.steps();
        let (source, external_id) = &arrival.origin;
        for (n, (from, to, at)) in steps.iter().enumerate() {
            let row = json!({ "ticket_id": id, "version": n + 1, "kind": "status", "from_value": from, "to_value": to, "created_at": at });
            rows.push(row);
        }
        let came = format!("{source} {external_id}");
        rows.push(json!({ "ticket_id": id, "version": steps.len() + 1, "kind": "imported", "to_value": came, "created_at": now }));
    }
    sqlx::query!(
        "insert into ticket_history (ticket_id, version, kind, from_value, to_value, created_at)
         select r.ticket_id, r.version, r.kind, r.from_value, r.to_value, r.created_at
         from jsonb_array_elements($1::jsonb) with ordinality as step (value, n),
            jsonb_to_record(step.value) as r (ticket_id bigint, version bigint, kind text, from_value text, to_value text,
                created_at timestamptz)
         order by step.n",
        Value::Array(rows),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes down by which words these tickets are found.
pub(in crate::tickets) async fn index_all(db: &mut PgConnection, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "insert into search_entries (ticket_id, message_id, is_internal, at, vector, words)
         select id, 0, false, created_at, search_ticket(ticket_number, subject, tags, description),
            search_spelling(ticket_number, subject)
         from support_tickets
         where id = any($1)",
        ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes at most `limit` tickets of one requester another's, and says how many there were. Each says so in its history.
pub(in crate::tickets) async fn hand_over(
    db: &mut PgConnection,
    (from, to): (PersonId, PersonId),
    limit: i64,
    now: DateTime<Utc>,
) -> Result<u64> {
    let handed = sqlx::query!(
        "with theirs as (
            select id from support_tickets where user_id = $1 order by created_at desc, id desc limit $3 for update
         ), handed as (
            update support_tickets t
            set user_id = $2, version = version + 1
            from theirs
            where t.id = theirs.id
            returning t.id, t.version
         )
         insert into ticket_history (ticket_id, version, kind, from_value, to_value, created_at)
         select id, version, 'requester', $1::bigint::text, $2::bigint::text, $4
         from handed",
        from,
        to,
        limit,
        now,
    );
    Ok(handed.execute(db).await?.rows_affected())
}
