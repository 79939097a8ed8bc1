//! What the events of operators are called: their kinds, the keys by which messages go, and the things that they name.

use super::Platform;

#[expect(clippy::too_many_lines, reason = "one line for each event")]
pub(super) fn kind(event: &Platform) -> &'static str {
    match event {
        Platform::ClusterAdded(_) => "ClusterAdded",
        Platform::ClusterChanged(_) => "ClusterChanged",
        Platform::ClusterRemoved(_) => "ClusterRemoved",
        Platform::OperatorAdded(_) => "OperatorAdded",
        Platform::OperatorRemoved(_) => "OperatorRemoved",
        Platform::OperatorTwoFactorBegun(_) => "OperatorTwoFactorBegun",
        Platform::OperatorSignedIn(_) => "OperatorSignedIn",
        Platform::OperatorSignedOut(_) => "OperatorSignedOut",
        Platform::AccountLinkSent(_) => "AccountLinkSent",
        Platform::AccountPasswordChanged(_) => "AccountPasswordChanged",
        Platform::MigrationStarted(_) => "MigrationStarted",
        Platform::MigrationPaused(_) => "MigrationPaused",
        Platform::MigrationResumed(_) => "MigrationResumed",
        Platform::MigrationRetried(_) => "MigrationRetried",
        Platform::MigrationStopped(..) => "MigrationStopped",
        Platform::MigrationDone(_) => "MigrationDone",
        Platform::TenantMigrationFailed(..) => "TenantMigrationFailed",
        Platform::CanaryMarked(..) => "CanaryMarked",
        Platform::TenantSuspended(_) => "TenantSuspended",
        Platform::TenantResumed(_) => "TenantResumed",
        Platform::TenantDeletionAsked(..) => "TenantDeletionAsked",
        Platform::TenantDeletionTakenBack(_) => "TenantDeletionTakenBack",
        Platform::TenantDeletionBegun(_) => "TenantDeletionBegun",
        Platform::TenantDeleted(_) => "TenantDeleted",
        Platform::TenantMoveBegun(_) => "TenantMoveBegun",
        Platform::TenantMoved(_) => "TenantMoved",
        Platform::TenantMoveUndone(_) => "TenantMoveUndone",
        Platform::SupportGranted(_) => "SupportGranted",
        Platform::SupportUsed(..) => "SupportUsed",
        Platform::SupportEnded(_) => "SupportEnded",
        Platform::BackupAsked(..) => "BackupAsked",
        Platform::RestoreAsked(..) => "RestoreAsked",
        Platform::DrillAsked(..) => "DrillAsked",
        Platform::BackupTaken(_) => "BackupTaken",
        Platform::BackupDeleted(_) => "BackupDeleted",
        Platform::TenantRestored(_) => "TenantRestored",
        Platform::BackupDrilled(_) => "BackupDrilled",
        Platform::ArchiveBegun(..) => "ArchiveBegun",
        Platform::BaseBackupTaken(_) => "BaseBackupTaken",
        Platform::BaseBackupDeleted(_) => "BaseBackupDeleted",
        Platform::ExportAsked(_) => "ExportAsked",
        Platform::ExportReady(_) => "ExportReady",
        Platform::ExportFailed(_) => "ExportFailed",
        Platform::ExportExpired(_) => "ExportExpired",
        Platform::ExportTaken(_) => "ExportTaken",
        Platform::MasterRotationAsked(_) => "MasterRotationAsked",
        Platform::MasterRotated(_) => "MasterRotated",
        Platform::DataRotationAsked(..) => "DataRotationAsked",
        Platform::DataRotated(..) => "DataRotated",
        Platform::DataKeyRotated(..) => "DataKeyRotated",
        Platform::PlanSet(_) => "PlanSet",
        Platform::TenantPlanChanged(..) => "TenantPlanChanged",
        Platform::CreditEntered(_) => "CreditEntered",
        Platform::InvoiceBegun(_) => "InvoiceBegun",
        Platform::InvoiceIssued(_) => "InvoiceIssued",
        Platform::InvoicePaid(_) => "InvoicePaid",
        Platform::InvoiceRefused(_) => "InvoiceRefused",
        Platform::InvoiceVoided(_) => "InvoiceVoided",
        Platform::PaymentUnexpected(_) => "PaymentUnexpected",
        Platform::PaymentReturned(_) => "PaymentReturned",
    }
}

