//! What operators do, and what is done about them. Whatever concerns a tenant names it, so that it
//! stands in the tenant's own trail. What concerns none says so: it stands in the platform's trail, and
//! no message tells of it.

mod data;
mod names;

use chrono::{DateTime, Utc};
use data::{base, credit, export, invoice, journey, leave, limits, migration, restored, unexpected};
use serde_json::{Value, json};
use shared::{act, broker::AUTH_EXCHANGE};
use uuid::Uuid;

use crate::{
    backups::{Backup, BaseBackup, Drill, Restored},
    billing::{Entry, Invoice, Unexpected},
    clusters::{Added, Listed},
    exports::Export,
    fleet::Run,
    moves::Moving,
    plans::Plan,
    support::SupportAccess,
    tenants::Tenant,
};

/// Something that happened to the platform.
#[derive(Debug, Clone)]
pub enum Platform {
    /// A server for tenants' databases was added, or told anew.
    ClusterAdded(Added),
    /// One was opened, closed or limited.
    ClusterChanged(Listed),
    /// One is not used any more.
    ClusterRemoved(Listed),
    /// There is one more operator.
    OperatorAdded(i64),
    /// There is one less.
    OperatorRemoved(i64),
    /// One was shown the secret of an authenticator app; it counts from its first code on.
    OperatorTwoFactorBegun(i64),
    /// One signed in.
    OperatorSignedIn(i64),
    /// One left.
    OperatorSignedOut(i64),
    /// Somebody who is only invited was sent a link to a new password of their account.
    AccountLinkSent(i64),
    /// They chose one.
    AccountPasswordChanged(i64),
    /// Tenants' databases are brought to a newer schema.
    MigrationStarted(Run),
    /// An operator holds that.
    MigrationPaused(Uuid),
    /// It goes on.
    MigrationResumed(Uuid),
    /// Databases that were given up are tried again.
    MigrationRetried(Uuid),
    /// It has stopped by itself, for this reason.
    MigrationStopped(Uuid, String),
    /// Nothing of it is left to do.
    MigrationDone(Uuid),
    /// A tenant's database was given up in it, and keeps the schema that it had.
    TenantMigrationFailed(Tenant, Uuid),
    /// A tenant's database goes first from now on, or no longer.
    CanaryMarked(Tenant, bool),
    /// A tenant's doors were closed.
    TenantSuspended(Tenant),
    /// They were opened again.
    TenantResumed(Tenant),
    /// A tenant is to be deleted at that time, unless somebody takes it back.
    TenantDeletionAsked(Tenant, DateTime<Utc>),
    /// Somebody has: it is what it was before.
    TenantDeletionTakenBack(Tenant),
    /// The time has come, and its data is being taken away.
    TenantDeletionBegun(Tenant),
    /// It is gone but for its name.
    TenantDeleted(Tenant),
    /// A tenant's database begins to go to another server.
    TenantMoveBegun(Moving),
    /// It is there, and the tenant works there.
    TenantMoved(Moving),
    /// It could not go; the tenant is where it was.
    TenantMoveUndone(Moving),
    /// A tenant's admin lets operators look in.
    SupportGranted(SupportAccess),
    /// An operator begins to look.
    SupportUsed(SupportAccess, i64),
    /// Nobody may look in any more.
    SupportEnded(SupportAccess),
    /// Somebody asked for a backup of a tenant, or of the control database; the job's id is the backup's.
    BackupAsked(Option<Uuid>, Uuid),
    /// Somebody asked that a tenant be again what it was at a backup.
    RestoreAsked(Uuid, Uuid),
    /// Somebody asked for a tenant's newest backup to be restored for trial; the job's id is the drill's.
    DrillAsked(Uuid, Uuid),
    /// There is one more backup.
    BackupTaken(Backup),
    /// There is one less.
    BackupDeleted(Backup),
    /// A tenant is again what it was at a backup.
    TenantRestored(Restored),
    /// A backup was restored for trial.
    BackupDrilled(Drill),
    /// A server's log is archived from now on: the cluster and its archive.
    ArchiveBegun(i64, Uuid),
    /// There is one more copy of a whole server.
    BaseBackupTaken(BaseBackup),
    /// There is one less.
    BaseBackupDeleted(BaseBackup),
    /// An admin asked for everything that the organisation has here.
    ExportAsked(Export),
    /// It can be fetched.
    ExportReady(Export),
    /// It could not be made.
    ExportFailed(Export),
    /// An admin fetched it.
    ExportTaken(Export),
    /// Its seven days are over, and it is gone.
    ExportExpired(Export),
    /// Everything is to come under the master key of that id.
    MasterRotationAsked(String),
    /// It is, and nothing is left under a former one.
    MasterRotated(String),
    /// Data keys are to be exchanged: a tenant's, the platform's own, or everybody's.
    DataRotationAsked(Option<Uuid>, bool),
    /// They are.
    DataRotated(Option<Uuid>, bool),
    /// A version of a data key is gone: nothing is under it any more.
    DataKeyRotated(Option<Uuid>, i32),
    /// A plan was made, or is another one.
    PlanSet(Plan),
    /// A tenant has another plan from now on.
    TenantPlanChanged(Tenant, Plan),
    /// Something was put into a tenant's credits, or taken out.
    CreditEntered(Entry),
    /// What a tenant owes for a month is being reckoned.
    InvoiceBegun(Invoice),
    /// A tenant owes something for a month.
    InvoiceIssued(Invoice),
    /// It is paid.
    InvoicePaid(Invoice),
    /// Whoever takes payments could not get it.
    InvoiceRefused(Invoice),
    /// It is not to be paid.
    InvoiceVoided(Invoice),
    /// Somebody paid for it although it is not owed any more.
    PaymentUnexpected(Unexpected),
    /// That was given back.
    PaymentReturned(Unexpected),
}

