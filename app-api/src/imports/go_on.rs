//! Reading a file on: some hundred records at a time, each time in one act that brings their tickets, says what was wrong with
//! which, and notes where the next one begins. Whoever is broken off is broken off between two of these. Records are read and
//! judged before the act; of two who read, one writes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::{
    Error, Result,
    act::{Act, Actor, Author},
    auth::token::hash,
    clock::Clock,
    tenancy::Tenant,
};
use tokio::time::Instant;

use super::{
    judge::{Judged, judge},
    model::{Delimiter, Encoding, Import, Kind, State},
    raw::{Flaw, Raw},
    settle::{Lines, Room, settle},
    source::{Record, Source, Spot},
    store::{self, Runner, Stored},
    table::{self, Reading},
    zendesk::Exported,
};
use crate::{
    categories::{self, Known},
    events::{Deed, Noun, Setting},
    people,
};

/// Records of one act: fewer when one of them makes trouble, so that it troubles no other.
const TOGETHER: [usize; 3] = [200, 20, 1];
/// So often a record is tried for which there was no time, or which others were in the way of; then it is left out. Otherwise one
/// that takes too long would keep every later one from coming.
const ATTEMPTS: i32 = 5;
/// So long a visit lasts; whoever asked comes again at once.
const SLICE: Duration = Duration::from_secs(8);
/// When to come again where somebody else is at it just now.
const BUSY: Duration = Duration::from_secs(2);

/// A record that was judged.
pub(super) struct Line {
    pub line: i64,
    pub judged: Judged,
}

/// Records that were judged at a time, and where the next one begins.
struct Batch {
    lines: Vec<Line>,
    next: Spot,
    at: DateTime<Utc>,
}

/// Whether one of a tenant's imports is to be gone on with.
pub async fn waits(tenant: &Tenant) -> Result<Option<Duration>> {
    Ok(store::under_way(&mut *tenant.db.read().await?).await?.map(|_| Duration::ZERO))
}

/// Goes on with a tenant's imports for a while, and says when to come again if there is more to read.
pub async fn go_on(tenant: &Tenant, clock: &Clock) -> Result<Option<Duration>> {
    let (begun, mut source) = (Instant::now(), None);
    while begun.elapsed() < SLICE {
        let Some(stored) = store::under_way(&mut *tenant.db.read().await?).await? else { return Ok(None) };
        if !step(tenant, clock, &stored, &mut source).await? {
            return Ok(Some(BUSY));
        }
    }
    Ok(Some(Duration::ZERO))
}

/// Reads the next records; false when somebody else does.
async fn step(tenant: &Tenant, clock: &Clock, stored: &Stored, kept: &mut Option<Source>) -> Result<bool> {
    let (import, spot, author, bounds) = (&stored.import, stored.next, author(stored.runner), tenant.bounds.openings_a_month);
    let delimiter = import.delimiter.unwrap_or(Delimiter::Comma);
    for (n, most) in TOGETHER.into_iter().enumerate() {
        let mut db = tenant.db.read().await?;
        let known = Arc::new(categories::known(&mut db).await?);
        let same = kept.take().filter(|source| source.is_at(import.id, spot));
        let mut source = same.unwrap_or_else(|| Source::new(import.id, (import.kind, delimiter), spot));
        let records = source.next(&mut db, most).await?;
        drop(db);
        let next = records.last().map_or(spot, |record| record.next);
        let at = clock.now();
        let mut batch = Batch { lines: judged(import, &known, records, at).await?, next, at };
        let done = tenant.db.act(author.clone(), clock, async |act| write(act, stored, &batch, bounds).await).await;
        match done {
            Ok(wrote) => {
                *kept = Some(source);
                return Ok(wrote);
            }
            Err(error @ (Error::Moved | Error::Wanted(_))) => return Err(error),
            Err(error) if n + 1 < TOGETHER.len() => {
                tracing::warn!(tenant = %tenant.id, import = import.id, %error, "an import goes on more slowly");
            }
            Err(error) => {
                let passes = matches!(error, Error::Unavailable(_) | Error::Contended);
                // For Vault everything waits.
                if passes && (error.is_vaults() || !has_failed(tenant, stored).await?) {
                    return Err(error);
                }
                tracing::error!(tenant = %tenant.id, import = import.id, line = spot.line, %error, "a record of an import was left out");
                batch.lines.iter_mut().for_each(|line| line.judged = (None, vec![broken()]));
                return tenant.db.act(author, clock, async |act| write(act, stored, &batch, bounds).await).await;
            }
        }
    }
    Ok(true)
}

