//! Reading a file on: some hundred records at a time, each time in one act that brings their tickets, says what was wrong with
//! which, and notes where the next one begins. Whoever is broken off is broken off between two of these. Records are read and
//! judged before the act; of two who read, one writes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::{
    Error, Result,
    act::{Act, Actor, Author},
    auth::token::hash,
    clock::Clock,
    error::TIME,
    month::Month,
    tenancy::Tenant,
};
use tokio::time::timeout_at;

use super::{
    judge::{Judged, Late, judge},
    model::{Delimiter, Encoding, Import, Kind, State},
    raw::{Flaw, Raw},
    settle::{Lines, Room, settle},
    source::{Record, Source, Spot},
    store::{self, Runner, Stored},
    table::{self, Reading},
    zendesk::Exported,
};
use crate::{
    access::Access,
    categories::{self, Known},
    events::{Deed, Noun, Setting},
    people, tickets,
};

/// Records of one act, and after which time it is cut off: fewer when one of them makes trouble, so that it troubles no other.
const TOGETHER: [(usize, Duration); 3] = [(200, Duration::from_secs(5)), (20, Duration::from_secs(5)), (1, Duration::from_secs(20))];
/// So long an act that is cut off waits at most for the statement that is under way: as long as the database lets any run.
const STATEMENT: Duration = Duration::from_secs(5);
/// So often a record is tried for which there was no time; then it is left out. Otherwise one that takes too long would keep every
/// later one from coming.
const ATTEMPTS: i32 = 5;
/// So long a visit lasts; whoever asked comes again at once.
const SLICE: Duration = Duration::from_secs(5);
/// So long a visit lasts at most, but for what is noted behind it.
pub const LONGEST: Duration = SLICE
    .saturating_add(TOGETHER[0].1)
    .saturating_add(TOGETHER[1].1)
    .saturating_add(TOGETHER[2].1)
    .saturating_add(STATEMENT.saturating_mul(TOGETHER.len() as u32));
/// When to come again where somebody else is at it just now.
const BUSY: Duration = Duration::from_secs(2);

/// A record that was judged.
pub(super) struct Line {
    pub line: i64,
    pub judged: Judged,
}