impl act::Event for Platform {
    fn kind(&self) -> &'static str {
        names::kind(self)
    }

    fn exchange(&self) -> &'static str {
        AUTH_EXCHANGE
    }

    fn routing_key(&self) -> &'static str {
        names::routing_key(self)
    }

    fn subject(&self) -> String {
        names::subject(self)
    }

    #[expect(clippy::too_many_lines, reason = "one line for each event")]
    fn data(&self) -> Value {
        match self {
            Self::ClusterAdded(c) => {
                json!({ "tenant_id": null, "cluster_id": c.id, "name": c.name, "host": c.host, "port": c.port, "pooled": c.pooled,
                    "replica": c.replica })
            }
            Self::ClusterChanged(c) | Self::ClusterRemoved(c) => {
                json!({ "tenant_id": null, "cluster_id": c.id, "name": c.name, "accepting": c.accepting,
                    "max_tenants": c.max_tenants, "max_bytes": c.max_bytes })
            }
            Self::OperatorAdded(id)
            | Self::OperatorRemoved(id)
            | Self::OperatorTwoFactorBegun(id)
            | Self::OperatorSignedIn(id)
            | Self::OperatorSignedOut(id) => {
                json!({ "tenant_id": null, "operator_id": id })
            }
            Self::AccountLinkSent(id) | Self::AccountPasswordChanged(id) => json!({ "tenant_id": null, "user_id": id }),
            Self::MigrationStarted(run) => migration(run),
            Self::MigrationPaused(run) | Self::MigrationResumed(run) | Self::MigrationRetried(run) | Self::MigrationDone(run) => {
                json!({ "tenant_id": null, "migration_id": run })
            }
            Self::MigrationStopped(run, reason) => json!({ "tenant_id": null, "migration_id": run, "reason": reason }),
            Self::TenantMigrationFailed(t, run) => json!({ "tenant_id": t.id, "slug": t.slug, "migration_id": run }),
            Self::CanaryMarked(t, is_canary) => json!({ "tenant_id": t.id, "slug": t.slug, "is_canary": is_canary }),
            Self::TenantSuspended(t)
            | Self::TenantResumed(t)
            | Self::TenantDeletionTakenBack(t)
            | Self::TenantDeletionBegun(t)
            | Self::TenantDeleted(t) => json!({ "tenant_id": t.id, "slug": t.slug, "status": t.status }),
            Self::TenantDeletionAsked(t, delete_after) => {
                json!({ "tenant_id": t.id, "slug": t.slug, "status": t.status, "delete_after": delete_after })
            }
            Self::TenantMoveBegun(m) | Self::TenantMoved(m) | Self::TenantMoveUndone(m) => journey(m),
            Self::SupportGranted(g) | Self::SupportEnded(g) => leave(g, None),
            Self::SupportUsed(g, operator) => leave(g, Some(*operator)),
            Self::BackupAsked(tenant, id) => json!({ "tenant_id": tenant, "backup_id": id }),
            Self::RestoreAsked(tenant, id) => json!({ "tenant_id": tenant, "backup_id": id }),
            Self::DrillAsked(tenant, id) => json!({ "tenant_id": tenant, "drill_id": id }),
            Self::BackupTaken(b) | Self::BackupDeleted(b) => json!({
                "tenant_id": b.tenant_id, "backup_id": b.id, "taken_at": b.taken_at, "rows": b.row_count, "dump_bytes": b.dump_bytes,
                "files": b.files, "kept": b.is_kept,
            }),
            Self::TenantRestored(r) => restored(r),
            Self::BackupDrilled(d) => json!({
                "tenant_id": d.tenant_id, "drill_id": d.id, "backup_id": d.backup_id, "equal": d.is_equal, "rows": d.row_count,
                "trouble": d.trouble,
            }),
            Self::ArchiveBegun(cluster, id) => json!({ "tenant_id": null, "cluster_id": cluster, "archive_id": id }),
            Self::BaseBackupTaken(b) | Self::BaseBackupDeleted(b) => base(b),
            Self::ExportAsked(e) | Self::ExportReady(e) | Self::ExportFailed(e) | Self::ExportTaken(e) | Self::ExportExpired(e) => {
                export(e)
            }
            Self::MasterRotationAsked(id) | Self::MasterRotated(id) => json!({ "tenant_id": null, "master_key_id": id }),
            Self::DataRotationAsked(tenant, all) | Self::DataRotated(tenant, all) => json!({ "tenant_id": tenant, "all": all }),
            Self::DataKeyRotated(tenant, version) => json!({ "tenant_id": tenant, "version": version }),
            Self::PlanSet(p) => json!({ "tenant_id": null, "plan": p.code, "limits": limits(p), "price": p.price, "currency": p.currency }),
            Self::TenantPlanChanged(t, p) => json!({ "tenant_id": t.id, "slug": t.slug, "plan": p.code, "limits": limits(p) }),
            Self::CreditEntered(e) => credit(e),
            Self::InvoiceBegun(i) | Self::InvoiceIssued(i) | Self::InvoicePaid(i) | Self::InvoiceRefused(i) | Self::InvoiceVoided(i) => {
                invoice(i)
            }
            Self::PaymentUnexpected(u) | Self::PaymentReturned(u) => unexpected(u),
        }
    }
}