/// Whoever has asked for it, with the key that they have asked with.
fn author(runner: Runner) -> Author {
    let (id, role) = (runner.person, "admin".to_owned());
    let actor = match runner.key {
        Some(key) => Actor::Key { id, role, key },
        None => Actor::Person { id, role },
    };
    Author { actor, ..Author::system("imports") }
}

/// Whether the next record has failed so often by now that it is left out.
async fn has_failed(tenant: &Tenant, stored: &Stored) -> Result<bool> {
    let attempts = tenant.db.apply(async |db| store::note_attempt(db, &stored.import, stored.next).await).await?;
    Ok(attempts >= ATTEMPTS)
}

fn broken() -> Flaw {
    Flaw::error("", "internal", "This could not be brought, and we do not know why.")
}

/// Judges records off the threads that answer requests: a long thread takes its time.
async fn judged(import: &Import, known: &Arc<Known>, records: Vec<Record>, now: DateTime<Utc>) -> Result<Vec<Line>> {
    let reading = Reading {
        columns: import.columns.clone(),
        mapping: import.mapping.clone(),
        delimiter: import.delimiter.unwrap_or(Delimiter::Comma),
        encoding: import.encoding.unwrap_or(Encoding::Utf8),
    };
    let (kind, known) = (import.kind, known.clone());
    let judging = move || {
        let one = |record: Record| {
            // A record at which we fail is left out, and keeps no other from coming.
            let judged = catch_unwind(AssertUnwindSafe(|| of_record(kind, &record, &reading, (&known, now))));
            let judged = judged.unwrap_or_else(|_| Some((None, vec![broken()])))?;
            Some(Line { line: record.line, judged })
        };
        records.into_iter().filter_map(one).collect()
    };
    tokio::task::spawn_blocking(judging).await.map_err(Error::internal)
}

/// What a record comes to; none of one in which nothing stands.
fn of_record(kind: Kind, record: &Record, reading: &Reading, (known, now): (&Known, DateTime<Utc>)) -> Option<Judged> {
    let fallback = record.bytes.as_deref().map(told_by_its_words).unwrap_or_default();
    match raw(kind, record, reading) {
        Ok(None) => None,
        Ok(Some(raw)) => Some(judge(raw, known, now, &fallback)),
        Err(flaw) => Some((None, vec![flaw])),
    }
}

fn raw(kind: Kind, record: &Record, reading: &Reading) -> Result<Option<Raw>, Flaw> {
    let endless = "What begins in this line is longer than 4 MiB. Is a quotation mark or a brace missing?";
    let bytes = record.bytes.as_deref().ok_or_else(|| Flaw::error("", "too_long", endless))?;
    match kind {
        Kind::Csv => table::read(bytes, reading),
        Kind::Zendesk => Exported::parse(bytes).map(|ticket| Some(ticket.raw(&reading.mapping))),
    }
}

/// The id of a record that has none: the same words are the same ticket.
fn told_by_its_words(bytes: &[u8]) -> String {
    let hash = hash(String::from_utf8_lossy(bytes).trim());
    hash.iter().take(16).fold("line:".to_owned(), |id, byte| format!("{id}{byte:02x}"))
}

/// Writes what became of some records, if nobody has read on meanwhile; false when somebody has.
async fn write(act: &mut Act, stored: &Stored, batch: &Batch, most: Option<i64>) -> Result<bool> {
    let (now, import) = (act.now(), &stored.import);
    let Some(taken) = store::hold(act.db(), import, stored.next).await? else { return Ok(false) };
    if !people::is_admin(act.db(), stored.runner.person).await? {
        // Another admin may run it: the file stays.
        store::end(act.db(), import.id, State::Ready, Some("forbidden"), now).await?;
        return tell(act, import.id).await;
    }
    let Lines { counts, of_month, problems } = settle(act, import, &batch.lines, Room { most, taken, at: batch.at }).await?;
    store::problems::add(act.db(), import.id, problems).await?;
    store::advance(act.db(), import.id, batch.next, (counts, of_month), now).await?;
    if batch.next == stored.next {
        let state = if import.state == State::Checking { State::Checked } else { State::Finished };
        store::end(act.db(), import.id, state, None, now).await?;
        return tell(act, import.id).await;
    }
    Ok(true)
}

/// Records that an import has come to an end.
async fn tell(act: &mut Act, id: i64) -> Result<bool> {
    let import = store::find(act.db(), id).await?;
    let mut what = store::told(&import);
    what["finished_at"] = json!(import.finished_at);
    act.record(&Setting::new(Noun::Import, Deed::Changed, id, what)).await?;
    Ok(true)
}
