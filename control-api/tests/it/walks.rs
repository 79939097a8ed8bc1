//! AU-1: whatever somebody does stands in the trail. Each act is walked by its own route, and the table
//! beside the walk says which rows come of it: who, what, at which tenant. An event that no walk brings about
//! does not compile or fails here, and so does a row that is missing.

mod account;
mod archive;
mod backups;
mod coming_in;
mod fleet;
mod keys;
mod leaving;
mod money;
mod people;
mod platform;
mod proofs;

use std::collections::{BTreeMap, BTreeSet};

use control_api::{
    events::{Event, Platform},
    sessions::Reason,
};

use crate::{
    isolation::{QUIET, table},
    world::World,
};

/// Acts, each with its rows: `person UserInvited acme`.
pub type Acts = &'static [(&'static str, &'static [&'static str])];

const WALKS: [Acts; 15] = [
    coming_in::STAFF,
    coming_in::CUSTOMER,
    coming_in::LEAVING,
    proofs::FACTORS,
    proofs::PASSKEYS,
    account::ACTS,
    people::ACTS,
    people::PROVIDER,
    platform::ACTS,
    leaving::ACTS,
    backups::ACTS,
    archive::ACTS,
    fleet::ACTS,
    keys::ACTS,
    money::ACTS,
];

/// The words of an enum, which `match` must know all.
macro_rules! words {
    ($list:ident, $type:ident $fields:tt, $($kind:ident),* $(,)?) => {
        const $list: &[&str] = {
            const fn _all_are_here(one: &$type) {
                match one {
                    $(words!(@ $type $kind $fields) => {})*
                }
            }
            &[$(stringify!($kind)),*]
        };
    };
    (@ $type:ident $kind:ident (..)) => { $type::$kind(..) };
    (@ $type:ident $kind:ident ()) => { $type::$kind };
}

words!(
    EVENTS,
    Event(..),
    TenantCreated,
    TenantProvisioned,
    TenantFailed,
    TenantUpdated,
    UserCreated,
    UserUpdated,
    CustomerRegistered,
    ProofResent,
    EmailVerified,
    UserInvited,
    InvitationRevoked,
    InvitationAccepted,
    ApiKeyCreated,
    ApiKeyRevoked,
    SignedIn,
    LinkSent,
    PasswordChanged,
    EmailChanged,
    EmailChangeAsked,
    SessionsEnded,
    AuditExported,
    AuditReanchored,
    TwoFactorBegun,
    TwoFactorEnabled,
    TwoFactorDisabled,
    TwoFactorReset,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SteppedUp,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    IdentityProviderChanged,
    IdentityProviderRemoved,
    IdentityLinked,
);
words!(
    PLATFORM,
    Platform(..),
    ClusterAdded,
    ClusterChanged,
    ClusterRemoved,
    OperatorAdded,
    OperatorRemoved,
    OperatorTwoFactorBegun,
    OperatorSignedIn,
    OperatorSignedOut,
    AccountLinkSent,
    AccountPasswordChanged,
    MigrationStarted,
    MigrationPaused,
    MigrationResumed,
    MigrationRetried,
    MigrationStopped,
    MigrationDone,
    TenantMigrationFailed,
    CanaryMarked,
    TenantSuspended,
    TenantResumed,
    TenantDeletionAsked,
    TenantDeletionTakenBack,
    TenantDeletionBegun,
    TenantDeleted,
    TenantMoveBegun,
    TenantMoved,
    TenantMoveUndone,
    SupportGranted,
    SupportUsed,
    SupportEnded,
    BackupAsked,
    RestoreAsked,
    DrillAsked,
    BackupTaken,
    BackupDeleted,
    TenantRestored,
    BackupDrilled,
    ArchiveBegun,
    BaseBackupTaken,
    BaseBackupDeleted,
    ExportAsked,
    ExportReady,
    ExportFailed,
    ExportTaken,
    ExportExpired,
    MasterRotationAsked,
    MasterRotated,
    DataRotationAsked,
    DataRotated,
    DataKeyRotated,
    PlanSet,
    TenantPlanChanged,
    CreditEntered,
    InvoiceBegun,
    InvoiceIssued,
    InvoicePaid,
    InvoiceRefused,
    InvoiceVoided,
    PaymentUnexpected,
    PaymentReturned,
);
words!(
    REASONS,
    Reason(),
    Logout,
    Revoked,
    LogoutAll,
    Reuse,
    Removed,
    AddressProved,
    SecondFactorChanged,
    RoleChanged,
    PasswordChanged,
    PasswordReset,
    AddressChanged,
    BecameStaff,
    ProviderGone,
    TenantDeleting,
    Restored,
);

