//! What stands in the books, what is on a server, and where they differ. No IO.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// So long is known what is dropped: whatever makes a database has long ended or begun again.
const GRACE: TimeDelta = TimeDelta::hours(24);

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The server does not answer: nothing is known of it.
    Away,
    /// A tenant's database that no tenant has.
    OrphanDatabase,
    /// A tenant's role that no tenant has.
    OrphanRole,
    /// The template of an earlier release.
    OldTemplate,
    /// A template that nobody has finished.
    Draft,
    /// A tenant has no database.
    DatabaseMissing,
    /// A tenant's role is not there.
    RoleMissing,
    /// The database says that it is another tenant's.
    AnothersDatabase,
    /// The role may do more or less than it should.
    WrongRights,
    /// Every role may enter the database.
    OpenToEverybody,
    /// A spare that can be taken has no database.
    SpareMissing,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The server's name.
    pub cluster: String,
    /// What differs.
    pub what: What,
    /// The database, role or server.
    pub name: String,
    /// The tenant, by its slug.
    pub tenant: Option<String>,
    /// More about it.
    pub detail: Option<String>,
    /// It can be put right without losing anything.
    pub can_be_fixed: bool,
    /// It was.
    pub fixed: bool,
}

/// A tenant that has a place on the server.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its slug.
    pub slug: String,
    /// Its database.
    pub database: String,
    /// Its role.
    pub role: String,
    /// It is served: everything must be there.
    pub is_served: bool,
}

/// What the books say of a server.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Who is there.
    pub tenants: Vec<Known>,
    /// Spares, and whether they can be taken.
    pub spares: BTreeMap<String, bool>,
    /// What open jobs know: names in these are theirs.
    pub jobs: Vec<String>,
    /// Since when databases and roles that stand in no book are known.
    pub strays: BTreeMap<(Kind, String), DateTime<Utc>>,
}

/// What a stray is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Database,
    Role,
}

impl Kind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Role => "role",
        }
    }
}

/// What is on a server.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// All databases.
    pub databases: BTreeSet<String>,
    /// All roles.
    pub roles: BTreeSet<String>,
    /// Databases that every role may enter.
    pub open: Vec<String>,
}

/// What a name on a server was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    ForTenant,
    Template(i64),
    Draft,
    ByOthers,
}

fn made(name: &str) -> Made {
    let has_chance = |rest: &str| rest.len() == 12 && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if let Some(rest) = name.strip_prefix("hd_template_") {
        let (number, made) = match rest.strip_suffix("_draft") {
            Some(number) => (number, None),
            None => (rest, Some(Made::Template)),
        };
        return number.parse().map_or(Made::ByOthers, |n| made.map_or(Made::Draft, |made| made(n)));
    }
    let of_tenant = name.strip_prefix("tenant_").and_then(|rest| rest.rsplit_once('_')).is_some_and(|(_, chance)| has_chance(chance));
    if of_tenant || name.strip_prefix("hd_spare_").is_some_and(has_chance) { Made::ForTenant } else { Made::ByOthers }
}

impl Books {
    fn has(&self, kind: Kind, name: &str) -> bool {
        let of_tenant = self.tenants.iter().any(|t| match kind {
            Kind::Database => t.database == name,
            Kind::Role => t.role == name,
        });
        // A spare that was taken has its old name until its tenant's first rows are written.
        let chance = name.strip_prefix("hd_spare_").map(|chance| format!("_{chance}"));
        let of_taken = chance.is_some_and(|chance| self.tenants.iter().any(|t| t.database.ends_with(&chance)));
        of_tenant || of_taken || self.spares.contains_key(name) || self.jobs.iter().any(|job| job.contains(name))
    }
}

/// Databases and roles of ours that stand in no book.
pub fn strays(books: &Books, found: &Found) -> BTreeSet<(Kind, String)> {
    let databases = found.databases.iter().filter(|name| matches!(made(name), Made::ForTenant | Made::Draft)).map(|n| (Kind::Database, n));
    let roles = found.roles.iter().filter(|name| made(name) == Made::ForTenant).map(|n| (Kind::Role, n));
    databases.chain(roles).filter(|(kind, name)| !books.has(*kind, name)).map(|(kind, name)| (kind, name.clone())).collect()
}

