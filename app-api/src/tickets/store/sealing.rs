//! Values of custom fields that were in clear before their field was sensitive.

use serde_json::Value;
use shared::Result;
use sqlx::PgConnection;

/// At most `limit` tickets beyond `after`, by id, each with its value under that key, if it has one in clear. Nobody else changes
/// them before the act ends.
pub(in crate::tickets) async fn values_under(
    db: &mut PgConnection,
    field: &str,
    (after, limit): (i64, i64),
) -> Result<Vec<(i64, Option<Value>)>> {
    let rows = sqlx::query!(
        "select id, custom_fields -> $1::text as value from support_tickets where id > $2 order by id limit $3 for update",
        field,
        after,
        limit,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.value)).collect())
}

/// Puts sealed values under that key in the place of those in clear. Nothing else of these tickets is another way.
pub(in crate::tickets) async fn put_sealed(db: &mut PgConnection, field: &str, (ids, sealed): (&[i64], &[String])) -> Result<()> {
    sqlx::query!(
        "update support_tickets t
         set custom_fields = t.custom_fields - $1::text, sealed_fields = t.sealed_fields || jsonb_build_object($1::text, n.sealed)
         from unnest($2::bigint[], $3::text[]) as n (id, sealed)
         where t.id = n.id",
        field,
        ids,
        sealed,
    )
    .execute(db)
    .await?;
    Ok(())
}

// What other kinds of steps say is no JSON: a `case` alone is certain not to read it as such.

/// Has the histories of these tickets say a word where they said a value under that key.
pub(in crate::tickets) async fn mask_history(db: &mut PgConnection, field: &str, (ids, word): (&[i64], &str)) -> Result<()> {
    sqlx::query!(
        "update ticket_history
         set from_value = jsonb_set(from_value::jsonb, array[$2::text], to_jsonb($3::text), false)::text,
             to_value = jsonb_set(to_value::jsonb, array[$2::text], to_jsonb($3::text), false)::text
         where ticket_id = any($1)
            and case when kind = 'custom_fields'
                then coalesce(from_value::jsonb ? $2::text, false) or coalesce(to_value::jsonb ? $2::text, false)
                else false end",
        ids,
        field,
        word,
    )
    .execute(db)
    .await?;
    Ok(())
}
