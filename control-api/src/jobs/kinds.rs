//! Every kind of job, and whose it is. The one place that knows all features with long work.

use std::time::Duration;

use shared::{Result, act::Act};

use super::{Job, Patience, Performed, Unit};
use crate::{
    app::App,
    backups, billing,
    deletion::purge,
    exports, keys,
    lease::{BRIEF, LONG},
    moves, provisioning,
};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A database that a tenant does not use any more is dropped, with its role.
    Retire,
    /// A tenant's data is taken away for good, because its days of grace are over.
    Purge,
    /// A tenant's database goes to another server.
    Move,
    /// A backup of a tenant, or of the control database, is taken.
    Backup,
    /// A copy of a whole server is taken.
    BaseBackup,
    /// A tenant is brought back to a backup or a moment.
    Restore,
    /// A backup is restored for trial.
    Drill,
    /// Everything that an organisation has is put into one archive.
    Export,
    /// All data keys come under another master key.
    RotateMaster,
    /// Data keys are exchanged for new ones.
    RotateData,
    /// What a tenant owes for a month is reckoned, issued and asked for.
    Invoice,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Retire,
        Self::Purge,
        Self::Move,
        Self::Backup,
        Self::BaseBackup,
        Self::Restore,
        Self::Drill,
        Self::Export,
        Self::RotateMaster,
        Self::RotateData,
        Self::Invoice,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retire => "retire",
            Self::Purge => "purge",
            Self::Move => "move",
            Self::Backup => "backup",
            Self::BaseBackup => "base_backup",
            Self::Restore => "restore",
            Self::Drill => "drill",
            Self::Export => "export",
            Self::RotateMaster => "rotate_master",
            Self::RotateData => "rotate_data",
            Self::Invoice => "invoice",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it changes where or whether a tenant's data is: of these, one at a time for each tenant.
    pub fn is_exclusive(self) -> bool {
        match self {
            Self::Retire
            | Self::Backup
            | Self::BaseBackup
            | Self::Drill
            | Self::Export
            | Self::RotateMaster
            | Self::RotateData
            | Self::Invoice => false,
            Self::Purge => true,
            Self::Move => true,
            Self::Restore => true,
        }
    }

    /// The step that it begins with.
    pub fn first(self) -> &'static str {
        match self {
            Self::Retire => provisioning::retire::FIRST,
            Self::Purge => purge::FIRST,
            Self::Move => moves::FIRST,
            Self::Backup => backups::FIRST_OF_BACKUP,
            Self::BaseBackup => backups::FIRST_OF_BASE_BACKUP,
            Self::Restore => backups::restore::FIRST,
            Self::Drill => backups::FIRST_OF_DRILL,
            Self::Export => exports::FIRST,
            Self::RotateMaster => keys::FIRST_OF_MASTER,
            Self::RotateData => keys::FIRST_OF_DATA,
            Self::Invoice => billing::FIRST,
        }
    }

    /// What becomes of that step when it fails again and again.
    pub fn patience(self, step: &str) -> Patience {
        match self {
            Self::Retire | Self::Purge => Patience::Endless,
            Self::Move => moves::patience(step),
            Self::RotateMaster | Self::RotateData => Patience::Fails,
            Self::Backup => backups::patience_of_backup(step),
            Self::BaseBackup => backups::patience_of_base_backup(step),
            Self::Restore => backups::restore::patience(step),
            Self::Drill => backups::patience_of_drill(step),
            Self::Export => exports::patience(step),
            Self::Invoice => billing::patience(step),
        }
    }

    /// How long one try of that step may take at most.
    pub fn limit(self, step: &str) -> Duration {
        match self {
            Self::Retire | Self::Invoice => BRIEF,
            Self::Move => moves::limit(step),
            Self::Restore => backups::restore::limit(step),
            Self::Purge | Self::Backup | Self::BaseBackup | Self::Drill | Self::Export | Self::RotateMaster | Self::RotateData => LONG,
        }
    }

    /// What that step counts; none where it is neither bytes nor files.
    pub fn unit(self, step: &str) -> Option<Unit> {
        match self {
            Self::Move => moves::unit(step),
            Self::Backup => backups::unit_of_backup(step),
            Self::BaseBackup => backups::unit_of_base_backup(step),
            Self::Restore => backups::restore::unit(step),
            Self::Drill => backups::unit_of_drill(step),
            Self::Retire | Self::Purge | Self::Export | Self::RotateMaster | Self::RotateData | Self::Invoice => None,
        }
    }
}

