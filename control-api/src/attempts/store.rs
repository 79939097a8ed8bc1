//! The tables `sign_in_failures` and `known_sources`.

use chrono::{DateTime, TimeDelta, Utc};
use shared::Result;
use sqlx::PgConnection;

use super::{
    Marked,
    model::{MEMORY, Seen, Tally, WINDOW},
};

/// How long a try is looked at, at most: one that is older was dropped with its process or its client,
/// and counts as wrong.
const LOOKED_AT: TimeDelta = TimeDelta::seconds(10);
/// How long a network stays known.
const KNOWN: TimeDelta = TimeDelta::days(90);

/// Lets tries at one account, from one source and of one password follow each other until the
/// transaction ends: they are counted exactly, however many come at once. In one order, so that two
/// never wait for each other.
pub async fn lock(db: &mut PgConnection, marked: &Marked) -> Result<()> {
    let key = |mark: &[u8]| mark.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
    let mut keys = [key(&marked.account), key(&marked.source), key(&marked.password)];
    keys.sort_unstable();
    sqlx::query!(
        "select pg_advisory_xact_lock(key) as locked
        from unnest($1::bigint[]) with ordinality as keys (key, nth)
        order by nth",
        &keys[..],
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

struct Row {
    pair_failed: i64,
    pair_open: i64,
    pair_last: Option<DateTime<Utc>>,
    account_failed: i64,
    account_open: i64,
    account_first: Option<DateTime<Utc>>,
    source_failed: i64,
    source_open: i64,
    source_first: Option<DateTime<Utc>>,
    password_failed: i64,
    password_open: i64,
    password_first: Option<DateTime<Utc>>,
    known: bool,
}

/// What was tried of late, and whether the person came in from there before.
pub async fn seen(db: &mut PgConnection, marked: &Marked, now: DateTime<Utc>) -> Result<(Seen, bool)> {
    let row = sqlx::query_as!(
        Row,
        r#"with tries as (
            select account, source, at, settled or at < $6 as failed
            from sign_in_failures
            where (account = $1 and at > $5) or (source = $2 and at > $4)
        ), sprayed as (
            select account, bool_or(settled or at < $6) as failed, min(at) as at
            from sign_in_failures
            where password = $3 and account <> $1 and at > $4
            group by account
        )
        select
            count(*) filter (where account = $1 and source = $2 and failed) as "pair_failed!",
            count(*) filter (where account = $1 and source = $2 and not failed) as "pair_open!",
            max(at) filter (where account = $1 and source = $2 and failed) as "pair_last",
            count(*) filter (where account = $1 and at > $4 and failed) as "account_failed!",
            count(*) filter (where account = $1 and at > $4 and not failed) as "account_open!",
            min(at) filter (where account = $1 and at > $4) as "account_first",
            count(*) filter (where source = $2 and at > $4 and failed) as "source_failed!",
            count(*) filter (where source = $2 and at > $4 and not failed) as "source_open!",
            min(at) filter (where source = $2 and at > $4) as "source_first",
            (select count(*) from sprayed where failed) as "password_failed!",
            (select count(*) from sprayed where not failed) as "password_open!",
            (select min(at) from sprayed) as "password_first",
            exists (select from known_sources where user_id = $7 and source = $2) as "known!"
        from tries"#,
        marked.account,
        marked.source,
        marked.password,
        now - WINDOW,
        now - MEMORY,
        now - LOOKED_AT,
        marked.user,
    );
    let r = row.fetch_one(db).await?;
    let seen = Seen {
        pair: Tally { failed: r.pair_failed, open: r.pair_open, first: r.pair_last },
        pair_last: r.pair_last,
        account: Tally { failed: r.account_failed, open: r.account_open, first: r.account_first },
        source: Tally { failed: r.source_failed, open: r.source_open, first: r.source_first },
        password: Tally { failed: r.password_failed, open: r.password_open, first: r.password_first },
    };
    Ok((seen, r.known))
}

pub async fn insert(db: &mut PgConnection, marked: &Marked, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into sign_in_failures (account, source, password, at)
         values ($1, $2, $3, $4)
         returning id",
        marked.account,
        marked.source,
        marked.password,
        now,
    );
    Ok(id.fetch_one(db).await?)
}

pub async fn settle(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("update sign_in_failures set settled = true where id = $1", id).execute(db).await?;
    Ok(())
}

pub async fn remove(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from sign_in_failures where id = $1", id).execute(db).await?;
    Ok(())
}

/// Forgets a try that was right, and the wrong ones at this account from there. Those that are being
/// looked at stay.
pub async fn forget(db: &mut PgConnection, id: i64, marked: &Marked) -> Result<()> {
    sqlx::query!(
        "delete from sign_in_failures where id = $1 or (account = $2 and source = $3 and settled)",
        id,
        marked.account,
        marked.source,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn forgive(db: &mut PgConnection, account: &[u8]) -> Result<()> {
    sqlx::query!("delete from sign_in_failures where account = $1", account).execute(db).await?;
    Ok(())
}

/// Remembers that somebody came in from there. Not written again each time they do.
pub async fn know(db: &mut PgConnection, user: i64, source: &[u8], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into known_sources as k (user_id, source, at)
         values ($1, $2, $3)
         on conflict (user_id, source) do update
         set at = $3
         where k.at < $4",
        user,
        source,
        now,
        now - TimeDelta::days(1),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn sweep(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let tries = sqlx::query!(
        "delete from sign_in_failures
         where id in (select id from sign_in_failures where at < $1 limit $2)",
        before,
        limit,
    )
    .execute(&mut *db)
    .await?;
    let sources = sqlx::query!(
        "delete from known_sources
         where (user_id, source) in (select user_id, source from known_sources where at < $1 limit $2)",
        before + MEMORY - KNOWN,
        limit,
    )
    .execute(db)
    .await?;
    Ok(tries.rows_affected().max(sources.rows_affected()))
}