/// Where a server differs from the books, but for what stands inside tenants' databases. `template` is the last
/// migration of this release.
pub fn compare(cluster: &str, books: &Books, found: &Found, (template, now): (i64, DateTime<Utc>)) -> Vec<Finding> {
    let finding = |what, name: &str, tenant: Option<&str>, can_be_fixed| Finding {
        cluster: cluster.to_owned(),
        what,
        name: name.to_owned(),
        tenant: tenant.map(str::to_owned),
        detail: None,
        can_be_fixed,
        fixed: false,
    };
    let mut all = Vec::new();
    for key in strays(books, found) {
        let what = match (key.0, made(&key.1)) {
            (Kind::Role, _) => What::OrphanRole,
            (Kind::Database, Made::Draft) => What::Draft,
            (Kind::Database, _) => What::OrphanDatabase,
        };
        let since = books.strays.get(&key).copied().unwrap_or(now);
        let detail = Some(format!("known since {}", since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)));
        all.push(Finding { detail, ..finding(what, &key.1, None, now - since >= GRACE) });
    }
    let old = found.databases.iter().filter(|name| matches!(made(name), Made::Template(n) if n < template));
    all.extend(old.map(|name| finding(What::OldTemplate, name, None, true)));
    for tenant in books.tenants.iter().filter(|t| t.is_served) {
        if !found.databases.contains(&tenant.database) {
            all.push(finding(What::DatabaseMissing, &tenant.database, Some(&tenant.slug), false));
        }
        if !found.roles.contains(&tenant.role) {
            all.push(finding(What::RoleMissing, &tenant.role, Some(&tenant.slug), true));
        }
    }
    for name in &found.open {
        let tenant = books.tenants.iter().find(|t| t.database == *name);
        let is_ours = tenant.is_some() || books.spares.contains_key(name);
        all.push(finding(What::OpenToEverybody, name, tenant.map(|t| t.slug.as_str()), is_ours));
    }
    let missing = books.spares.iter().filter(|(name, is_ready)| **is_ready && !found.databases.contains(*name));
    all.extend(missing.map(|(name, _)| finding(What::SpareMissing, name, None, true)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    fn books() -> Books {
        let known = |slug: &str, chance: &str, is_served| Known {
            slug: slug.into(),
            database: format!("tenant_{slug}_{chance}"),
            role: format!("tenant_{slug}_{chance}"),
            is_served,
        };
        Books {
            tenants: vec![known("acme", "aaaaaaaaaaaa", true), known("new", "bbbbbbbbbbbb", false)],
            spares: [("hd_spare_cccccccccccc".to_owned(), true), ("hd_spare_dddddddddddd".to_owned(), false)].into(),
            jobs: vec![r#"{"to": "tenant_acme_eeeeeeeeeeee"}"#.into()],
            strays: [
                ((Kind::Database, "tenant_old_111111111111".to_owned()), now() - GRACE),
                ((Kind::Role, "tenant_old_111111111111".to_owned()), now() - GRACE),
                ((Kind::Database, "tenant_late_222222222222".to_owned()), now() - GRACE + TimeDelta::seconds(1)),
            ]
            .into(),
        }
    }

    fn found(databases: &[&str], roles: &[&str], open: &[&str]) -> Found {
        let set = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect();
        Found { databases: set(databases), roles: set(roles), open: open.iter().map(|&n| n.to_owned()).collect() }
    }

    #[test]
    fn what_stands_in_the_books_is_as_it_should_be() {
        let all = [
            "tenant_acme_aaaaaaaaaaaa",
            "tenant_new_bbbbbbbbbbbb",
            "hd_spare_bbbbbbbbbbbb",
            "hd_spare_cccccccccccc",
            "hd_spare_dddddddddddd",
            "tenant_acme_eeeeeeeeeeee",
        ];
        let others = ["postgres", "template1", "tenant_of_somebody", "hd_spare_x", "hd_template_x", "hd_template_7", "hd_template_8"];
        assert_eq!(compare("local", &books(), &found(&[&all[..], &others].concat(), &all, &[]), (7, now())), []);
    }

    #[test]
    fn every_difference_is_found_and_only_what_is_safe_is_put_right() {
        use What::{DatabaseMissing, Draft, OldTemplate, OpenToEverybody, OrphanDatabase, OrphanRole, RoleMissing, SpareMissing};
        let there = found(
            &["tenant_old_111111111111", "tenant_late_222222222222", "hd_spare_333333333333", "hd_template_6", "hd_template_7_draft"],
            &["tenant_old_111111111111", "tenant_late_222222222222"],
            &["postgres", "tenant_new_bbbbbbbbbbbb"],
        );
        let findings = compare("local", &books(), &there, (7, now()));
        let told: Vec<_> = findings.iter().map(|f| (f.what, f.name.as_str(), f.tenant.as_deref(), f.can_be_fixed)).collect();
        assert_eq!(
            told,
            [
                (OrphanDatabase, "hd_spare_333333333333", None, false),
                (Draft, "hd_template_7_draft", None, false),
                (OrphanDatabase, "tenant_late_222222222222", None, false),
                (OrphanDatabase, "tenant_old_111111111111", None, true),
                (OrphanRole, "tenant_late_222222222222", None, false),
                (OrphanRole, "tenant_old_111111111111", None, true),
                (OldTemplate, "hd_template_6", None, true),
                (DatabaseMissing, "tenant_acme_aaaaaaaaaaaa", Some("acme"), false),
                (RoleMissing, "tenant_acme_aaaaaaaaaaaa", Some("acme"), true),
                (OpenToEverybody, "postgres", None, false),
                (OpenToEverybody, "tenant_new_bbbbbbbbbbbb", Some("new"), true),
                (SpareMissing, "hd_spare_cccccccccccc", None, true),
            ]
        );
    }
}
