//! The order of provisioning, and what a failure leads to. Pure: it knows no database.

use chrono::TimeDelta;

/// How often a step is tried before everything is taken back: about a quarter of an hour.
pub const ATTEMPTS: i32 = 12;

/// What comes next for a tenant's database (C-2). Each step may be done twice without harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Choose a cluster, name database and role, seal the password. All stored before any is used. Where a spare
    /// database is taken, the walk goes on with [`Self::Seed`].
    Place,
    /// Make the role on the cluster, or give it the stored password.
    Role,
    /// Make the database from the template.
    Database,
    /// Give the role its rights in that database, and nobody else any.
    Grants,
    /// Give a spare its tenant's name; write the marker row, the settings and the first admin.
    Seed,
    /// Tell the world.
    Activate,
    /// The tenant works.
    Done,
    /// It could not be done: drop database and role.
    Undo,
    /// Nothing of it is left but the name.
    Undone,
}

/// What a failed attempt leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// The same step, after a pause.
    Again(TimeDelta),
    /// Take everything back.
    GiveUp,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 9] =
        [Self::Place, Self::Role, Self::Database, Self::Grants, Self::Seed, Self::Activate, Self::Done, Self::Undo, Self::Undone];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Role => "role",
            Self::Database => "database",
            Self::Grants => "grants",
            Self::Seed => "seed",
            Self::Activate => "activate",
            Self::Done => "done",
            Self::Undo => "undo",
            Self::Undone => "undone",
        }
    }

    /// The step of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// What comes after this step has succeeded; an end stays.
    pub fn next(self) -> Self {
        match self {
            Self::Place => Self::Role,
            Self::Role => Self::Database,
            Self::Database => Self::Grants,
            Self::Grants => Self::Seed,
            Self::Seed => Self::Activate,
            Self::Activate | Self::Done => Self::Done,
            Self::Undo | Self::Undone => Self::Undone,
        }
    }

    /// Whether there is nothing left to do.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Undone)
    }

    /// What the `attempts`-th failure of this step leads to. Taking back is never given up: half a
    /// tenant for ever would be worse. Nor is placing: nothing is there yet, and somebody will make room.
    pub fn after_failure(self, attempts: i32) -> AfterFailure {
        if attempts >= ATTEMPTS && !matches!(self, Self::Place | Self::Undo) {
            return AfterFailure::GiveUp;
        }
        let seconds = 1_i64 << attempts.clamp(1, 9);
        AfterFailure::Again(TimeDelta::seconds(seconds / 2).min(TimeDelta::minutes(2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walk_ends_well_or_with_nothing_left() {
        let walk = |first: Step| std::iter::successors(Some(first), |s| (!s.is_end()).then(|| s.next())).collect::<Vec<_>>();
        assert_eq!(walk(Step::Place), Step::ALL[..7]);
        assert_eq!(walk(Step::Undo), [Step::Undo, Step::Undone]);
        for step in Step::ALL {
            assert_eq!(Step::parse(step.as_str()), Some(step));
            assert_eq!(step.is_end(), step.next() == step, "{step:?}");
        }
    }

    #[test]
    fn failures_pause_longer_and_longer_and_end_in_taking_back() {
        let pauses: Vec<i64> = (1..ATTEMPTS)
            .map(|n| match Step::Database.after_failure(n) {
                AfterFailure::Again(pause) => pause.num_seconds(),
                AfterFailure::GiveUp => panic!("gave up after {n}"),
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120]);
        for step in [Step::Role, Step::Database, Step::Grants, Step::Seed, Step::Activate] {
            assert_eq!(step.after_failure(ATTEMPTS), AfterFailure::GiveUp, "{step:?}");
        }
        for step in [Step::Place, Step::Undo] {
            assert_eq!(step.after_failure(1000), AfterFailure::Again(TimeDelta::minutes(2)), "{step:?}");
        }
    }
}
