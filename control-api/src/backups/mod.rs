//! Backups: each night a copy of every tenant's database, sealed, in the file store, with what its tables held and
//! copies of its files; a week of days, a month of weeks and half a year of months are kept. A tenant is brought back
//! to one of them without disturbing anybody else, and each night somebody's newest is restored for trial and compared
//! (C-7). Where a server's log is archived, too, it is brought back to any second. The control database, which alone
//! knows where everybody is, is copied the same way.

pub mod archive;
mod base;
pub mod control;
mod drill;
mod figures;
mod inside;
mod keep;
pub mod keys;
mod late;
mod load;
mod manifest;
mod model;
mod moment;
mod objects;
mod operator;
mod progress;
mod reach;
pub mod restore;
mod retention;
mod source;
mod store;
mod take;
mod tools;

pub use base::{
    BaseBackup, FIRST as FIRST_OF_BASE_BACKUP, Pruned, note as note_base_backup, patience as patience_of_base_backup,
    perform as perform_base_backup, plan as plan_base_backup, prune as prune_base_backups, store::list as base_backups,
    unit as unit_of_base_backup,
};
pub use drill::{
    FIRST as FIRST_OF_DRILL, ask as ask_drill, note as note_drill, patience as patience_of_drill, perform as perform_drill,
    unit as unit_of_drill,
};
pub use figures::Figures;
pub use keep::{delete, keep, look_after};
pub use model::{Backup, Drill, Late, Restored, Without};
pub use moment::{Moment, sweep as sweep_side_servers};
pub use objects::{Tally, clear};
pub use reach::Reach;
use shared::{Error, Result, act::Act};
pub use source::Source;
use sqlx::PgConnection;
pub use take::{
    FIRST as FIRST_OF_BACKUP, ask as ask_backup, note as note_backup, patience as patience_of_backup, perform as perform_backup,
    unit as unit_of_backup,
};
pub use tools::{Beside, Tools};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(operator::list_backups, operator::take_backup))
        .routes(routes!(operator::show_backup, operator::delete_backup))
        .routes(routes!(operator::restore_backup))
        .routes(routes!(operator::restore_tenant))
        .routes(routes!(operator::list_drills, operator::begin_drill))
}

/// Takes away what stands in the file store about the keys of a tenant's backups.
pub async fn forget_keys(app: &App, tenant: Uuid) -> Result<()> {
    objects::forget_key_notes(&app.outside.storage, tenant).await
}

/// Takes away whatever lies where a tenant's backups lie and belongs to none of them: what jobs have left that came to no end.
/// Those that are backups go with their rows.
pub async fn forget_strays(app: &App, tenant: Uuid) -> Result<()> {
    let known = store::ids(&mut *app.db.read().await?, tenant).await?;
    objects::clear_all_but(&app.outside.storage, tenant, &known).await
}

/// Makes those backups of a tenant unreadable that would not be so without its data keys.
pub async fn shred(act: &mut Act, tenant: Uuid) -> Result<()> {
    store::shred(act.db(), tenant).await
}

/// A backup.
pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Backup> {
    store::by_id(db, id).await?.ok_or(Error::NotFound("backup_not_found"))
}

/// The newest backup of a tenant, or of the control database.
pub async fn newest(db: &mut PgConnection, tenant: Option<Uuid>) -> Result<Option<Backup>> {
    store::newest(db, tenant).await
}

/// The hundred newest backups, of everybody or of one tenant.
pub async fn newest_of(db: &mut PgConnection, slug: Option<&str>) -> Result<Vec<Backup>> {
    store::hundred(db, slug).await
}

/// The newest backup of each tenant that is to have one, or that it has none, or the same of one tenant: the hundred that are
/// latest, those that wait longest first.
pub async fn latest(db: &mut PgConnection, slug: Option<&str>) -> Result<Vec<Late>> {
    late::latest(db, slug, 100).await
}

/// A drill.
pub async fn drill_by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Drill>> {
    store::drill(db, id).await
}
