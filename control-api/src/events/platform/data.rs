//! What the events of operators say of the things that they name.

use serde_json::{Value, json};

use crate::{
    backups::{BaseBackup, Restored},
    billing::{Entry, Invoice, Unexpected},
    exports::Export,
    fleet::Run,
    moves::Moving,
    plans::Plan,
    support::SupportAccess,
};

pub(super) fn journey(m: &Moving) -> Value {
    json!({ "tenant_id": m.tenant_id, "slug": m.slug, "from": m.from, "to": m.to })
}

pub(super) fn export(e: &Export) -> Value {
    json!({ "tenant_id": e.tenant_id, "export_id": e.id, "asked_by": e.asked_by, "size": e.size })
}

/// How much a plan allows; null for what has no limit.
pub(super) fn limits(p: &Plan) -> Value {
    json!({
        "agents": p.agents,
        "tickets_a_month": p.tickets_a_month,
        "storage_bytes": p.storage_bytes,
        "storage_files": p.storage_files,
        "uploads_a_day": p.uploads_a_day,
        "requests_a_minute": p.requests_a_minute,
        "connections": p.connections,
        "audit_months": p.audit_months,
    })
}

pub(super) fn migration(run: &Run) -> Value {
    json!({
        "tenant_id": null,
        "migration_id": run.id,
        "target_version": run.target_version,
        "databases": run.total,
        "parallel": run.parallel,
        "max_failures": run.max_failures,
    })
}

pub(super) fn credit(e: &Entry) -> Value {
    json!({
        "tenant_id": e.tenant_id,
        "number": e.number,
        "kind": e.kind,
        "amount": e.amount,
        "balance": e.balance,
        "currency": e.currency,
        "reference": e.reference,
    })
}

pub(super) fn invoice(i: &Invoice) -> Value {
    json!({
        "tenant_id": i.tenant_id,
        "invoice_id": i.id,
        "number": i.number,
        "period": i.period,
        "state": i.state,
        "currency": i.currency,
        "total": i.total,
        "credits": i.credits,
        "due": i.due,
    })
}

pub(super) fn unexpected(u: &Unexpected) -> Value {
    json!({
        "tenant_id": u.tenant_id,
        "invoice_id": u.invoice_id,
        "number": u.number,
        "payment": u.payment,
        "amount": u.amount,
        "currency": u.currency,
    })
}

pub(super) fn restored(r: &Restored) -> Value {
    json!({
        "tenant_id": r.tenant_id,
        "slug": r.slug,
        "backup_id": r.backup_id,
        "as_of": r.as_of,
        "database": r.database,
        "files_restored": r.files_restored,
        "files_missing": r.files_missing,
        "resends": r.resends,
    })
}

pub(super) fn base(b: &BaseBackup) -> Value {
    json!({
        "tenant_id": null,
        "backup_id": b.id,
        "cluster": b.cluster,
        "finished_at": b.finished_at,
        "start_lsn": b.start_lsn,
        "stop_lsn": b.stop_lsn,
        "timeline": b.timeline,
        "bytes": b.bytes,
    })
}

pub(super) fn leave(g: &SupportAccess, operator: Option<i64>) -> Value {
    json!({
        "tenant_id": g.tenant_id,
        "grant_id": g.id,
        "granted_by": g.granted_by,
        "operator_id": operator,
        "reason": g.reason,
        "ends_at": g.ends_at,
        "ended_at": g.ended_at,
    })
}
