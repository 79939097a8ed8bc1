//! `GET /api/v1/imports/{import}/errors`: what is wrong with which line, as a list and as a table.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream::try_unfold;
use shared::{
    Result,
    http::{Json, NoQuery, Path},
    page::{Asked, Order, Page, Paging},
    spreadsheet::{BOM, push_line},
    tenancy::Tenant,
};

use super::{
    model::LineProblem,
    store::{self, problems},
};
use crate::{app::App, permissions::Permission, session::Session};

/// Lines of the table that are read in one go.
const PAGE: i64 = 500;

/// Lists what is wrong with which line of an import, in the order of its lines; of the first 10 000 lines that have something, with 2 000 warnings at most.
#[utoipa::path(get, path = "/api/v1/imports/{import}/errors", tag = "imports",
    params(("import" = i64, Path, description = "Its id"), Paging), responses((status = 200, body = Page<LineProblem>)))]
pub(super) async fn list_import_errors(
    session: Session,
    State(app): State<App>,
    Path(id): Path<i64>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<LineProblem>>> {
    session.may(Permission::SeeImports)?;
    let mut db = session.read().await?;
    store::find(&mut db, id).await?;
    let part = paging.part(&app.cursors, &format!("import-errors:{}:{id}", session.tenant.id), Order::Oldest)?;
    let rows = problems::list(&mut db, id, &part).await?;
    let total = part.total(problems::count(&mut db, id)).await?;
    Ok(Json(part.page(rows, total, |problem| problem.id)?))
}

/// The same as a table (CSV) with a line for each.
#[utoipa::path(get, path = "/api/v1/imports/{import}/errors/export", tag = "imports", params(("import" = i64, Path, description = "Its id")),
    responses((status = 200, content((String = "text/csv")))))]
pub(super) async fn export_import_errors(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Response> {
    session.may(Permission::SeeImports)?;
    store::find(&mut *session.read().await?, id).await?;
    let mut head = BOM.to_vec();
    push_line(&mut head, ["line", "kind", "field", "code", "message"])?;
    let table = try_unfold((session.tenant.clone(), 0, Some(head)), move |(tenant, last, head)| async move {
        let rows = page(&tenant, id, last).await?;
        let (mut table, is_first) = (head.unwrap_or_default(), last == 0);
        for row in &rows {
            let kind = if row.is_warning { "warning" } else { "error" };
            push_line(&mut table, [row.line.to_string().as_str(), kind, &row.field, &row.code, &row.message])?;
        }
        let next = rows.last().map_or(last, |row| row.id);
        let is_over = rows.is_empty() && !is_first;
        Ok::<_, shared::Error>((!is_over && !table.is_empty()).then(|| (Bytes::from(table), (tenant, next, None))))
    });
    let name = format!("attachment; filename=\"import-{id}-errors.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(table)).into_response())
}

async fn page(tenant: &Tenant, id: i64, last: i64) -> Result<Vec<LineProblem>> {
    problems::after(&mut *tenant.db.behind().read().await?, id, last, PAGE).await
}