impl Line {
    fn broken(line: i64) -> Self {
        Self { line, judged: (None, vec![broken()]) }
    }
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

/// What a visit keeps from one act to the next.
#[derive(Default)]
struct Kept {
    /// The file, read as far as its records were brought.
    source: Option<Source>,
    /// The lines that were read last, and where the next one begins.
    read: Option<(Vec<i64>, Spot)>,
}

/// Goes on with a tenant's imports for a while, and says when to come again if there is more to read.
pub async fn go_on(tenant: &Tenant, clock: &Clock, access: &Access) -> Result<Option<Duration>> {
    let (begun, mut kept) = (Instant::now(), Kept::default());
    while begun.elapsed() < SLICE {
        let Some(stored) = store::under_way(&mut *tenant.db.read().await?).await? else { return Ok(None) };
        // Whoever has asked is looked at in the act; what their key opens is known elsewhere.
        let is_let = match stored.runner.key {
            Some(key) => access.opens(key, (tenant.id, stored.runner.person), clock.now()).await?,
            None => true,
        };
        let wrote = if is_let {
            step(tenant, clock, &stored, &mut kept).await?
        } else {
            tenant.db.act(author(stored.runner), clock, async |act| give_back(act, &stored).await).await?
        };
        if !wrote {
            return Ok(Some(BUSY));
        }
    }
    Ok(Some(Duration::ZERO))
}

/// Reads and brings the next records; false when somebody else does. Fails where it is not theirs that it fails.
async fn step(tenant: &Tenant, clock: &Clock, stored: &Stored, kept: &mut Kept) -> Result<bool> {
    let (import, mut failed) = (stored.import.id, Error::Contended);
    for (most, longest) in TOGETHER {
        match take(tenant, clock, stored, kept, (most, Instant::now() + longest)).await {
            Err(error) if !passes(&error) => failed = error,
            done => return done,
        }
        if most > 1 {
            tracing::warn!(tenant = %tenant.id, import, error = %failed, "an import goes on more slowly");
        }
    }
    // What others were in the way of comes when they are not.
    let is_tried_again = matches!(failed, Error::Contended) || (failed.is_out_of_time() && !has_failed(tenant, stored).await?);
    match kept.read.take() {
        Some(read) if !is_tried_again => {
            tracing::error!(tenant = %tenant.id, import, line = stored.next.line, error = %failed, "a record of an import was left out");
            leave_out(tenant, clock, stored, read).await
        }
        _ => Err(failed),
    }
}

/// Whether it is no record's fault: the database is away, or full, or a lock did not come; a key is Vault's to give; the tenant has
/// moved. All records wait for that, however long it takes.
fn passes(error: &Error) -> bool {
    match error {
        Error::Moved | Error::Wanted(_) => true,
        Error::Unavailable(_) => !error.is_out_of_time(),
        _ => false,
    }
}

/// Reads the next records, `most` of them at most, judges and brings them.
async fn take(tenant: &Tenant, clock: &Clock, stored: &Stored, kept: &mut Kept, (most, until): (usize, Instant)) -> Result<bool> {
    let (source, batch) = by(until, next(tenant, clock, stored, kept, (most, until))).await?;
    let limit = tenant.bounds.openings_a_month;
    let writing = async |act: &mut Act| {
        let wrote = by(until, write(act, stored, &batch, limit)).await;
        if wrote.is_err() {
            // Whoever tries again, with fewer records, would take this act for somebody else who is at it. It is undone when its
            // statement has ended; one that fails has undone it, and so has a server that is gone.
            let _ = store::undo(act.db()).await;
        }
        wrote
    };
    let wrote = tenant.db.act(author(stored.runner), clock, writing).await?;
    kept.source = Some(source);
    Ok(wrote)
}

/// What comes of it by then.
async fn by<T>(until: Instant, work: impl Future<Output = Result<T>>) -> Result<T> {
    timeout_at(until.into(), work).await.unwrap_or(Err(Error::Unavailable(TIME)))
}

/// The next records, judged, and the file behind them.
async fn next(
    tenant: &Tenant,
    clock: &Clock,
    stored: &Stored,
    kept: &mut Kept,
    (most, until): (usize, Instant),
) -> Result<(Source, Batch)> {
    let (import, spot) = (&stored.import, stored.next);
    kept.read = None;
    let mut db = tenant.db.read().await?;
    let known = Arc::new(categories::known(&mut db).await?);
    let same = kept.source.take().filter(|source| source.is_at(import.id, spot));
    let delimiter = import.delimiter.unwrap_or(Delimiter::Comma);
    let mut source = same.unwrap_or_else(|| Source::new(import.id, (import.kind, delimiter), spot));
    let records = source.next(&mut db, most).await?;
    drop(db);
    let next = records.last().map_or(spot, |record| record.next);
    kept.read = Some((records.iter().map(|record| record.line).collect(), next));
    let at = clock.now();
    let lines = judged(import, &known, records, (at, until)).await?;
    Ok((source, Batch { lines, next, at }))
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

/// Says of what was read last that it could not be brought, and goes on behind it.
async fn leave_out(tenant: &Tenant, clock: &Clock, stored: &Stored, (lines, next): (Vec<i64>, Spot)) -> Result<bool> {
    let batch = Batch { lines: lines.into_iter().map(Line::broken).collect(), next, at: clock.now() };
    tenant.db.act(author(stored.runner), clock, async |act| write(act, stored, &batch, None).await).await
}

fn broken() -> Flaw {
    Flaw::error("", "internal", "This could not be brought, and we do not know why.")
}

/// Judges records off the threads that answer requests: a long thread takes its time, but no more than there is.
async fn judged(import: &Import, known: &Arc<Known>, records: Vec<Record>, (now, until): (DateTime<Utc>, Instant)) -> Result<Vec<Line>> {
    let reading = Reading {
        columns: import.columns.clone(),
        mapping: import.mapping.clone(),
        delimiter: import.delimiter.unwrap_or(Delimiter::Comma),
        encoding: import.encoding.unwrap_or(Encoding::Utf8),
    };
    let (kind, known) = (import.kind, known.clone());
    let judging = move || judge_all(records, kind, &reading, (&known, now), &|| Instant::now() >= until);
    let judged = tokio::task::spawn_blocking(judging).await.map_err(Error::internal)?;
    judged.map_err(|Late| Error::Unavailable(TIME))
}

/// Judges one record after the other as long as there is time: nobody can break it off.
fn judge_all(
    records: Vec<Record>,
    kind: Kind,
    reading: &Reading,
    (known, now): (&Known, DateTime<Utc>),
    is_late: &dyn Fn() -> bool,
) -> Result<Vec<Line>, Late> {
    let mut lines = Vec::new();
    for record in records {
        if is_late() {
            return Err(Late);
        }
        // A record at which we fail is left out, and keeps no other from coming.
        let judged = catch_unwind(AssertUnwindSafe(|| of_record(kind, &record, reading, (known, now), is_late)));
        match judged {
            Ok(judged) => lines.extend(judged?.map(|judged| Line { line: record.line, judged })),
            Err(_) => lines.push(Line::broken(record.line)),
        }
    }
    Ok(lines)
}

/// What a record comes to; none of one in which nothing stands.
fn of_record(
    kind: Kind,
    record: &Record,
    reading: &Reading,
    (known, now): (&Known, DateTime<Utc>),
    is_late: &dyn Fn() -> bool,
) -> Result<Option<Judged>, Late> {
    let fallback = record.bytes.as_deref().map(told_by_its_words).unwrap_or_default();
    match raw(kind, record, reading) {
        Ok(None) => Ok(None),
        Ok(Some(raw)) => judge(raw, known, now, &fallback, is_late).map(Some),
        Err(flaw) => Ok(Some((None, vec![flaw]))),
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
        return lapse(act, import.id).await;
    }
    let (is_dry, month) = (import.state == State::Checking, Month::of(batch.at));
    let Lines { counts, of_month, problems } = settle(act, import, &batch.lines, Room { most, taken, month }).await?;
    store::problems::add(act.db(), import.id, problems).await?;
    store::advance(act.db(), import.id, batch.next, (counts, if is_dry { of_month } else { 0 }), now).await?;
    if batch.next == stored.next {
        let state = if is_dry { State::Checked } else { State::Finished };
        store::end(act.db(), import.id, state, None, now).await?;
        return tell(act, import.id).await;
    }
    if !is_dry && of_month > 0 {
        // Last of all: nobody who opens a ticket waits while these are brought.
        tickets::must_have_had_room(act, most, month).await?;
    }
    Ok(true)
}

/// Ends what somebody's key has begun that opens nothing any more; false when somebody has read on.
async fn give_back(act: &mut Act, stored: &Stored) -> Result<bool> {
    match store::hold(act.db(), &stored.import, stored.next).await? {
        Some(_) => lapse(act, stored.import.id).await,
        None => Ok(false),
    }
}

/// Ends what a held import is at, since whoever has asked for it may not any more: another admin may run it, the file stays.
async fn lapse(act: &mut Act, id: i64) -> Result<bool> {
    let now = act.now();
    store::end(act.db(), id, State::Ready, Some("forbidden"), now).await?;
    tell(act, id).await
}

/// Records that an import has come to an end.
async fn tell(act: &mut Act, id: i64) -> Result<bool> {
    let import = store::find(act.db(), id).await?;
    let mut what = store::told(&import);
    what["finished_at"] = json!(import.finished_at);
    act.record(&Setting::new(Noun::Import, Deed::Changed, id, what)).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(line: i64) -> Record {
        let next = Spot { position: line, line: line + 1 };
        Record { line, bytes: Some(b"a subject".to_vec()), next }
    }

    #[test]
    fn records_are_judged_one_after_the_other_as_long_as_there_is_time() {
        let reading = Reading { columns: Vec::new(), mapping: Default::default(), delimiter: Delimiter::Comma, encoding: Encoding::Utf8 };
        let judged = |looks: usize| {
            let looked = std::cell::Cell::new(0);
            let is_late = || looked.replace(looked.get() + 1) == looks;
            let lines = judge_all(vec![record(1), record(2)], Kind::Csv, &reading, (&Known::none(), DateTime::UNIX_EPOCH), &is_late);
            lines.map(|lines| lines.iter().map(|line| line.line).collect::<Vec<_>>())
        };
        assert_eq!((judged(9), judged(1), judged(0)), (Ok(vec![1, 2]), Err(Late), Err(Late)));
    }

    #[test]
    fn what_is_no_records_fault_is_counted_against_none() {
        for (error, is_waited_for) in [
            (Error::Unavailable("database"), true),
            (Error::Unavailable(TIME), false),
            (Error::Moved, true),
            (Error::Contended, false),
            (Error::NotFound("not_found"), false),
        ] {
            assert_eq!(passes(&error), is_waited_for, "{error}");
        }
    }
}
