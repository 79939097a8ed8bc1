//! Everything that can happen in the control plane. Names are past tense; each event names its
//! tenant, because the control database is everybody's.

mod platform;

pub use platform::Platform;
use serde_json::{Value, json};
use shared::{act, broker::AUTH_EXCHANGE};
use uuid::Uuid;

use crate::{api_keys::ApiKey, links::Purpose, members::Member, tenants::Tenant};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// An organisation signed up; its database is being made.
    TenantCreated(Tenant),
    /// Its database is there: it can be used.
    TenantProvisioned(Tenant),
    /// Its database could not be made.
    TenantFailed(Tenant),
    /// Its name or settings changed.
    TenantUpdated(Tenant),
    /// Somebody belongs to a tenant now.
    UserCreated(Member),
    /// Somebody's name, role or belonging changed.
    UserUpdated(Member),
    /// Somebody asked to be a customer with an address that they have yet to prove; it may be known.
    CustomerRegistered(Whom),
    /// Somebody had the link that proves their address sent once more.
    ProofResent(Whom),
    /// Somebody proved their address.
    EmailVerified(Whom),
    /// An admin asked somebody in.
    UserInvited(Invited),
    /// An admin took an invitation back.
    InvitationRevoked(Invited),
    /// An invited person came.
    InvitationAccepted(Invited),
    /// An admin made an API key.
    ApiKeyCreated(KeyFacts),
    /// An API key was taken back, or ended with its maker's rights.
    ApiKeyRevoked(KeyFacts),
    /// Somebody signed in.
    SignedIn(Whom, Uuid),
    /// A link by which somebody comes in or chooses a password was made and mailed.
    LinkSent(Whom, Purpose),
    /// Somebody has another password; the word says by which way.
    PasswordChanged(Whom, &'static str),
    /// Somebody has another address; the word says by which way.
    EmailChanged(Whom, &'static str),
    /// Somebody asked for another address, which has yet to be proved.
    EmailChangeAsked(Whom),
    /// Sessions ended, for this reason.
    SessionsEnded(Whom, &'static str),
    /// An admin took the audit trail out as a file, filtered so.
    AuditExported(Whom, Value),
    /// An operator took a tenant's audit trail as it is, instead of one that had this newest seal.
    AuditReanchored(Tenant, Option<i64>, Option<i64>),
    /// Somebody was shown the secret of an authenticator app; it counts from its first code on.
    TwoFactorBegun(Whom),
    /// Somebody has a second factor, or another one.
    TwoFactorEnabled(Whom),
    /// Somebody has taken a second factor away.
    TwoFactorDisabled(Whom),
    /// Somebody's second factors or links to providers were taken: by an operator, or because the account
    /// has gone to whoever proved its address, or back to its owner.
    TwoFactorReset(Whom),
    /// Somebody has new recovery codes.
    RecoveryCodesRenewed(Whom),
    /// Somebody used a recovery code; so many are left.
    RecoveryCodeUsed(Whom, i64),
    /// Somebody proved again who they are, in this session.
    SteppedUp(Whom, Uuid),
    /// Somebody has another passkey.
    PasskeyAdded(Whom, Called),
    /// Somebody calls a passkey something else.
    PasskeyRenamed(Whom, Called),
    /// Somebody has a passkey less.
    PasskeyRemoved(Whom, Called),
    /// An organisation has named an identity provider, or changed what it says of it.
    IdentityProviderChanged(Uuid, Value),
    /// An organisation has no identity provider any more; this was its issuer.
    IdentityProviderRemoved(Uuid, String),
    /// The provider of this issuer has vouched for somebody for the first time.
    IdentityLinked(Whom, String),
}

/// A person in a tenant.
#[derive(Debug, Clone, Copy)]
pub struct Whom {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The person.
    pub user_id: i64,
}

/// One of several things that somebody has, and what they call it.
#[derive(Debug, Clone)]
pub struct Called {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
}

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The invitation.
    pub id: i64,
    /// What the invited person is to be.
    pub role: &'static str,
}

/// An API key, without anything that opens.
#[derive(Debug, Clone)]
pub struct KeyFacts {
    tenant_id: Uuid,
    id: i64,
    name: String,
    scopes: Vec<String>,
}

impl From<ApiKey> for KeyFacts {
    fn from(key: ApiKey) -> Self {
        Self { tenant_id: key.tenant_id, id: key.id, name: key.name, scopes: key.scopes }
    }
}

impl act::Event for Event {
    fn kind(&self) -> &'static str {
        match self {
            Self::TenantCreated(_) => "TenantCreated",
            Self::TenantProvisioned(_) => "TenantProvisioned",
            Self::TenantFailed(_) => "TenantFailed",
            Self::TenantUpdated(_) => "TenantUpdated",
            Self::UserCreated(_) => "UserCreated",
            Self::UserUpdated(_) => "UserUpdated",
            Self::CustomerRegistered(_) => "CustomerRegistered",
            Self::ProofResent(_) => "ProofResent",
            Self::EmailVerified(_) => "EmailVerified",
            Self::UserInvited(_) => "UserInvited",
            Self::InvitationRevoked(_) => "InvitationRevoked",
            Self::InvitationAccepted(_) => "InvitationAccepted",
            Self::ApiKeyCreated(_) => "ApiKeyCreated",
            Self::ApiKeyRevoked(_) => "ApiKeyRevoked",
            Self::SignedIn(..) => "SignedIn",
            Self::LinkSent(..) => "LinkSent",
            Self::PasswordChanged(..) => "PasswordChanged",
            Self::EmailChanged(..) => "EmailChanged",
            Self::EmailChangeAsked(_) => "EmailChangeAsked",
            Self::SessionsEnded(..) => "SessionsEnded",
            Self::AuditExported(..) => "AuditExported",
            Self::AuditReanchored(..) => "AuditReanchored",
            Self::TwoFactorBegun(_) => "TwoFactorBegun",
            Self::TwoFactorEnabled(_) => "TwoFactorEnabled",
            Self::TwoFactorDisabled(_) => "TwoFactorDisabled",
            Self::TwoFactorReset(_) => "TwoFactorReset",
            Self::RecoveryCodesRenewed(_) => "RecoveryCodesRenewed",
            Self::RecoveryCodeUsed(..) => "RecoveryCodeUsed",
            Self::SteppedUp(..) => "SteppedUp",
            Self::PasskeyAdded(..) => "PasskeyAdded",
            Self::PasskeyRenamed(..) => "PasskeyRenamed",
            Self::PasskeyRemoved(..) => "PasskeyRemoved",
            Self::IdentityProviderChanged(..) => "IdentityProviderChanged",
            Self::IdentityProviderRemoved(..) => "IdentityProviderRemoved",
            Self::IdentityLinked(..) => "IdentityLinked",
        }
    }

    fn exchange(&self) -> &'static str {
        AUTH_EXCHANGE
    }

    // `auth.user.*` is for people as the app plane knows them, and for nothing else.
    fn routing_key(&self) -> &'static str {
        match self {
            Self::TenantCreated(_) => "auth.tenant.created",
            Self::TenantProvisioned(_) => "auth.tenant.provisioned",
            Self::TenantFailed(_) => "auth.tenant.failed",
            Self::TenantUpdated(_) => "auth.tenant.updated",
            Self::UserCreated(_) => "auth.user.created",
            Self::UserUpdated(_) => "auth.user.updated",
            Self::CustomerRegistered(_) => "auth.registration.received",
            Self::ProofResent(_) => "auth.email.proof_resent",
            Self::EmailVerified(_) => "auth.email.verified",
            Self::UserInvited(_) => "auth.invitation.created",
            Self::InvitationRevoked(_) => "auth.invitation.revoked",
            Self::InvitationAccepted(_) => "auth.invitation.accepted",
            Self::ApiKeyCreated(_) => "auth.api_key.created",
            Self::ApiKeyRevoked(_) => "auth.api_key.revoked",
            Self::SignedIn(..) => "auth.session.opened",
            Self::LinkSent(..) => "auth.link.sent",
            Self::PasswordChanged(..) => "auth.password.changed",
            Self::EmailChanged(..) => "auth.email.changed",
            Self::EmailChangeAsked(_) => "auth.email.change_asked",
            Self::SessionsEnded(..) => "auth.session.ended",
            Self::AuditExported(..) => "auth.audit.exported",
            Self::AuditReanchored(..) => "auth.audit.reanchored",
            Self::TwoFactorBegun(_) => "auth.two_factor.begun",
            Self::TwoFactorEnabled(_) => "auth.two_factor.enabled",
            Self::TwoFactorDisabled(_) => "auth.two_factor.disabled",
            Self::TwoFactorReset(_) => "auth.two_factor.reset",
            Self::RecoveryCodesRenewed(_) => "auth.recovery_codes.renewed",
            Self::RecoveryCodeUsed(..) => "auth.recovery_codes.used",
            Self::SteppedUp(..) => "auth.session.stepped_up",
            Self::PasskeyAdded(..) => "auth.passkey.added",
            Self::PasskeyRenamed(..) => "auth.passkey.renamed",
            Self::PasskeyRemoved(..) => "auth.passkey.removed",
            Self::IdentityProviderChanged(..) => "auth.provider.changed",
            Self::IdentityProviderRemoved(..) => "auth.provider.removed",
            Self::IdentityLinked(..) => "auth.identity.linked",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::AuditExported(w, _) => format!("audit:{}", w.tenant_id),
            Self::AuditReanchored(t, ..) => format!("audit:{}", t.id),
            Self::TenantCreated(t) | Self::TenantProvisioned(t) | Self::TenantFailed(t) | Self::TenantUpdated(t) => {
                format!("tenant:{}", t.id)
            }
            Self::UserCreated(m) | Self::UserUpdated(m) => format!("user:{}", m.user_id),
            Self::CustomerRegistered(w)
            | Self::ProofResent(w)
            | Self::EmailVerified(w)
            | Self::EmailChangeAsked(w)
            | Self::TwoFactorBegun(w)
            | Self::SignedIn(w, _)
            | Self::LinkSent(w, _)
            | Self::SessionsEnded(w, _)
            | Self::TwoFactorEnabled(w)
            | Self::TwoFactorDisabled(w)
            | Self::TwoFactorReset(w)
            | Self::RecoveryCodesRenewed(w)
            | Self::RecoveryCodeUsed(w, _)
            | Self::SteppedUp(w, _)
            | Self::PasswordChanged(w, _)
            | Self::EmailChanged(w, _)
            | Self::PasskeyAdded(w, _)
            | Self::PasskeyRenamed(w, _)
            | Self::PasskeyRemoved(w, _)
            | Self::IdentityLinked(w, _) => format!("user:{}", w.user_id),
            Self::IdentityProviderChanged(tenant, _) | Self::IdentityProviderRemoved(tenant, _) => format!("tenant:{tenant}"),
            Self::UserInvited(i) | Self::InvitationRevoked(i) | Self::InvitationAccepted(i) => format!("invitation:{}", i.id),
            Self::ApiKeyCreated(key) | Self::ApiKeyRevoked(key) => format!("api_key:{}", key.id),
        }
    }

    fn data(&self) -> Value {
        match self {
            Self::TenantCreated(t) | Self::TenantProvisioned(t) | Self::TenantFailed(t) | Self::TenantUpdated(t) => tenant(t),
            Self::UserCreated(m) | Self::UserUpdated(m) => person(m),
            Self::AuditExported(w, filter) => json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "filter": filter }),
            Self::AuditReanchored(t, from, to) => json!({ "tenant_id": t.id, "from_seal": from, "to_seal": to }),
            Self::CustomerRegistered(w)
            | Self::ProofResent(w)
            | Self::EmailVerified(w)
            | Self::EmailChangeAsked(w)
            | Self::TwoFactorBegun(w)
            | Self::TwoFactorEnabled(w)
            | Self::TwoFactorDisabled(w)
            | Self::TwoFactorReset(w)
            | Self::RecoveryCodesRenewed(w) => json!({ "tenant_id": w.tenant_id, "user_id": w.user_id }),
            Self::RecoveryCodeUsed(w, left) => json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "left": left }),
            Self::SignedIn(w, session) | Self::SteppedUp(w, session) => {
                json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "session_id": session })
            }
            Self::PasswordChanged(w, by) | Self::EmailChanged(w, by) => {
                json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "by": by })
            }
            Self::LinkSent(w, purpose) => json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "purpose": purpose }),
            Self::SessionsEnded(w, reason) => json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "reason": reason }),
            Self::IdentityProviderChanged(tenant, to) => json!({ "tenant_id": tenant, "provider": to }),
            Self::IdentityProviderRemoved(tenant, issuer) => json!({ "tenant_id": tenant, "issuer": issuer }),
            Self::IdentityLinked(w, issuer) => json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "issuer": issuer }),
            Self::PasskeyAdded(w, p) | Self::PasskeyRenamed(w, p) | Self::PasskeyRemoved(w, p) => {
                json!({ "tenant_id": w.tenant_id, "user_id": w.user_id, "passkey_id": p.id, "name": p.name })
            }
            Self::ApiKeyCreated(key) | Self::ApiKeyRevoked(key) => {
                json!({ "tenant_id": key.tenant_id, "api_key_id": key.id, "name": key.name, "scopes": key.scopes })
            }
            Self::UserInvited(i) | Self::InvitationRevoked(i) | Self::InvitationAccepted(i) => {
                json!({ "tenant_id": i.tenant_id, "invitation_id": i.id, "role": i.role })
            }
        }
    }
}

fn tenant(t: &Tenant) -> Value {
    json!({
        "tenant_id": t.id,
        "slug": t.slug,
        "organisation": t.organisation,
        "locale": t.locale,
        "status": t.status,
        "waiting_close_days": t.waiting_close_days,
        "resolved_close_hours": t.resolved_close_hours,
        "customer_magic_link": t.customer_magic_link,
        "version": t.version,
    })
}

fn person(m: &Member) -> Value {
    json!({
        "user_id": m.user_id,
        "tenant_id": m.tenant_id,
        "email": m.email,
        "firstname": m.firstname,
        "lastname": m.lastname,
        "locale": m.locale,
        "role": m.role,
        "active": m.is_active(),
        "vip": m.vip,
        "version": m.version,
    })
}