#[expect(clippy::too_many_lines, reason = "one line for each event")]
pub(super) fn routing_key(event: &Platform) -> &'static str {
    match event {
        Platform::ClusterAdded(_) => "auth.cluster.added",
        Platform::ClusterChanged(_) => "auth.cluster.changed",
        Platform::ClusterRemoved(_) => "auth.cluster.removed",
        Platform::OperatorAdded(_) => "auth.operator.added",
        Platform::OperatorRemoved(_) => "auth.operator.removed",
        Platform::OperatorTwoFactorBegun(_) => "auth.operator.two_factor_begun",
        Platform::OperatorSignedIn(_) => "auth.operator.signed_in",
        Platform::OperatorSignedOut(_) => "auth.operator.signed_out",
        Platform::AccountLinkSent(_) => "auth.account.link_sent",
        Platform::AccountPasswordChanged(_) => "auth.account.password_changed",
        Platform::MigrationStarted(_) => "auth.migration.started",
        Platform::MigrationPaused(_) => "auth.migration.paused",
        Platform::MigrationResumed(_) => "auth.migration.resumed",
        Platform::MigrationRetried(_) => "auth.migration.retried",
        Platform::MigrationStopped(..) => "auth.migration.stopped",
        Platform::MigrationDone(_) => "auth.migration.done",
        Platform::TenantMigrationFailed(..) => "auth.tenant.migration_failed",
        Platform::CanaryMarked(..) => "auth.tenant.canary_marked",
        Platform::TenantSuspended(_) => "auth.tenant.suspended",
        Platform::TenantResumed(_) => "auth.tenant.resumed",
        Platform::TenantDeletionAsked(..) => "auth.tenant.deletion_asked",
        Platform::TenantDeletionTakenBack(_) => "auth.tenant.deletion_taken_back",
        Platform::TenantDeletionBegun(_) => "auth.tenant.deletion_begun",
        Platform::TenantDeleted(_) => "auth.tenant.deleted",
        Platform::TenantMoveBegun(_) => "auth.tenant.move_begun",
        Platform::TenantMoved(_) => "auth.tenant.moved",
        Platform::TenantMoveUndone(_) => "auth.tenant.move_undone",
        Platform::SupportGranted(_) => "auth.support.granted",
        Platform::SupportUsed(..) => "auth.support.used",
        Platform::SupportEnded(_) => "auth.support.ended",
        Platform::BackupAsked(..) => "auth.backup.asked",
        Platform::RestoreAsked(..) => "auth.tenant.restore_asked",
        Platform::DrillAsked(..) => "auth.backup.drill_asked",
        Platform::BackupTaken(_) => "auth.backup.taken",
        Platform::BackupDeleted(_) => "auth.backup.deleted",
        Platform::TenantRestored(_) => "auth.tenant.restored",
        Platform::BackupDrilled(_) => "auth.backup.drilled",
        Platform::ArchiveBegun(..) => "auth.cluster.archive_begun",
        Platform::BaseBackupTaken(_) => "auth.cluster.base_backup_taken",
        Platform::BaseBackupDeleted(_) => "auth.cluster.base_backup_deleted",
        Platform::ExportAsked(_) => "auth.export.asked",
        Platform::ExportReady(_) => "auth.export.ready",
        Platform::ExportFailed(_) => "auth.export.failed",
        Platform::ExportExpired(_) => "auth.export.expired",
        Platform::ExportTaken(_) => "auth.export.taken",
        Platform::MasterRotationAsked(_) => "auth.keys.master_rotation_asked",
        Platform::MasterRotated(_) => "auth.keys.master_rotated",
        Platform::DataRotationAsked(..) => "auth.keys.data_rotation_asked",
        Platform::DataRotated(..) => "auth.keys.data_rotated",
        Platform::DataKeyRotated(..) => "auth.keys.data_key_rotated",
        Platform::PlanSet(_) => "auth.plan.set",
        Platform::TenantPlanChanged(..) => "auth.tenant.plan_changed",
        Platform::CreditEntered(_) => "auth.credit.entered",
        Platform::InvoiceBegun(_) => "auth.invoice.begun",
        Platform::InvoiceIssued(_) => "auth.invoice.issued",
        Platform::InvoicePaid(_) => "auth.invoice.paid",
        Platform::InvoiceRefused(_) => "auth.invoice.refused",
        Platform::InvoiceVoided(_) => "auth.invoice.voided",
        Platform::PaymentUnexpected(_) => "auth.payment.unexpected",
        Platform::PaymentReturned(_) => "auth.payment.returned",
    }
}

