//! How often each operation may be called: the one table of this plane. An operation of the OpenAPI
//! document without a row fails a test. Throttling of sign-ins by account is `sign_in`'s own.

use shared::http::rate_limit::{
    Policy::{self, Dear, Door, Free, Usual},
    Rate, Row,
};

/// Passwords, codes and links are tried here. An office behind one address signs in on a morning.
const SIGN_IN: Policy = Door("sign-in", Rate::a_minute(60));
/// Each makes a database.
const SIGN_UP: Policy = Door("sign-up", Rate::a_minute(10));
/// Each writes a mail to whoever is named.
const MAIL: Policy = Door("mail", Rate::a_minute(20));
/// Links from mails.
const LINK: Policy = Door("link", Rate::a_minute(30));
/// Each writes a mail to oneself.
const OWN_MAIL: Policy = Dear("mail", Rate::a_minute(5));
/// One's own password or codes are asked for.
const PROOF: Policy = Dear("proof", Rate::a_minute(20));
/// Reads a lot.
const EXPORT: Policy = Dear("export", Rate::a_minute(10));

/// The table.
pub const TABLE: &[Row] = &[
    ("GET", "/health", Free),
    ("GET", "/health/live", Free),
    ("GET", "/health/ready", Free),
    // Organisations
    ("POST", "/api/v1/tenants", SIGN_UP),
    ("GET", "/api/v1/tenants/{slug}/status", Usual),
    ("GET", "/api/v1/tenant", Usual),
    ("PATCH", "/api/v1/tenant", Usual),
    // Plans, credits and invoices
    ("GET", "/api/v1/tenant/usage", Usual),
    ("GET", "/api/v1/tenant/invoices", Usual),
    ("GET", "/api/v1/tenant/invoices/{id}", Usual),
    ("GET", "/api/v1/operator/plans", Usual),
    ("PUT", "/api/v1/operator/plans/{code}", Usual),
    ("GET", "/api/v1/operator/tenants/{slug}/usage", Usual),
    ("PUT", "/api/v1/operator/tenants/{slug}/plan", Usual),
    ("GET", "/api/v1/operator/tenants/{slug}/credits", Usual),
    ("POST", "/api/v1/operator/tenants/{slug}/credits", Usual),
    ("GET", "/api/v1/operator/invoices", Usual),
    ("GET", "/api/v1/operator/invoices/{id}", Usual),
    ("POST", "/api/v1/operator/invoices/{id}/pay", Usual),
    ("POST", "/api/v1/operator/invoices/{id}/void", Usual),
    // Coming in
    ("POST", "/api/v1/auth/login", SIGN_IN),
    ("POST", "/api/v1/auth/refresh", Usual),
    ("POST", "/api/v1/auth/logout", Usual),
    ("POST", "/api/v1/auth/logout-all", Usual),
    ("GET", "/api/v1/auth/methods", Usual),
    ("GET", "/api/v1/auth/sso/start", SIGN_IN),
    ("GET", "/api/v1/auth/sso/callback", SIGN_IN),
    ("POST", "/api/v1/auth/magic-link", MAIL),
    ("POST", "/api/v1/auth/magic-link/login", SIGN_IN),
    ("POST", "/api/v1/auth/register", MAIL),
    ("POST", "/api/v1/auth/invitations/accept", SIGN_IN),
    // The second factor
    ("GET", "/api/v1/auth/2fa", Usual),
    ("POST", "/api/v1/auth/2fa/setup", PROOF),
    ("POST", "/api/v1/auth/2fa/enable", PROOF),
    ("POST", "/api/v1/auth/2fa/disable", PROOF),
    ("POST", "/api/v1/auth/2fa/recovery-codes", PROOF),
    ("POST", "/api/v1/auth/2fa/verify", SIGN_IN),
    ("POST", "/api/v1/auth/2fa/passkey/start", SIGN_IN),
    ("POST", "/api/v1/auth/2fa/passkey/finish", SIGN_IN),
    ("POST", "/api/v1/auth/step-up", PROOF),
    ("POST", "/api/v1/auth/step-up/passkey/start", PROOF),
    ("POST", "/api/v1/auth/step-up/passkey/finish", PROOF),
    // Passkeys
    ("GET", "/api/v1/auth/passkeys", Usual),
    ("PATCH", "/api/v1/auth/passkeys/{id}", Usual),
    ("DELETE", "/api/v1/auth/passkeys/{id}", Usual),
    ("POST", "/api/v1/auth/passkeys/register/start", PROOF),
    ("POST", "/api/v1/auth/passkeys/register/finish", PROOF),
    ("POST", "/api/v1/auth/passkeys/login/start", SIGN_IN),
    ("POST", "/api/v1/auth/passkeys/login/finish", SIGN_IN),
    // Oneself
    ("GET", "/api/v1/auth/me", Usual),
    ("PATCH", "/api/v1/auth/me", Usual),
    ("GET", "/api/v1/auth/sessions", Usual),
    ("DELETE", "/api/v1/auth/sessions/{id}", Usual),
    ("POST", "/api/v1/auth/email/resend", OWN_MAIL),
    ("POST", "/api/v1/auth/email/verify", LINK),
    ("POST", "/api/v1/auth/email/change", OWN_MAIL),
    ("POST", "/api/v1/auth/email/change/confirm", LINK),
    ("POST", "/api/v1/auth/password/forgot", MAIL),
    ("POST", "/api/v1/auth/password/reset", LINK),
    ("POST", "/api/v1/auth/password/change", PROOF),
    // What admins do
    ("GET", "/api/v1/invitations", Usual),
    ("POST", "/api/v1/invitations", Usual),
    ("DELETE", "/api/v1/invitations/{id}", Usual),
    ("GET", "/api/v1/members", Usual),
    ("PATCH", "/api/v1/members/{user_id}", Usual),
    ("DELETE", "/api/v1/members/{user_id}", Usual),
    ("GET", "/api/v1/api-keys", Usual),
    ("POST", "/api/v1/api-keys", Usual),
    ("DELETE", "/api/v1/api-keys/{id}", Usual),
    ("GET", "/api/v1/tenant/identity-provider", Usual),
    ("PUT", "/api/v1/tenant/identity-provider", Usual),
    ("DELETE", "/api/v1/tenant/identity-provider", Usual),
    ("GET", "/api/v1/tenant/support-access", Usual),
    ("POST", "/api/v1/tenant/support-access", Usual),
    ("DELETE", "/api/v1/tenant/support-access", Usual),
    ("GET", "/api/v1/tenant/deletion", Usual),
    ("POST", "/api/v1/tenant/deletion", OWN_MAIL),
    ("DELETE", "/api/v1/tenant/deletion", OWN_MAIL),
    ("GET", "/api/v1/audit-logs", Usual),
    ("GET", "/api/v1/audit-logs/export", EXPORT),
    ("GET", "/api/v1/tenant/exports", Usual),
    ("POST", "/api/v1/tenant/exports", EXPORT),
    ("GET", "/api/v1/tenant/exports/{id}", Usual),
    ("GET", "/api/v1/tenant/exports/{id}/download", EXPORT),
    // Operators; their tokens are opaque, so they are counted by network
    ("POST", "/api/v1/operator/auth/login", SIGN_IN),
    ("POST", "/api/v1/operator/auth/2fa/setup", SIGN_IN),
    ("POST", "/api/v1/operator/auth/2fa/enable", SIGN_IN),
    ("POST", "/api/v1/operator/auth/2fa/verify", SIGN_IN),
    ("POST", "/api/v1/operator/auth/logout", Usual),
    ("GET", "/api/v1/operator/me", Usual),
    ("GET", "/api/v1/operator/tenants", Usual),
    ("GET", "/api/v1/operator/tenants/{slug}", Usual),
    ("POST", "/api/v1/operator/tenants/{slug}/suspend", Usual),
    ("POST", "/api/v1/operator/tenants/{slug}/resume", Usual),
    ("POST", "/api/v1/operator/tenants/{slug}/retry", Usual),
    ("POST", "/api/v1/operator/tenants/{slug}/move", Usual),
    ("POST", "/api/v1/operator/tenants/{slug}/restore", Usual),
    ("GET", "/api/v1/operator/clusters", Usual),
    ("GET", "/api/v1/operator/clusters/{name}", Usual),
    ("PATCH", "/api/v1/operator/clusters/{name}", Usual),
    ("POST", "/api/v1/operator/tenants/{slug}/delete", Usual),
    ("GET", "/api/v1/operator/tenants/{slug}/record", Usual),
    ("POST", "/api/v1/operator/support-access/{slug}", Usual),
    ("GET", "/api/v1/operator/jobs", Usual),
    ("GET", "/api/v1/operator/jobs/{id}", Usual),
    ("POST", "/api/v1/operator/migrations", Usual),
    ("GET", "/api/v1/operator/migrations", Usual),
    ("GET", "/api/v1/operator/migrations/{id}", Usual),
    ("GET", "/api/v1/operator/migrations/{id}/tenants", Usual),
    ("POST", "/api/v1/operator/migrations/{id}/pause", Usual),
    ("POST", "/api/v1/operator/migrations/{id}/resume", Usual),
    ("POST", "/api/v1/operator/migrations/{id}/retry", Usual),
    ("GET", "/api/v1/operator/audit-logs", Usual),
    ("GET", "/api/v1/operator/backups", Usual),
    ("POST", "/api/v1/operator/backups", Usual),
    ("GET", "/api/v1/operator/backups/{id}", Usual),
    ("DELETE", "/api/v1/operator/backups/{id}", Usual),
    ("POST", "/api/v1/operator/backups/{id}/restore", Usual),
    ("GET", "/api/v1/operator/drills", Usual),
    ("POST", "/api/v1/operator/drills", Usual),
];
