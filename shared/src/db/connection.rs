//! One connection on loan. Whoever is dropped in the middle of something, as a handler whose client
//! has left, leaves answers unread and perhaps an open transaction: it is put in order before
//! anybody else gets it.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::OwnedSemaphorePermit;

use super::{Hint, Pool, budget::Slot};
use crate::{Result, seal::FieldsKey};

/// Longer than any statement of ours may run.
const LAST_WORD: Duration = Duration::from_secs(6);
const GOODBYE: Duration = Duration::from_secs(1);

/// A connection; dropping it gives it back.
pub struct Connection(Option<Loan>);

pub(super) struct Loan {
    pub connection: PgConnection,
    pub pool: Arc<Pool>,
    pub slot: Slot<PgConnection>,
    pub own: OwnedSemaphorePermit,
    /// Of those that are for work that nobody waits for, its turns.
    pub turns: Vec<OwnedSemaphorePermit>,
    /// How long it may stand idle afterwards.
    pub rest: Duration,
    /// A transaction may be open.
    pub open: bool,
    /// To be told when the server has answered everything.
    pub told: Option<Hint>,
}

const LENT: &str = "a connection is on loan until it is dropped";

impl Connection {
    pub(super) fn lent(loan: Loan) -> Self {
        Self(Some(loan))
    }

    /// By what sensitive fields are sealed in its database.
    pub(super) fn fields_key(&self) -> Option<&FieldsKey> {
        self.0.as_ref().expect(LENT).pool.fields.as_ref()
    }

    pub(crate) async fn begin(&mut self) -> Result<()> {
        let loan = self.0.as_mut().expect(LENT);
        loan.open = true;
        run(&mut loan.connection, "begin").await?;
        Ok(())
    }

    /// Begins what only reads. For other words another plan may be right by far. Neither compiling nor more processes
    /// are worth what they cost so short a question, and to read a whole table never is.
    pub(crate) async fn begin_asking(&mut self) -> Result<()> {
        let loan = self.0.as_mut().expect(LENT);
        loan.open = true;
        let sql = "begin read only;
            set local statement_timeout = '2s';
            set local plan_cache_mode = force_custom_plan;
            set local jit = off;
            set local max_parallel_workers_per_gather = 0;
            set local enable_seqscan = off;
            set local random_page_cost = 1.1";
        run(&mut loan.connection, sql).await?;
        Ok(())
    }

    /// Begins what only reads, and only what is that person's where rows have owners.
    pub(crate) async fn begin_as(&mut self, owner: i64) -> Result<()> {
        let loan = self.0.as_mut().expect(LENT);
        loan.open = true;
        let sql = format!("begin read only; set local helpdeskly.owner = '{owner}'");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut loan.connection).await?;
        Ok(())
    }

    /// Commits and tells `hint`. It is told, too, when nobody waits for the answer any more: the
    /// commit is on its way.
    pub(crate) async fn commit(&mut self, hint: Option<Hint>) -> Result<()> {
        let loan = self.0.as_mut().expect(LENT);
        loan.told = hint;
        run(&mut loan.connection, "commit").await?;
        loan.open = false;
        if let Some(hint) = loan.told.take() {
            hint();
        }
        Ok(())
    }
}

async fn run(connection: &mut PgConnection, sql: &'static str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

impl Deref for Connection {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.0.as_ref().expect(LENT).connection
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0.as_mut().expect(LENT).connection
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and the connection with it.
        if let (Some(loan), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(loan.give_back());
        }
    }
}

impl Loan {
    async fn give_back(mut self) {
        // Without a transaction there may be answers left to read; where there are none, nothing is asked: that would cost each
        // request a round trip more.
        let order = async { if self.open { run(&mut self.connection, "rollback").await } else { self.connection.flush().await } };
        let sound = matches!(tokio::time::timeout(LAST_WORD, order).await, Ok(Ok(())));
        if let Some(hint) = self.told {
            hint();
        }
        if !sound {
            return;
        }
        let to_close = self.pool.budget.give_back(self.pool.id, (self.connection, self.rest), self.slot);
        drop((self.own, self.turns));
        self.pool.back.notify_one();
        if let Some((connection, slot)) = to_close {
            close(connection).await;
            drop(slot);
        }
    }
}

/// Says goodbye to the server, for a second at most.
pub(super) async fn close(connection: PgConnection) {
    // Whatever comes of it, the socket is closed.
    let _ = tokio::time::timeout(GOODBYE, connection.close()).await;
}
