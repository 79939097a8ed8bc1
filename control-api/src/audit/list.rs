//! `GET /api/v1/audit-logs`: what was done in an organisation, for its admins (AU-3).

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    http::Json,
    page::{Asked, Order, Page, Paging},
    session::Role,
};
use utoipa::IntoParams;

use super::{
    model::{Entry, Filter, Outcome, Placed, within_years},
    sources::Sources,
};
use crate::{
    api_keys::{AuditRead, Scoped},
    app::App,
};

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only what this person did, by their id.
    user: Option<i64>,
    /// Only this action, as `TicketAssigned` or `POST /api/v1/auth/login`.
    action: Option<String>,
    /// Only what this happened to, as `ticket:42`; a noun alone, as `ticket`, means all of them.
    resource: Option<String>,
    /// Only from this moment on.
    from: Option<chrono::DateTime<chrono::Utc>>,
    /// Only before this moment.
    to: Option<chrono::DateTime<chrono::Utc>>,
    /// Only what was done, or only what was refused.
    #[param(inline)]
    outcome: Option<Outcome>,
}

impl Which {
    fn filter(&self) -> Result<Filter> {
        let (user, from, to, outcome) = (self.user, self.from, self.to, self.outcome);
        let filter = Filter { user, action: self.action.clone(), resource: self.resource.clone(), from, to, outcome };
        filter.check()?;
        Ok(filter)
    }
}

impl Filter {
    /// `422` for a time that ends before it begins, or is of no year.
    pub(super) fn check(&self) -> Result<()> {
        within_years(self.from, self.to)?;
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => Err(Error::field("to", "out_of_range", "It ends before it begins.")),
            _ => Ok(()),
        }
    }
}

/// What was done and what was refused, in both planes, the newest first. `count=true` counts as far as to 10 000.
#[utoipa::path(
    get,
    path = "/api/v1/audit-logs",
    tag = "audit",
    params(Which, Paging),
    responses((status = 200, body = Page<Entry>)),
    security(("bearer" = []))
)]
pub async fn list_audit_logs(State(app): State<App>, session: Scoped<AuditRead>, asked: Asked<Which>) -> Result<Json<Page<Entry>>> {
    session.must_be(Role::Admin)?;
    let filter = asked.filter.filter()?;
    let list = format!("audit:{}:{}", session.tenant.id, serde_json::to_string(&filter)?);
    let part = asked.paging.part(&app.keys.cursors, &list, Order::Newest)?;
    let sources = Sources::of(&app, &session.tenant).await?;
    let rows = sources.page(&filter, (part.order, part.after), part.probe()).await?;
    let total = part.total(sources.count(&filter)).await?;
    let page = part.page(rows, total, Placed::position)?;
    Ok(Json(Page { data: sources.named(page.data).await?, page: page.page }))
}
