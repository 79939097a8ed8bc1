//! The tables `imports`, `import_parts`, `import_keys` and `ticket_origins`; `import_problems` is in `problems`, and what goes
//! with time in `over`.

pub(super) mod over;
pub(super) mod problems;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Error, Result, page::Part, select_part};
use sqlx::{PgConnection, types::Json};

use super::{
    head::Head,
    mapping::Mapping,
    model::{Column, Counts, Delimiter, Encoding, Import, Kind, State},
    source::Spot,
};
use crate::people::PersonId;

struct Row {
    id: i64,
    kind: String,
    source: String,
    file_name: String,
    file_size: i64,
    received: i64,
    encoding: Option<String>,
    delimiter: Option<String>,
    columns: Json<Vec<Column>>,
    mapping: Json<Mapping>,
    state: String,
    reason: Option<String>,
    begins_at: i64,
    begins_line: i64,
    position: i64,
    line: i64,
    records: i64,
    imported: i64,
    skipped: i64,
    failed: i64,
    warned: i64,
    contacts: i64,
    created_by: PersonId,
    run_by: PersonId,
    run_key: Option<i64>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

/// An import, in whose name it is read, where its records begin, and where its next one does.
pub(super) struct Stored {
    pub import: Import,
    pub runner: Runner,
    pub begins: Spot,
    pub next: Spot,
}

/// Who has asked for a check or a run, and with which of their API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Runner {
    pub person: PersonId,
    pub key: Option<i64>,
}

impl TryFrom<Row> for Stored {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let broken = || Error::internal(anyhow::anyhow!("import {} holds a word that is none", row.id));
        let Row { records, imported, skipped, failed, warned, contacts, .. } = row;
        let import = Import {
            id: row.id,
            kind: Kind::parse(&row.kind).ok_or_else(broken)?,
            encoding: row.encoding.as_deref().map(|text| Encoding::parse(text).ok_or_else(broken)).transpose()?,
            delimiter: row.delimiter.as_deref().map(|text| Delimiter::parse(text).ok_or_else(broken)).transpose()?,
            state: State::parse(&row.state).ok_or_else(broken)?,
            source: row.source,
            file_name: row.file_name,
            file_size: row.file_size,
            received: row.received,
            columns: row.columns.0,
            mapping: row.mapping.0,
            reason: row.reason,
            position: row.position,
            counts: Counts { records, imported, skipped, failed, warned, contacts },
            created_by: row.created_by,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        };
        let begins = Spot { position: row.begins_at, line: row.begins_line };
        let runner = Runner { person: row.run_by, key: row.run_key };
        Ok(Self { import, runner, begins, next: Spot { position: row.position, line: row.line } })
    }
}

