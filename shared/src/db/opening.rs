//! Opening a connection. It proves its password by 4096 rounds of a hash, and after every fifth of them sqlx lets all that
//! is ready go first: in a busy process 800 waits in line, seconds for what takes milliseconds, so that whoever had no
//! connection yet got none for as long as others were busy. On a thread of its own there is nobody to let go first.

use std::{io::ErrorKind, time::Duration};

use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tokio::{runtime::Handle, sync::oneshot, task::spawn_blocking};

/// Opens a connection; while the server starts or has no room, until the caller leaves. `slot` is held until it is
/// certain that nothing is open, also for a caller who has left: it comes back with the connection.
pub(super) async fn open<S: Send + 'static>(options: PgConnectOptions, slot: S) -> sqlx::Result<(PgConnection, S)> {
    let (mut hand, opened) = oneshot::channel();
    let runtime = Handle::current();
    spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = hand.closed() => {}
                // Unreceived, it is closed as any that nobody wants.
                connection = connect(&options) => drop(hand.send(connection.map(|connection| (connection, slot)))),
            }
        });
    });
    // The thread ends without a word only with the whole process.
    opened.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    loop {
        match options.connect().await {
            Err(error) if is_starting(&error) => tokio::time::sleep(Duration::from_millis(50)).await,
            done => return done,
        }
    }
}

/// True while trying again within the same request may help: the server starts, or has no room.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| matches!(&*code, "57P03" | "53300")),
        _ => false,
    }
}
