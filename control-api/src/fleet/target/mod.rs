//! One tenant's database is brought to the newest migration. Each file is a transaction of its own, or builds one
//! index besides the others' work; what is done stays done, and the next try goes on behind it.

mod guard;
mod store;

use std::{collections::BTreeMap, time::Duration};

use shared::{Error, crash, error::is_outage};
use sqlx::{Connection, PgConnection, migrate::Migration, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{
    lint::Pace,
    migrations::Migrations,
    model::Migrated,
    rules::{HOLD, Trouble, lock_wait},
};
use crate::{
    clusters,
    provisioning::{self, Place},
};
use guard::Table;

/// How often a file waits for its locks in one try of a database, and how often it may be broken off for holding them too long.
const TRIES: u32 = 8;
const HELD: u32 = 3;
/// How long a statement may run that others wait for, and one that keeps nobody waiting.
const BRIEF: &str = "5s";
const LONG: &str = "30min";
/// How long a build of an index waits for transactions that were there before it: nobody waits behind it.
const PATIENCE: &str = "30s";
/// How long a server may take to tell what others have deleted.
const TOLD: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(500);

/// Whose database, where, and how the administrator connects.
pub struct Aim<'a> {
    /// The tenant.
    pub tenant: Uuid,
    /// Its place.
    pub place: &'a Place,
    /// The administrator's way to that server.
    pub server: PgConnectOptions,
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        let passes = have_met(&error.to_string())
            || is_outage(&error)
            || matches!(&error, sqlx::Error::Database(e) if e.code().is_some_and(|c| c.starts_with("40")));
        if passes { Self::Passing(error.to_string()) } else { Self::Lasting(error.to_string()) }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) | Error::Contended => Self::Passing(error.to_string()),
            Error::Internal { source, .. } if have_met(&source.to_string()) => Self::Passing(source.to_string()),
            other => Self::Lasting(other.to_string()),
        }
    }
}

/// Two who change the same row of the catalogue: PostgreSQL has no code of its own for it.
fn have_met(error: &str) -> bool {
    error.contains("tuple concurrently")
}

/// Brings it there, from wherever it is. Other sessions work on meanwhile.
pub async fn migrate(aim: &Aim<'_>, migrations: &Migrations) -> Result<Migrated, Trouble> {
    let mut inside = clusters::connect(&aim.server.clone().database(&aim.place.database)).await?;
    store::settle_in(&mut inside).await?;
    if !store::lock(&mut inside).await? {
        return Err(Trouble::Passing("somebody else migrates this database".into()));
    }
    if store::marker(&mut inside).await? != Some(aim.tenant) {
        return Err(Trouble::Lasting("the database is another tenant's".into()));
    }
    let applied = store::applied(&mut inside).await?;
    let from = applied.keys().next_back().copied().unwrap_or_default();
    let missing = missing(migrations, &applied)?;
    let seen = Seen::of(&mut inside).await?;
    for migration in &missing {
        apply(aim, &mut inside, migration).await?;
        crash::point(|| "fleet.applied".to_owned());
    }
    // Though nothing was missing: whoever applied the last file may have died before this.
    provisioning::grant(&mut inside, (&aim.place.database, &aim.place.role)).await?;
    let rows_after = seen.is_whole(&mut inside, &missing).await?;
    let unfinished = store::unfinished(&mut inside).await?;
    if !unfinished.is_empty() {
        return Err(Trouble::Lasting(format!("indexes are not valid: {}", unfinished.join(", "))));
    }
    let shape = store::shape(&mut inside).await?;
    let to = missing.last().map_or(from, |last| last.version.max(from));
    let mut versions: Vec<i64> = applied.into_keys().chain(missing.iter().map(|migration| migration.version)).collect();
    versions.sort_unstable();
    inside.close().await?;
    Ok(Migrated { from, to, versions, rows_before: seen.rows.values().sum(), rows_after, shape })
}

/// The digest of a database's shape.
pub async fn shape(database: PgConnectOptions) -> shared::Result<String> {
    let mut inside = clusters::connect(&database).await?;
    let shape = store::shape(&mut inside).await?;
    inside.close().await?;
    Ok(shape)
}

