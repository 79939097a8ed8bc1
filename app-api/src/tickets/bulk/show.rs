//! `GET /api/v1/bulk/{job}`: how far a job is.

use shared::{
    Error, Result,
    http::{Json, NoQuery, Path},
};

use super::{
    super::visibility::Viewer,
    model::{BulkJob, Progress},
    store,
};
use crate::{people::PersonId, permissions::Permission, session::Session};

/// Whose jobs these eyes see: managers and admins see everybody's.
pub(super) fn whose(viewer: Viewer, me: PersonId) -> Option<PersonId> {
    (viewer != Viewer::Everything).then_some(me)
}

/// Shows how far a job is; its maker sees it, and whoever sees every ticket.
#[utoipa::path(get, path = "/api/v1/bulk/{job}", tag = "tickets", params(("job" = i64, Path, description = "Its id")),
    responses((status = 200, body = BulkJob)))]
pub(in crate::tickets) async fn show_bulk_job(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Json<BulkJob>> {
    session.may(Permission::UseDesk)?;
    let whose = whose(session.viewer(), session.person.id);
    let job = store::show(&mut *session.read().await?, id, whose).await?;
    job.map(Json).ok_or(Error::NotFound("not_found"))
}

/// Whether all of it is done.
pub(super) fn is_over(job: &BulkJob) -> bool {
    job.state == Progress::Finished
}
