//! `POST /api/v1/tickets/bulk` and `POST /api/v1/bulk/{job}/undo`: writing a job down and beginning it. What is done
//! within two seconds is in the answer; the rest goes on, and the job says how far it is.

use std::time::Duration;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::Path,
    idempotency::{Keyed, Once},
};

use super::{
    super::work::{Doing, Work},
    model::{Asker, BulkJob, ChangeTickets, NEEDED},
    run::{LEFT, Runner},
    show::{is_over, whose},
    store,
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    session::Session,
};

/// A request has 2.8 seconds; the answer takes some of it.
const WAITED: Duration = Duration::from_secs(2);
/// So many jobs of an organisation are under way at the same time.
const MOST_RUNNING: i64 = 3;
/// After which time it is worth to ask again.
const AGAIN: Duration = Duration::from_secs(5);

/// Does one thing to many tickets. With an `Idempotency-Key` a retry gets the same job. `202` with what is done so far
/// when it takes longer than two seconds, `429` while three jobs of the organisation are under way. It is done in the name of
/// whoever asks, with the role that they have as it goes on; where they may not any more, or their key has ended, the tickets that
/// are left are `forbidden`.
#[utoipa::path(post, path = "/api/v1/tickets/bulk", tag = "tickets", request_body = ChangeTickets,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 200, body = BulkJob), (status = 202, body = BulkJob)))]
pub(in crate::tickets) async fn change_tickets_in_bulk(
    session: Session,
    State(app): State<App>,
    Keyed { body, key }: Keyed<ChangeTickets>,
) -> Result<Response> {
    for needed in NEEDED {
        session.may(needed)?;
    }
    let me = asker(&session);
    let (ids, asked) = body.parts()?;
    Work::of(&asked)?;
    let begun = session
        .once(key.as_ref(), "tickets/bulk", async |act| {
            let job = begin(act, me, (&asked, None), &ids).await?;
            Once::accepted(format!("/api/v1/bulk/{job}"), &json!({ "id": job }))
        })
        .await?;
    let job = begun.body()["id"].as_i64().ok_or_else(|| Error::internal(anyhow::anyhow!("a kept answer names no job")))?;
    answered(session, &app, job).await
}

/// Undoes what a finished job has done, once, where nobody has changed a ticket since and the way back is one that a
/// ticket may go: each ticket's result says so. `429` while three jobs of the organisation are under way.
#[utoipa::path(post, path = "/api/v1/bulk/{job}/undo", tag = "tickets", params(("job" = i64, Path, description = "Its id")),
    responses((status = 200, body = BulkJob), (status = 202, body = BulkJob)))]
pub(in crate::tickets) async fn undo_bulk_job(session: Session, State(app): State<App>, Path(id): Path<i64>) -> Result<Response> {
    for needed in NEEDED {
        session.may(needed)?;
    }
    let (me, whose) = (asker(&session), whose(session.viewer(), session.person.id));
    let job = session
        .act(async |act| {
            store::show(act.db(), id, whose).await?.ok_or(Error::NotFound("not_found"))?;
            let undone = store::job(act.db(), id).await?.ok_or(Error::NotFound("not_found"))?;
            if undone.undo_of.is_some() {
                return Err(Error::conflict("conflict", "An undoing is not undone."));
            }
            if !store::finished(act.db(), id).await? {
                return Err(Error::conflict("conflict", "It is not finished yet."));
            }
            let ids = store::done_tickets(act.db(), id).await?;
            begin(act, me, (&undone.asked, Some(id)), &ids).await
        })
        .await?;
    answered(session, &app, job).await
}

fn asker(session: &Session) -> Asker {
    Asker { person: session.person.id, key: session.credential.key() }
}

async fn begin(act: &mut Act, me: Asker, (asked, undo_of): (&Doing, Option<i64>), ids: &[i64]) -> Result<i64> {
    let now = act.now();
    if store::count_running(act.db(), now - LEFT).await? >= MOST_RUNNING {
        return Err(Error::TooMany { retry_after: AGAIN });
    }
    let job = store::insert_job(act.db(), me, asked, undo_of, ids.len(), now).await?;
    store::insert_items(act.db(), job, ids).await?;
    let what = json!({ "action": asked.action, "undo_of": undo_of, "tickets": ids.len() });
    act.record(&Setting::kept(Noun::Bulk, Deed::Created, job, me.person, what)).await?;
    Ok(job)
}

/// Runs a job to its end, whether its client waits for that or not, and answers how far it is by then.
async fn answered(session: Session, app: &App, id: i64) -> Result<Response> {
    let runner = Runner::new(&session.tenant, app, session.author());
    let running = tokio::spawn(async move {
        let job = store::job(&mut *runner.db.read().await?, id).await?;
        match job {
            Some(job) => runner.run(&job).await,
            None => Ok(()),
        }
    });
    match tokio::time::timeout(WAITED, running).await {
        Err(_) => {}
        Ok(ended) => {
            if let Err(error) = ended.map_err(Error::internal)? {
                tracing::warn!(tenant = %session.tenant.id, job = id, %error, "a bulk job waits to be gone on with");
            }
        }
    }
    let job = store::show(&mut *session.read().await?, id, None).await?.ok_or(Error::NotFound("not_found"))?;
    Ok(shown(job))
}

fn shown(job: BulkJob) -> Response {
    let status = if is_over(&job) { StatusCode::OK } else { StatusCode::ACCEPTED };
    (status, axum::Json(job)).into_response()
}