/// The rows of all walks: what happened, and why if the event says so.
fn walked() -> BTreeSet<(&'static str, Option<&'static str>)> {
    let rows = WALKS.iter().flat_map(|walk| walk.iter()).flat_map(|(_, rows)| rows.iter());
    rows.map(|row| row.split(' ').nth(1).expect("what happened"))
        .map(|what| what.strip_suffix(')').and_then(|w| w.split_once('(')).map_or((what, None), |(kind, why)| (kind, Some(why))))
        .collect()
}

#[test]
fn every_event_is_brought_about_by_a_walk() {
    let kinds: BTreeSet<&str> = walked().into_iter().map(|(kind, _)| kind).collect();
    let known: BTreeSet<&str> = EVENTS.iter().chain(PLATFORM).copied().collect();
    assert_eq!(kinds, known);
}

#[test]
fn sessions_end_for_every_reason_that_there_is() {
    let ended: BTreeSet<String> =
        walked().iter().filter(|(kind, _)| *kind == "SessionsEnded").filter_map(|(_, why)| *why).map(str::to_owned).collect();
    // The tenant's own event tells of all who lose their sessions with it: they may be very many.
    let reasons: BTreeSet<String> = REASONS.iter().filter(|word| **word != "TenantDeleting").map(|word| snake(word)).collect();
    assert_eq!(ended, reasons);
}

fn snake(word: &str) -> String {
    let lower = |(n, c): (usize, char)| format!("{}{}", if n > 0 && c.is_uppercase() { "_" } else { "" }, c.to_ascii_lowercase());
    word.chars().enumerate().map(lower).collect()
}

/// In the plain case, that is: what a table says of another one stands after a comma.
#[test]
fn every_operation_that_changes_something_leaves_a_row_or_is_an_exception() {
    for (operation, ..) in table().iter().filter(|row| !row.0.starts_with("get ")) {
        let (_, rows) = WALKS
            .iter()
            .flat_map(|walk| walk.iter())
            .find(|(act, _)| act == operation)
            .unwrap_or_else(|| panic!("{operation} is not walked"));
        let quiet = QUIET.iter().find(|(named, _)| named == operation);
        assert_eq!(rows.is_empty(), quiet.is_some(), "{operation}: {rows:?} {quiet:?}");
    }
}

/// What a walk leaves in the trail, act by act.
pub struct Trail<'a> {
    world: &'a World,
    acts: Acts,
    seen: i64,
    told: BTreeMap<&'static str, Vec<String>>,
}

impl<'a> Trail<'a> {
    pub async fn of(world: &'a World, acts: Acts) -> Self {
        let mut trail = Self { world, acts, seen: 0, told: BTreeMap::new() };
        trail.prepared().await;
        trail
    }

    /// With what the world itself has brought about.
    pub fn and_before(mut self) -> Self {
        self.seen = 0;
        self
    }

    /// Leaves out what was only preparation.
    pub async fn prepared(&mut self) {
        self.rows().await;
    }

    /// Notes the rows since the last act as those of this one.
    pub async fn tells(&mut self, act: &'static str) {
        let rows = self.rows().await;
        assert!(self.told.insert(act, rows).is_none(), "{act} was walked before");
    }

    async fn rows(&mut self) -> Vec<String> {
        let sql = "select a.id, concat(a.actor ->> 'kind', ' ', a.action, '(' || why || ')', ' ', coalesce(t.slug, '-'))
            from audit_logs a
            left join tenants t on t.id = a.tenant_id
            cross join lateral (select case when action in ('SessionsEnded', 'PasswordChanged', 'EmailChanged', 'LinkSent')
                then coalesce(changes #>> '{after,reason}', changes #>> '{after,by}', changes #>> '{after,purpose}') end) w (why)
            where a.id > $1 and outcome = 'success'
            order by a.id";
        let rows: Vec<(i64, String)> = sqlx::query_as(sql).bind(self.seen).fetch_all(self.world.app.db.pool()).await.expect("rows");
        self.seen = rows.last().map_or(self.seen, |row| row.0);
        rows.into_iter().map(|row| row.1).collect()
    }

    /// Compares the walk with its table.
    pub fn ends(self) {
        let fits = |(act, wanted): &(&str, &[&str])| self.told.get(act).is_some_and(|told| told == wanted);
        let wrong: Vec<&str> = self.acts.iter().filter(|act| !fits(act)).map(|act| act.0).collect();
        let unknown: Vec<_> = self.told.keys().filter(|told| !self.acts.iter().any(|(act, _)| act == *told)).collect();
        assert!(wrong.is_empty() && unknown.is_empty(), "wrong: {wrong:?}\nnot in the table: {unknown:?}\n{:#?}", self.told);
    }
}
