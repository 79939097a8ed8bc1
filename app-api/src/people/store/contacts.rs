//! The table `contacts`: who is known here by an address alone. Each has a row in `users` under the same id.

use chrono::{DateTime, TimeDelta, Utc};
use shared::Result;
use sqlx::PgConnection;

use super::super::model::{Addressee, Found, PersonId};

/// The first id of a contact, far above every one that the platform gives.
const FIRST: PersonId = 1_000_000_000_000_000;
/// How long somebody whom the platform has brought at the very moment in which they became a contact is looked for.
const JUST: TimeDelta = TimeDelta::days(1);

/// Whether somebody is known by an address alone.
pub fn is_contact(id: PersonId) -> bool {
    id >= FIRST
}

/// Who has which of these addresses now: of several whoever is active, a person of the platform's first. Nobody is whom a contact
/// turned out to be unless they have that address still. Nothing of these contacts is handed over until the act ends.
pub async fn by_address(db: &mut PgConnection, addresses: &[String]) -> Result<Vec<(String, Found)>> {
    sqlx::query_scalar!(
        "select u.id
         from contacts c
         join users u on u.id = c.id
         where c.email = any($1) and c.claimed_by is null
         order by u.id
         for key share of u",
        addresses,
    )
    .fetch_all(&mut *db)
    .await?;
    let rows = sqlx::query!(
        r#"select distinct on (u.email) u.email, u.id, u.active and u.role <> 'customer' as "works_here!"
         from users u
         left join contacts c on c.id = u.id
         where u.email = any($1) and c.claimed_by is null
         order by u.email, u.active desc, u.id"#,
        addresses,
    );
    let rows = rows.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.email, Found { id: row.id, works_here: row.works_here })).collect())
}

/// Makes a contact of each whose address nobody has, and says under which ids; whoever has become one meanwhile is left out. A
/// contact who turned out to be somebody who has that address no more is one anew, once that person has all that was theirs: the
/// address is proved by nobody again. Until then they are left out, too.
pub async fn meet(db: &mut PgConnection, new: &[Addressee], now: DateTime<Utc>) -> Result<Vec<(String, PersonId)>> {
    let rows = sqlx::query!(
        r#"with new as (
            select * from jsonb_to_recordset($1::jsonb) as r (email text, firstname text, lastname text)
         ), met as (
            insert into contacts as c (email, created_at)
            select email, $2 from new
            on conflict on constraint contacts_email_key do update
            set created_at = $2, claimed_by = null, handed_at = null
            where c.claimed_by is not null and c.handed_at is not null
                and not exists (select from users p where p.id = c.claimed_by and p.active and p.email = c.email)
            returning id, email
         ), known as (
            insert into users (id, email, firstname, lastname, locale, role, version, updated_at)
            select met.id, met.email, new.firstname, new.lastname, (select locale from settings), 'customer', 0, $2
            from met
            join new on new.email = met.email
            on conflict (id) do update
            set active = true, firstname = excluded.firstname, lastname = excluded.lastname, updated_at = $2
         )
         select id as "id!", email as "email!" from met"#,
        serde_json::to_value(new)?,
        now,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.email, row.id)).collect())
}

/// Contacts who turned out to be somebody, and who that is.
pub async fn claimed(db: &mut PgConnection) -> Result<Vec<(PersonId, PersonId)>> {
    let rows = sqlx::query!(
        r#"select c.id, c.claimed_by as "person!"
         from contacts c
         join users u on u.id = c.claimed_by
         where c.claimed_by is not null and c.handed_at is null
         order by c.id
         limit 20"#
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.person)).collect())
}

/// Holds a contact who turned out to be that person until the act ends, once nobody writes tickets of theirs any more; false when
/// all is handed over already.
pub async fn hold_claimed(db: &mut PgConnection, contact: PersonId, person: PersonId) -> Result<bool> {
    let held = sqlx::query_scalar!(
        "select c.id
         from contacts c
         join users u on u.id = c.id
         where c.id = $1 and c.claimed_by = $2 and c.handed_at is null
         for update",
        contact,
        person,
    );
    Ok(held.fetch_optional(db).await?.is_some())
}

/// Notes that all that was a contact's is the person's; false when somebody else has.
pub async fn handed(db: &mut PgConnection, contact: PersonId, now: DateTime<Utc>) -> Result<bool> {
    let noted = sqlx::query!(
        "with done as (
            update contacts set handed_at = $2 where id = $1 and handed_at is null returning id
         )
         update users u set active = false, updated_at = $2 from done where u.id = done.id",
        contact,
        now,
    );
    Ok(noted.execute(db).await?.rows_affected() == 1)
}

/// Finds who became a contact at the very moment in which the platform brought them.
pub async fn find_twins(db: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update contacts c
         set claimed_by = u.id
         from users u
         where c.claimed_by is null and c.created_at > $1 and u.email = c.email and u.id <> c.id and u.active
            and not exists (select from contacts other where other.id = u.id)",
        now - JUST,
    )
    .execute(db)
    .await?;
    Ok(())
}
