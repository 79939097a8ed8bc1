//! Taking a move back: the tenant stays where it was, and nothing of the move is left on either server.

use shared::Result;
use sqlx::{Connection, PgConnection};

use super::{
    arrival, departure,
    model::Journey,
    perform::{enter, options},
};
use crate::{
    app::App,
    clusters,
    jobs::{Job, Next, Performed},
    provisioning::{self, credentials, retire},
};

/// The step, unless the tenant is at the new place already. A server that is away keeps nothing at the other one: above
/// all no slot stays, which would fill a disk.
pub(super) async fn undo(app: &App, job: &Job, journey: &Journey) -> Result<Performed> {
    retire::expect_unused(&mut *app.db.read().await?, &journey.to.left(None)).await?;
    let (gone, stayed) = (take_away(app, journey).await, let_stay(app, journey).await);
    gone?;
    stayed?;
    credentials::forget(&app.db, &app.keys.ring, job.tenant()?, &journey.to.role).await?;
    Ok(Performed { next: Next::Failed, state: None })
}

/// At the new place. It follows nothing any more before it goes: a database that follows
/// cannot be dropped.
async fn take_away(app: &App, journey: &Journey) -> Result<()> {
    let to = &journey.to;
    let mut server = clusters::connect(&options(app, to).await?).await?;
    if provisioning::is_open(&mut server, &to.database).await? {
        let mut inside = enter(app, to).await?;
        arrival::leave(&mut inside).await?;
        inside.close().await?;
    }
    provisioning::remove(&mut server, (&to.database, &to.role)).await?;
    Ok(server.close().await?)
}

/// At the old place.
async fn let_stay(app: &App, journey: &Journey) -> Result<()> {
    let mut source: PgConnection = enter(app, &journey.from).await?;
    departure::forget_slots(&mut source, journey.name()).await?;
    departure::disarm(&mut source).await?;
    Ok(source.close().await?)
}
