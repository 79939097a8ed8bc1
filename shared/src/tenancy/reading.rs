//! Where heavy reads go (C-5): to the standby of the tenant's server, as long as it answers and is at most ten seconds
//! behind; else to the server itself. Each choice is counted.

use std::time::Duration;

use prometheus::{IntCounterVec, Opts};

use crate::{Error, Result, db::Db};

/// So far may a standby be behind (O-2), in seconds.
const MOST_BEHIND: f64 = 10.0;
/// So long may it take to tell.
const LIMIT: Duration = Duration::from_secs(1);

/// Where a heavy read goes, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// To the standby.
    Standby,
    /// To the server: it has no standby.
    NoStandby,
    /// To the server: its standby does not answer, or is none any more.
    Away,
    /// To the server: its standby is too far behind.
    Behind,
}

impl Went {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Standby, Self::NoStandby, Self::Away, Self::Behind];

    /// The word in the figures.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::NoStandby => "no_standby",
            Self::Away => "away",
            Self::Behind => "behind",
        }
    }
}

/// What a standby tells of itself.
#[derive(Debug, Clone, Copy, PartialEq, sqlx::FromRow)]
struct Told {
    /// It follows a server.
    follows: bool,
    /// How far it has come in that server's log, in bytes.
    replayed: i64,
    /// Seconds since the last commit that it has replayed was made; none when there was none yet.
    behind: Option<f64>,
}

impl Told {
    /// `written` is how far the server's log went before the standby was asked. A standby that has all of it is not
    /// behind, however long ago the last commit was.
    fn may_serve(self, written: i64) -> Went {
        match self {
            Self { follows: false, .. } => Went::Away,
            Self { replayed, .. } if replayed >= written => Went::Standby,
            Self { behind: Some(seconds), .. } if seconds <= MOST_BEHIND => Went::Standby,
            Self { .. } => Went::Behind,
        }
    }
}

/// Counts where heavy reads went.
pub(super) fn counter() -> IntCounterVec {
    let opts = Opts::new("heavy_reads_total", "Heavy reads of tenants' databases, by where they went and why");
    let counter = IntCounterVec::new(opts, &["went"]).expect("the name and its label are sound");
    Went::ALL.iter().for_each(|went| counter.with_label_values(&[went.as_str()]).inc_by(0));
    counter
}

/// Chooses between a server and its standby.
pub(super) async fn choose(server: &Db, standby: Option<&Db>, counter: &IntCounterVec) -> Result<Db> {
    let (went, db) = match standby {
        None => (Went::NoStandby, server),
        Some(standby) => match ask(server, standby).await? {
            Went::Standby => (Went::Standby, standby),
            other => (other, server),
        },
    };
    counter.with_label_values(&[went.as_str()]).inc();
    Ok(db.clone())
}

/// The server is asked first: what it has written meanwhile is nobody's fault.
async fn ask(server: &Db, standby: &Db) -> Result<Went> {
    let written = sqlx::query_scalar::<_, i64>("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint");
    let written = written.fetch_one(&mut *server.read().await?).await?;
    let told = async {
        let told = sqlx::query_as::<_, Told>(
            "select pg_is_in_recovery() as follows,
                coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::bigint as replayed,
                extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 as behind",
        );
        Ok::<_, Error>(told.fetch_one(&mut *standby.read().await?).await?)
    };
    match tokio::time::timeout(LIMIT, told).await.unwrap_or(Err(Error::Unavailable("standby"))) {
        Ok(told) => Ok(told.may_serve(written)),
        Err(error) => {
            tracing::warn!(%error, standby = standby.address(), "a standby does not answer; its server is read");
            Ok(Went::Away)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standby_serves_while_it_follows_and_is_not_far_behind() {
        for (follows, replayed, behind, went) in [
            (true, 100, Some(0.0), Went::Standby),
            (true, 100, Some(3600.0), Went::Standby),
            (true, 101, None, Went::Standby),
            (true, 99, Some(10.0), Went::Standby),
            (true, 99, Some(10.1), Went::Behind),
            (true, 99, None, Went::Behind),
            (false, 100, Some(0.0), Went::Away),
        ] {
            assert_eq!(Told { follows, replayed, behind }.may_serve(100), went, "{follows} {replayed} {behind:?}");
        }
    }
}