/// The schema of a database as it is: the migrations that it has, the oldest first, and the digest of its shape.
pub async fn look(aim: &Aim<'_>) -> Result<(Vec<i64>, String), Trouble> {
    let mut inside = clusters::connect(&aim.server.clone().database(&aim.place.database)).await?;
    let applied = store::applied(&mut inside).await?;
    let shape = store::shape(&mut inside).await?;
    inside.close().await?;
    let succeeded = applied.into_iter().filter(|(_, (_, success))| *success);
    Ok((succeeded.map(|(version, _)| version).collect(), shape))
}

/// What was not applied yet. A file that is another one now, or came to no end, is somebody's to look at. Files that
/// are unknown here were a newer release's: the database is ahead.
fn missing<'a>(migrations: &'a Migrations, applied: &BTreeMap<i64, (Vec<u8>, bool)>) -> Result<Vec<&'a Migration>, Trouble> {
    let mut missing = Vec::new();
    for migration in migrations.iter() {
        match applied.get(&migration.version) {
            None => missing.push(migration),
            Some((_, false)) => return Err(Trouble::Lasting(format!("migration {} came to no end", migration.version))),
            Some((checksum, true)) if **checksum != *migration.checksum => {
                return Err(Trouble::Lasting(format!("migration {} is not the file that was applied", migration.version)));
            }
            Some(_) => {}
        }
    }
    Ok(missing)
}

/// What a released file needs before its first statement, for its text is never changed.
fn before(migration: &Migration) -> Option<&'static str> {
    // It begins to number where it sees the last row: nobody may write one between that and its own first lock.
    (migration.version == 3 && migration.description == "audit").then_some("lock table audit_logs in access exclusive mode")
}

/// Applies one file; waits for its locks again and again, each time for a moment only.
async fn apply(aim: &Aim<'_>, inside: &mut PgConnection, migration: &Migration) -> Result<(), Trouble> {
    let pace = Pace::of(migration.sql.as_str());
    if migration.no_tx {
        return beside(inside, migration, pace).await;
    }
    let (mut tries, mut held) = (0, 0);
    loop {
        let tried = alone(aim, inside, migration, (pace, lock_wait(tries))).await;
        tries += 1;
        held += u32::from(matches!(tried, Err(Held::TooLong(_))));
        match tried {
            Err(Held::ByOthers(why) | Held::TooLong(why)) if tries >= TRIES || held >= HELD => return Err(Trouble::Passing(why)),
            Err(Held::ByOthers(_) | Held::TooLong(_)) => tokio::time::sleep(moment()).await,
            Err(Held::No(trouble)) => return Err(trouble),
            Ok(()) => return Ok(()),
        }
    }
}

/// A fifth of a second up to one and a quarter, another one each time: who met once does not meet again.
fn moment() -> Duration {
    Duration::from_millis(200 + 4 * u64::from(Uuid::new_v4().as_bytes()[0]))
}

/// Why a file was not applied: others held its locks, others would have waited too long for it, or something else.
enum Held {
    ByOthers(String),
    TooLong(String),
    No(Trouble),
}

impl From<sqlx::Error> for Held {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        if matches!(&*code, "55P03" | "40P01") { Self::ByOthers(error.to_string()) } else { Self::No(error.into()) }
    }
}

/// In a transaction of its own, which commits only what takes nothing away.
async fn alone(aim: &Aim<'_>, inside: &mut PgConnection, migration: &Migration, (pace, wait): (Pace, Duration)) -> Result<(), Held> {
    let begun = std::time::Instant::now();
    let number = store::number(inside).await?;
    let mut tx = inside.begin().await?;
    let limit = if pace == Pace::Brief { BRIEF } else { LONG };
    store::run(&mut tx, format!("set local lock_timeout = {}; set local statement_timeout = '{limit}'", wait.as_millis())).await?;
    let tables = store::tables(&mut tx).await?;
    let file = async {
        if let Some(sql) = before(migration) {
            store::run(&mut tx, sql).await?;
        }
        sqlx::raw_sql(migration.sql.clone()).execute(&mut *tx).await.map(drop)
    };
    match pace {
        Pace::Brief => within(aim, number, wait + HOLD, file).await?,
        _ => file.await?,
    }
    let signed = super::lint::signed_tables(migration.sql.as_str());
    if let Some(lost) = guard::taken(&tables, &store::tables(&mut tx).await?, &signed) {
        tx.rollback().await?;
        return Err(Held::No(Trouble::RowsLost(format!("migration {}: {lost}; it was taken back", migration.version))));
    }
    store::note(&mut tx, migration, i64::try_from(begun.elapsed().as_nanos()).unwrap_or(i64::MAX)).await?;
    tx.commit().await?;
    Ok(())
}