/// Does the work of the job's step, outside of any transaction of the control database. Boxed each, so that a
/// kind with large steps does not make everybody's future large.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    match job.kind {
        Kind::Retire => Box::pin(provisioning::retire::perform(app, job)).await,
        Kind::Purge => Box::pin(purge::perform(app, job)).await,
        Kind::Move => Box::pin(moves::perform(app, job)).await,
        Kind::Backup => Box::pin(backups::perform_backup(app, job)).await,
        Kind::BaseBackup => Box::pin(backups::perform_base_backup(app, job)).await,
        Kind::Restore => Box::pin(backups::restore::perform(app, job)).await,
        Kind::Drill => Box::pin(backups::perform_drill(app, job)).await,
        Kind::Export => Box::pin(exports::perform(app, job)).await,
        Kind::RotateMaster => Box::pin(keys::perform_master(app, job)).await,
        Kind::RotateData => Box::pin(keys::perform_data(app, job)).await,
        Kind::Invoice => Box::pin(billing::perform(app, job)).await,
    }
}

/// Writes what the step changes in the control database, in the act that moves the job along.
pub async fn note(act: &mut Act, app: &App, job: &Job, performed: &Performed) -> Result<()> {
    match job.kind {
        Kind::Retire => Ok(()),
        Kind::Purge => Box::pin(purge::note(act, app, job, performed)).await,
        Kind::Move => Box::pin(moves::note(act, job, performed)).await,
        Kind::Backup => backups::note_backup(act, job, performed).await,
        Kind::BaseBackup => backups::note_base_backup(act, job, performed).await,
        Kind::Restore => backups::restore::note(act, job, performed).await,
        Kind::Drill => backups::note_drill(act, job, performed).await,
        Kind::Export => exports::note(act, app, job, performed).await,
        Kind::RotateMaster => keys::note_master(act, job, performed).await,
        Kind::RotateData => keys::note_data(act, job, performed).await,
        Kind::Invoice => Box::pin(billing::note(act, app, job, performed)).await,
    }
}

/// Lets those go on whom a step keeps waiting that has failed: what it has closed is opened until the next try.
pub async fn relieve(app: &App, job: &Job) -> Result<()> {
    match job.kind {
        Kind::Retire
        | Kind::Purge
        | Kind::Backup
        | Kind::BaseBackup
        | Kind::Drill
        | Kind::Export
        | Kind::RotateMaster
        | Kind::RotateData
        | Kind::Invoice => Ok(()),
        Kind::Move => Box::pin(moves::relieve(app, job)).await,
        Kind::Restore => Box::pin(backups::restore::relieve(app, job)).await,
    }
}

/// What is told after that act, as to the app plane; a lost word costs time only.
pub async fn tell(app: &App, job: &Job) -> Result<()> {
    match job.kind {
        Kind::Retire
        | Kind::Backup
        | Kind::BaseBackup
        | Kind::Drill
        | Kind::Export
        | Kind::RotateMaster
        | Kind::RotateData
        | Kind::Invoice => Ok(()),
        Kind::Purge => purge::tell(app, job).await,
        Kind::Move => moves::tell(app, job).await,
        Kind::Restore => backups::restore::tell(app, job).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("nonsense"), None);
    }

    #[test]
    fn a_step_that_streams_counts_bytes_and_one_that_copies_counts_files() {
        for (kind, step, unit) in [
            (Kind::Move, "copy", Some(Unit::Bytes)),
            (Kind::Move, "verify", None),
            (Kind::Backup, "dump", Some(Unit::Bytes)),
            (Kind::Backup, "files", Some(Unit::Files)),
            (Kind::BaseBackup, "stream", Some(Unit::Bytes)),
            (Kind::BaseBackup, "prune", None),
            (Kind::Restore, "recover", Some(Unit::Bytes)),
            (Kind::Restore, "load", Some(Unit::Bytes)),
            (Kind::Restore, "files", Some(Unit::Files)),
            (Kind::Restore, "compare", None),
            (Kind::Drill, "recover", Some(Unit::Bytes)),
            (Kind::Drill, "load", Some(Unit::Bytes)),
            (Kind::Drill, "drop", None),
            (Kind::RotateMaster, "wrap", None),
            (Kind::Invoice, "measure", None),
        ] {
            assert_eq!(kind.unit(step), unit, "{kind:?} {step}");
        }
    }

    #[test]
    fn what_keeps_others_waiting_may_take_minutes_and_what_copies_hours() {
        for (kind, step, limit) in [
            (Kind::Move, "prepare", BRIEF),
            (Kind::Move, "copy", LONG),
            (Kind::Move, "verify", LONG),
            (Kind::Move, "switch", BRIEF),
            (Kind::Move, "undo", BRIEF),
            (Kind::Restore, "place", BRIEF),
            (Kind::Restore, "recover", LONG),
            (Kind::Restore, "load", LONG),
            (Kind::Restore, "compare", LONG),
            (Kind::Restore, "files", LONG),
            (Kind::Restore, "fit", LONG),
            (Kind::Restore, "swap", BRIEF),
            (Kind::Restore, "undo", BRIEF),
            (Kind::Backup, "dump", LONG),
            (Kind::Retire, "drop", BRIEF),
        ] {
            assert_eq!(kind.limit(step), limit, "{} {step}", kind.as_str());
        }
        for kind in Kind::ALL {
            assert!(kind.limit(kind.first()) <= LONG, "{}", kind.as_str());
        }
    }
}
