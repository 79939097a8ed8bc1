//! Tenants: the organisations that use the product. Each has a name, a subdomain that is never
//! given to another, a language and a few settings. Which tenant a request means is decided here,
//! by host or by `X-Tenant`; a suspended one is told so, one that is being deleted lets its admins
//! in alone, one that is gone was never there.

mod model;
mod resolve;
mod settings;
mod slug;
mod status;
mod store;
mod turn;

use chrono::{DateTime, Utc};
pub use model::{Door, Status, Tenant};
pub use resolve::{Entrance, Named, NamedEntrance, Visited};
pub use settings::{Change, Days, Hours, TenantSettings};
use shared::{Error, Result, act::Act, page::Part, tenancy::Slug};
pub use slug::NewSlug;
use sqlx::PgConnection;
pub use status::TenantStatus;
pub use turn::{Listed, Wanted, turn};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    identities::{Locale, Name},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(status::show_tenant_status)).routes(routes!(settings::show_tenant, settings::change_tenant))
}

/// A tenant that is about to be.
pub struct NewTenant {
    /// Its id.
    pub id: Uuid,
    /// Its subdomain.
    pub slug: Slug,
    /// Its name.
    pub organisation: Name,
    /// Its language.
    pub locale: Locale,
}

/// Whether the subdomain, or one that looks like it, belongs to somebody.
pub async fn taken(db: &mut PgConnection, slug: &Slug) -> Result<bool> {
    store::taken(db, slug.as_str()).await
}

/// Enters a tenant into the books; its database comes later. `409 slug_taken`.
pub async fn enter(act: &mut Act, new: &NewTenant) -> Result<Tenant> {
    let now = act.now();
    store::insert(act.db(), new, now).await
}

/// The tenant of that id.
pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Tenant>> {
    store::by_id(db, id).await
}

/// The tenant of that subdomain.
pub async fn by_slug(db: &mut PgConnection, slug: &str) -> Result<Option<Tenant>> {
    store::by_slug(db, slug).await
}

/// The tenant of that subdomain, which nobody else changes until the act ends. `404 tenant_not_found`.
pub async fn hold(act: &mut Act, slug: &str) -> Result<Tenant> {
    store::lock_by_slug(act.db(), slug).await?.ok_or(Error::NotFound("tenant_not_found"))
}

/// Leaves nothing of a tenant but its name, which nobody gets again, and that it was deleted.
pub async fn empty(act: &mut Act, id: Uuid) -> Result<()> {
    let now = act.now();
    store::empty(act.db(), id, now).await
}

/// Tenants by age.
pub async fn list(db: &mut PgConnection, wanted: &Wanted, part: &Part<'_, Uuid>) -> Result<Vec<Listed>> {
    store::list(db, wanted, part).await
}

/// How many of them there are.
pub async fn count(db: &mut PgConnection, wanted: &Wanted) -> Result<i64> {
    store::count(db, wanted).await
}

/// The tenant of that subdomain as it stands in the books.
pub async fn listed(db: &mut PgConnection, slug: &str) -> Result<Option<Listed>> {
    store::listed(db, slug).await
}

/// Moves a tenant along its life.
pub async fn become_status(db: &mut PgConnection, id: Uuid, status: Status, now: DateTime<Utc>) -> Result<()> {
    store::set_status(db, id, status, now).await
}

/// The last migration that the control database has had.
pub async fn schema_version(db: &mut PgConnection) -> Result<i64> {
    store::schema_version(db).await
}
