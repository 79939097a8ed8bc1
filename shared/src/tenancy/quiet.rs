//! Which tenants are quiet: whoever looks after all of them now and then leaves out those in whose databases
//! nothing was written since the last look. PostgreSQL counts written rows for each database, and one question
//! to a server tells of all databases there: a thousand quiet tenants cost a question, not a thousand
//! connections.

use std::collections::HashMap;

use uuid::Uuid;

/// How much was written into a tenant's database so far, and into which. Two of them are equal when nothing was
/// written in between; a crash of the server or another database makes them differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub(super) database: String,
    pub(super) rows: i64,
}

/// What one kind of round remembers of its last looks.
pub struct Quiet {
    /// In so many rounds everybody is looked at once, quiet or not.
    turns: u64,
    round: u64,
    asked: HashMap<Uuid, Written>,
    seen: HashMap<Uuid, Written>,
}

impl Quiet {
    /// Looks at everybody at least once in `turns` rounds.
    pub fn new(turns: u64) -> Self {
        Self { turns: turns.max(1), round: 0, asked: HashMap::new(), seen: HashMap::new() }
    }

    /// A round begins.
    pub fn begin(&mut self) {
        self.round = self.round.wrapping_add(1);
    }

    /// Whether the tenant is to be looked at: something was written since the last look, or that is not known,
    /// or it is its turn.
    pub fn wants(&mut self, tenant: Uuid, written: Option<&Written>) -> bool {
        let is_its_turn = tenant.as_u64_pair().1 % self.turns == self.round % self.turns;
        if !is_its_turn && written.is_some() && self.seen.get(&tenant) == written {
            return false;
        }
        match written {
            Some(written) => self.asked.insert(tenant, written.clone()),
            None => self.asked.remove(&tenant),
        };
        true
    }

    /// The look has found nothing left to do. What was written before it was decided is behind us; what was
    /// written since makes a difference.
    pub fn looked(&mut self, tenant: Uuid) {
        if let Some(written) = self.asked.remove(&tenant) {
            self.seen.insert(tenant, written);
        }
    }

    /// The look has failed: nothing is known.
    pub fn failed(&mut self, tenant: Uuid) {
        self.asked.remove(&tenant);
        self.seen.remove(&tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_wrote_nothing_since_a_look_that_succeeded_is_left_out_until_its_turn() {
        let written = |rows| Written { database: "a".into(), rows };
        let moved = Written { database: "b".into(), rows: 7 };
        let (tenant, mut quiet) = (Uuid::from_u128(3), Quiet::new(60));
        quiet.begin();
        assert!(quiet.wants(tenant, Some(&written(7))), "never looked at");
        assert!(quiet.wants(tenant, Some(&written(7))), "the look has not ended");
        quiet.looked(tenant);
        assert!(!quiet.wants(tenant, Some(&written(7))));
        for (now, why) in [(Some(&written(8)), "written"), (Some(&written(0)), "after a crash"), (Some(&moved), "moved"), (None, "unknown")]
        {
            assert!(quiet.wants(tenant, now), "{why}");
        }
        quiet.looked(tenant);
        assert!(!quiet.wants(tenant, Some(&written(7))), "a look of which nothing is known leaves the last one");
        quiet.failed(tenant);
        assert!(quiet.wants(tenant, Some(&written(7))), "the last look failed");
        quiet.looked(tenant);
        let looks = (0..60).filter(|_| {
            quiet.begin();
            quiet.wants(tenant, Some(&written(7)))
        });
        assert_eq!(looks.count(), 1, "its turn comes once");
    }
}