/// Does what others wait for, and breaks it off when they would wait too long.
async fn within(aim: &Aim<'_>, number: i32, limit: Duration, file: impl Future<Output = sqlx::Result<()>>) -> Result<(), Held> {
    tokio::pin!(file);
    tokio::select! {
        done = &mut file => return Ok(done?),
        () = tokio::time::sleep(limit) => {}
    }
    let mut server = clusters::connect(&aim.server).await.map_err(|error| Held::No(error.into()))?;
    store::cancel(&mut server, number).await?;
    // Whatever comes of the goodbye, the socket is closed.
    let _ = server.close().await;
    match file.await {
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "57014") => {
            Err(Held::TooLong(format!("it was broken off after {limit:?}, for others waited: {error}")))
        }
        done => Ok(done?),
    }
}

/// Outside of any transaction, while others work: builds one index. What an earlier try left unfinished goes first.
async fn beside(inside: &mut PgConnection, migration: &Migration, pace: Pace) -> Result<(), Trouble> {
    if pace != Pace::Beside {
        return Err(Trouble::Lasting(format!(
            "migration {} may only build one index concurrently without a transaction",
            migration.version
        )));
    }
    let begun = std::time::Instant::now();
    store::run(inside, format!("set lock_timeout = '{PATIENCE}'; set statement_timeout = '{LONG}'")).await?;
    for index in store::unfinished(inside).await? {
        store::run(inside, format!("drop index concurrently if exists {index}")).await?;
    }
    sqlx::raw_sql(migration.sql.clone()).execute(&mut *inside).await?;
    let unfinished = store::unfinished(inside).await?;
    if !unfinished.is_empty() {
        return Err(Trouble::Passing(format!("indexes are not valid: {}", unfinished.join(", "))));
    }
    Ok(store::note(inside, migration, i64::try_from(begun.elapsed().as_nanos()).unwrap_or(i64::MAX)).await?)
}

/// What was in the tables before.
struct Seen {
    tables: Vec<Table>,
    rows: BTreeMap<i64, i64>,
    deleted: BTreeMap<i64, i64>,
}

impl Seen {
    async fn of(inside: &mut PgConnection) -> Result<Self, Trouble> {
        store::run(inside, "set statement_timeout = '60s'").await?;
        let deleted = store::deleted(inside).await?;
        let tables = store::tables(inside).await?;
        let rows = store::count(inside, &tables).await?;
        Ok(Self { tables, rows, deleted })
    }

    /// The rows that there are now, none less than others have deleted; a server tells of that a little later.
    async fn is_whole(&self, inside: &mut PgConnection, applied: &[&Migration]) -> Result<i64, Trouble> {
        let signed: Vec<String> = applied.iter().flat_map(|m| super::lint::signed_tables(m.sql.as_str())).collect();
        let is_signed = |name: &str| signed.iter().any(|named| name == named || name.strip_prefix("public.") == Some(named));
        let watched: Vec<Table> = self.tables.iter().filter(|table| !is_signed(&table.name)).cloned().collect();
        let now = store::tables(inside).await?;
        let rows = store::count(inside, &now).await?;
        let begun = tokio::time::Instant::now();
        loop {
            let deleted = store::deleted(inside).await?;
            let since = |oid: i64| deleted.get(&oid).copied().unwrap_or_default() - self.deleted.get(&oid).copied().unwrap_or_default();
            match guard::fallen(&watched, (&self.rows, &rows), since) {
                None => return Ok(rows.values().sum()),
                Some(lost) if begun.elapsed() > TOLD => return Err(Trouble::RowsLost(lost)),
                Some(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }
}