pub(super) fn subject(event: &Platform) -> String {
    match event {
        Platform::ClusterAdded(cluster) => format!("cluster:{}", cluster.id),
        Platform::ClusterChanged(cluster) | Platform::ClusterRemoved(cluster) => format!("cluster:{}", cluster.id),
        Platform::OperatorAdded(id)
        | Platform::OperatorRemoved(id)
        | Platform::OperatorTwoFactorBegun(id)
        | Platform::OperatorSignedIn(id)
        | Platform::OperatorSignedOut(id) => {
            format!("operator:{id}")
        }
        Platform::AccountLinkSent(id) | Platform::AccountPasswordChanged(id) => format!("user:{id}"),
        Platform::MigrationStarted(run) => format!("migration:{}", run.id),
        Platform::MigrationPaused(run)
        | Platform::MigrationResumed(run)
        | Platform::MigrationRetried(run)
        | Platform::MigrationStopped(run, _)
        | Platform::MigrationDone(run) => format!("migration:{run}"),
        Platform::TenantSuspended(t)
        | Platform::TenantResumed(t)
        | Platform::TenantDeletionAsked(t, _)
        | Platform::TenantDeletionTakenBack(t)
        | Platform::TenantDeletionBegun(t)
        | Platform::TenantDeleted(t)
        | Platform::TenantMigrationFailed(t, _)
        | Platform::CanaryMarked(t, _) => format!("tenant:{}", t.id),
        Platform::TenantMoveBegun(m) | Platform::TenantMoved(m) | Platform::TenantMoveUndone(m) => format!("tenant:{}", m.tenant_id),
        Platform::SupportGranted(g) | Platform::SupportUsed(g, _) | Platform::SupportEnded(g) => format!("support:{}", g.id),
        Platform::BackupAsked(_, id) | Platform::RestoreAsked(_, id) | Platform::DrillAsked(_, id) => format!("backup:{id}"),
        Platform::BackupTaken(b) | Platform::BackupDeleted(b) => format!("backup:{}", b.id),
        Platform::TenantRestored(r) => format!("tenant:{}", r.tenant_id),
        Platform::BackupDrilled(d) => format!("backup:{}", d.id),
        Platform::ArchiveBegun(cluster, _) => format!("cluster:{cluster}"),
        Platform::BaseBackupTaken(b) | Platform::BaseBackupDeleted(b) => format!("backup:{}", b.id),
        Platform::ExportAsked(e)
        | Platform::ExportReady(e)
        | Platform::ExportFailed(e)
        | Platform::ExportTaken(e)
        | Platform::ExportExpired(e) => {
            format!("export:{}", e.id)
        }
        Platform::MasterRotationAsked(id) | Platform::MasterRotated(id) => format!("master_key:{id}"),
        Platform::DataRotationAsked(tenant, _) | Platform::DataRotated(tenant, _) | Platform::DataKeyRotated(tenant, _) => {
            tenant.map_or_else(|| "data_keys".to_owned(), |id| format!("tenant:{id}"))
        }
        Platform::PlanSet(p) => format!("plan:{}", p.code),
        Platform::TenantPlanChanged(t, _) => format!("tenant:{}", t.id),
        Platform::CreditEntered(e) => format!("credits:{}", e.tenant_id),
        Platform::InvoiceBegun(i)
        | Platform::InvoiceIssued(i)
        | Platform::InvoicePaid(i)
        | Platform::InvoiceRefused(i)
        | Platform::InvoiceVoided(i) => format!("invoice:{}", i.id),
        Platform::PaymentUnexpected(u) | Platform::PaymentReturned(u) => format!("invoice:{}", u.invoice_id),
    }
}
