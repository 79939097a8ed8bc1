//! What operators do, and what is done about them. Whatever concerns a tenant names it, so that it
//! stands in the tenant's own trail. What concerns none says so: it stands in the platform's trail, and
//! no message tells of it.

use serde_json::{Value, json};
use shared::{act, broker::AUTH_EXCHANGE};

use crate::{clusters::Added, support::SupportAccess, tenants::Tenant};

/// Something that happened to the platform.
#[derive(Debug, Clone)]
pub enum Platform {
    /// A server for tenants' databases was added, or told anew.
    ClusterAdded(Added),
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
    /// A tenant's doors were closed.
    TenantSuspended(Tenant),
    /// They were opened again.
    TenantResumed(Tenant),
    /// A tenant's admin lets operators look in.
    SupportGranted(SupportAccess),
    /// An operator begins to look.
    SupportUsed(SupportAccess, i64),
    /// Nobody may look in any more.
    SupportEnded(SupportAccess),
}

impl act::Event for Platform {
    fn kind(&self) -> &'static str {
        match self {
            Self::ClusterAdded(_) => "ClusterAdded",
            Self::OperatorAdded(_) => "OperatorAdded",
            Self::OperatorRemoved(_) => "OperatorRemoved",
            Self::OperatorTwoFactorBegun(_) => "OperatorTwoFactorBegun",
            Self::OperatorSignedIn(_) => "OperatorSignedIn",
            Self::OperatorSignedOut(_) => "OperatorSignedOut",
            Self::AccountLinkSent(_) => "AccountLinkSent",
            Self::AccountPasswordChanged(_) => "AccountPasswordChanged",
            Self::TenantSuspended(_) => "TenantSuspended",
            Self::TenantResumed(_) => "TenantResumed",
            Self::SupportGranted(_) => "SupportGranted",
            Self::SupportUsed(..) => "SupportUsed",
            Self::SupportEnded(_) => "SupportEnded",
        }
    }

    fn exchange(&self) -> &'static str {
        AUTH_EXCHANGE
    }

    fn routing_key(&self) -> &'static str {
        match self {
            Self::ClusterAdded(_) => "auth.cluster.added",
            Self::OperatorAdded(_) => "auth.operator.added",
            Self::OperatorRemoved(_) => "auth.operator.removed",
            Self::OperatorTwoFactorBegun(_) => "auth.operator.two_factor_begun",
            Self::OperatorSignedIn(_) => "auth.operator.signed_in",
            Self::OperatorSignedOut(_) => "auth.operator.signed_out",
            Self::AccountLinkSent(_) => "auth.account.link_sent",
            Self::AccountPasswordChanged(_) => "auth.account.password_changed",
            Self::TenantSuspended(_) => "auth.tenant.suspended",
            Self::TenantResumed(_) => "auth.tenant.resumed",
            Self::SupportGranted(_) => "auth.support.granted",
            Self::SupportUsed(..) => "auth.support.used",
            Self::SupportEnded(_) => "auth.support.ended",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::ClusterAdded(cluster) => format!("cluster:{}", cluster.id),
            Self::OperatorAdded(id)
            | Self::OperatorRemoved(id)
            | Self::OperatorTwoFactorBegun(id)
            | Self::OperatorSignedIn(id)
            | Self::OperatorSignedOut(id) => {
                format!("operator:{id}")
            }
            Self::AccountLinkSent(id) | Self::AccountPasswordChanged(id) => format!("user:{id}"),
            Self::TenantSuspended(t) | Self::TenantResumed(t) => format!("tenant:{}", t.id),
            Self::SupportGranted(g) | Self::SupportUsed(g, _) | Self::SupportEnded(g) => format!("support:{}", g.id),
        }
    }

    fn data(&self) -> Value {
        match self {
            Self::ClusterAdded(c) => {
                json!({ "tenant_id": null, "cluster_id": c.id, "name": c.name, "host": c.host, "port": c.port, "pooled": c.pooled })
            }
            Self::OperatorAdded(id)
            | Self::OperatorRemoved(id)
            | Self::OperatorTwoFactorBegun(id)
            | Self::OperatorSignedIn(id)
            | Self::OperatorSignedOut(id) => {
                json!({ "tenant_id": null, "operator_id": id })
            }
            Self::AccountLinkSent(id) | Self::AccountPasswordChanged(id) => json!({ "tenant_id": null, "user_id": id }),
            Self::TenantSuspended(t) | Self::TenantResumed(t) => json!({ "tenant_id": t.id, "slug": t.slug, "status": t.status }),
            Self::SupportGranted(g) | Self::SupportEnded(g) => leave(g, None),
            Self::SupportUsed(g, operator) => leave(g, Some(*operator)),
        }
    }
}

fn leave(g: &SupportAccess, operator: Option<i64>) -> Value {
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