macro_rules! select_import {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select i.id, i.kind, i.source, i.file_name, i.file_size, i.received, i.encoding, i.delimiter,
                i.columns as "columns: Json<Vec<Column>>", i.mapping as "mapping: Json<Mapping>", i.state, i.reason, i.begins_at,
                i.begins_line, i.position, i.line, i.records, i.imported, i.skipped, i.failed, i.warned, i.contacts, i.created_by,
                i.run_by, i.run_key, i.created_at, i.started_at, i.finished_at
            from imports i "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Imports by id.
pub(super) async fn list(db: &mut PgConnection, part: &Part<'_, i64>) -> Result<Vec<Import>> {
    let rows = select_part!(part, db, select_import!("where true", "i.id"))?;
    rows.into_iter().map(|row| Stored::try_from(row).map(|stored| stored.import)).collect()
}

/// How many imports there are.
pub(super) async fn count(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from imports"#).fetch_one(db).await?)
}

/// One import.
pub(super) async fn find(db: &mut PgConnection, id: i64) -> Result<Import> {
    let row = select_import!("where i.id = $1", id).fetch_optional(db).await?;
    Stored::try_from(row.ok_or(Error::NotFound("not_found"))?).map(|stored| stored.import)
}

/// One import, which nobody else changes before the act ends.
pub(super) async fn lock(db: &mut PgConnection, id: i64) -> Result<Stored> {
    let row = select_import!("where i.id = $1 for update", id).fetch_optional(db).await?;
    row.ok_or(Error::NotFound("not_found"))?.try_into()
}

/// The import that is read just now, or is next.
pub(super) async fn under_way(db: &mut PgConnection) -> Result<Option<Stored>> {
    let row = select_import!("where i.state in ('checking', 'running') order by i.started_at, i.id limit 1").fetch_optional(db).await?;
    row.map(Stored::try_from).transpose()
}

/// Holds an import whose next record begins there, in that very check or run, and says how many tickets of the month a check has let
/// in. None when somebody else has read on, ended it, begun anew, or is at it: of two who read, one writes. `skip locked`: the other
/// leaves it.
pub(super) async fn hold(db: &mut PgConnection, import: &Import, next: Spot) -> Result<Option<i64>> {
    let held = sqlx::query_scalar!(
        "select of_month
         from imports
         where id = $1 and state = $2 and position = $3 and started_at is not distinct from $4
         for update skip locked",
        import.id,
        import.state.as_str(),
        next.position,
        import.started_at,
    );
    Ok(held.fetch_optional(db).await?)
}

/// Undoes what an act has done that fails, before it gives its connection back.
pub(super) async fn undo(db: &mut PgConnection) -> Result<()> {
    Ok(sqlx::raw_sql("rollback").execute(db).await.map(drop)?)
}

/// Notes that the record which begins there could not be brought, and says how often by now; never where somebody else has read on.
pub(super) async fn note_attempt(db: &mut PgConnection, import: &Import, next: Spot) -> Result<i32> {
    let attempts = sqlx::query_scalar!(
        "update imports
         set attempts = attempts + 1
         where id = $1 and state = $2 and position = $3 and started_at is not distinct from $4
         returning attempts",
        import.id,
        import.state.as_str(),
        next.position,
        import.started_at,
    );
    Ok(attempts.fetch_optional(db).await?.unwrap_or(0))
}

/// How many imports are not over. Whoever begins one waits here for whoever is just beginning another.
pub(super) async fn count_open(db: &mut PgConnection) -> Result<i64> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('imports'))").execute(&mut *db).await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from imports where state in ('uploading', 'ready', 'checking', 'checked', 'running')"#
    );
    Ok(count.fetch_one(db).await?)
}

/// A file that is about to come.
pub(super) struct NewImport<'a> {
    pub kind: Kind,
    pub source: &'a str,
    pub file_name: &'a str,
    pub file_size: i64,
    /// What was said of it already; nothing is guessed then.
    pub encoding: Option<Encoding>,
    pub delimiter: Option<Delimiter>,
    pub mapping: &'a Mapping,
}

/// Writes an import down.
pub(super) async fn insert(db: &mut PgConnection, me: PersonId, new: &NewImport<'_>, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into imports (created_by, run_by, kind, source, file_name, file_size, encoding, delimiter, mapping, created_at, touched_at)
         values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         returning id",
        me,
        new.kind.as_str(),
        new.source,
        new.file_name,
        new.file_size,
        new.encoding.map(Encoding::as_str),
        new.delimiter.map(Delimiter::as_str),
        serde_json::to_value(new.mapping)?,
        now,
    );
    Ok(id.fetch_one(db).await?)
}

/// Keeps a part of a locked import's file, behind those that are there.
pub(super) async fn add_part(db: &mut PgConnection, id: i64, (starts, bytes): (i64, &[u8]), now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("insert into import_parts (import_id, starts, bytes) values ($1, $2, $3)", id, starts, bytes).execute(&mut *db).await?;
    sqlx::query!("update imports set received = $2, touched_at = $3 where id = $1", id, starts + bytes.len() as i64, now)
        .execute(db)
        .await?;
    Ok(())
}

/// The part of a file in which that byte lies, and where it starts.
pub(super) async fn part_at(db: &mut PgConnection, id: i64, position: i64) -> Result<Option<(i64, Vec<u8>)>> {
    let part = sqlx::query!(
        "select starts, bytes
         from import_parts
         where import_id = $1 and starts <= $2 and starts + octet_length(bytes) > $2
         order by starts desc
         limit 1",
        id,
        position,
    );
    Ok(part.fetch_optional(db).await?.map(|part| (part.starts, part.bytes)))
}

/// Sets what was read at the head of a locked import's file.
pub(super) async fn set_head(db: &mut PgConnection, id: i64, head: &Head, mapping: &Mapping, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update imports
         set encoding = $2, delimiter = $3, columns = $4, mapping = $5, begins_at = $6, begins_line = $7, position = $6, line = $7,
             state = 'ready', touched_at = greatest(touched_at, $8)
         where id = $1",
        id,
        head.encoding.as_str(),
        head.delimiter.as_str(),
        serde_json::to_value(&head.columns)?,
        serde_json::to_value(mapping)?,
        head.begins.0,
        head.begins.1,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets what each column of a locked import's file is that waits; a check before counts no more.
pub(super) async fn set_mapping(db: &mut PgConnection, id: i64, mapping: &Mapping, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update imports
         set mapping = $2, state = 'ready', touched_at = greatest(touched_at, $3)
         where id = $1 and state in ('ready', 'checked')",
        id,
        serde_json::to_value(mapping)?,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Begins to read a locked import from its first record on, in somebody's name, and forgets what an earlier check has found. Who asks
/// and who reads may have other clocks: it begins after all that was done in it before.
pub(super) async fn begin(db: &mut PgConnection, before: &Stored, state: State, by: Runner, now: DateTime<Utc>) -> Result<()> {
    problems::forget(&mut *db, before.import.id).await?;
    sqlx::query!(
        "update imports
         set state = $2, reason = null, position = $3, line = $4, records = 0, imported = 0, skipped = 0, failed = 0, warned = 0,
             contacts = 0, of_month = 0, attempts = 0, run_by = $6, run_key = $7, finished_at = null,
             started_at = greatest($5, touched_at + interval '1 microsecond'),
             touched_at = greatest($5, touched_at + interval '1 microsecond')
         where id = $1",
        before.import.id,
        state.as_str(),
        before.begins.position,
        before.begins.line,
        now,
        by.person,
        by.key,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes how far a held import is, what came of the records before, and how many tickets of the month a check has let in of them.
pub(super) async fn advance(db: &mut PgConnection, id: i64, next: Spot, (more, of_month): (Counts, i64), now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update imports
         set position = $2, line = $3, records = records + $4, imported = imported + $5, skipped = skipped + $6, failed = failed + $7,
             warned = warned + $8, contacts = contacts + $9, touched_at = greatest(touched_at, $10), of_month = of_month + $11,
             attempts = 0
         where id = $1",
        id,
        next.position,
        next.line,
        more.records,
        more.imported,
        more.skipped,
        more.failed,
        more.warned,
        more.contacts,
        now,
        of_month,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends what a locked import is at. What is over is forgotten by and by: a large file takes longer than a statement may.
pub(super) async fn end(db: &mut PgConnection, id: i64, state: State, reason: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update imports set state = $2, reason = $3, finished_at = $4, touched_at = greatest(touched_at, $4) where id = $1",
        id,
        state.as_str(),
        reason,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes what a check has met, and gives back what it met for the first time.
pub(super) async fn note_keys(db: &mut PgConnection, import: &Import, keys: &[String]) -> Result<Vec<String>> {
    let noted = sqlx::query_scalar!(
        "insert into import_keys (import_id, began, key)
         select id, started_at, key from imports, unnest($2::text[]) as key where id = $1
         on conflict do nothing
         returning key",
        import.id,
        keys,
    );
    Ok(noted.fetch_all(db).await?)
}

/// A ticket that came from elsewhere.
pub(super) struct Origin {
    pub external_id: String,
    pub import_id: i64,
    pub brought_at: DateTime<Utc>,
    pub ticket_number: String,
}

/// Which of a source's ids are here, and as which tickets.
pub(super) async fn origins(db: &mut PgConnection, source: &str, ids: &[String]) -> Result<Vec<Origin>> {
    let found = sqlx::query_as!(
        Origin,
        "select o.external_id, o.import_id, o.brought_at, t.ticket_number
         from ticket_origins o
         join support_tickets t on t.id = o.ticket_id
         where o.source = $1 and o.external_id = any($2)",
        source,
        ids,
    );
    Ok(found.fetch_all(db).await?)
}

/// Notes where tickets came from, and when: never before that run began, whatever the clock of whoever reads says.
pub(super) async fn note_origins(db: &mut PgConnection, import: &Import, came: &[(String, i64)], now: DateTime<Utc>) -> Result<()> {
    let (ids, tickets): (Vec<String>, Vec<i64>) = came.iter().cloned().unzip();
    sqlx::query!(
        "insert into ticket_origins (source, external_id, ticket_id, import_id, brought_at)
         select $1, came.external_id, came.ticket_id, i.id, greatest($5, i.started_at)
         from imports i, unnest($2::text[], $3::bigint[]) as came (external_id, ticket_id)
         where i.id = $4",
        import.source,
        &ids,
        &tickets,
        import.id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a row says of itself, for the trail.
pub(super) fn told(import: &Import) -> Value {
    serde_json::json!({
        "kind": import.kind, "source": import.source, "file_name": import.file_name, "file_size": import.file_size,
        "state": import.state, "reason": import.reason, "counts": import.counts,
    })
}
