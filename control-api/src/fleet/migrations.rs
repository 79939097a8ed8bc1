//! The migrations that a tenant's database is brought to: those of this release, or of a folder.

use std::path::Path;

use anyhow::Context;
use shared::auth::token::hash;
use sqlx::migrate::{Migration, Migrator};

use crate::clusters;

/// All migrations of a tenant's database, in order.
#[derive(Debug)]
pub struct Migrations {
    list: Vec<Migration>,
    digest: String,
}

impl Migrations {
    /// Those of this release.
    pub fn of_this_release() -> Self {
        Self::of(&clusters::MIGRATIONS)
    }

    /// Those of a folder, as `0001_mechanics.sql`.
    pub async fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let migrator = Migrator::new(folder).await.with_context(|| format!("reading the migrations of {}", folder.display()))?;
        anyhow::ensure!(migrator.iter().next().is_some(), "{} has no migrations", folder.display());
        Ok(Self::of(&migrator))
    }

    /// These.
    pub fn of(migrator: &Migrator) -> Self {
        let list: Vec<Migration> = migrator.iter().filter(|m| !m.migration_type.is_down_migration()).cloned().collect();
        let all: Vec<String> = list.iter().map(|m| format!("{} {:02x?}", m.version, m.checksum)).collect();
        let digest = hash(&all.join("\n")).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { list, digest }
    }

    /// All of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Migration> {
        self.list.iter()
    }

    /// Their versions, the oldest first.
    pub fn versions(&self) -> Vec<i64> {
        self.list.iter().map(|m| m.version).collect()
    }

    /// The version of the newest.
    pub fn newest(&self) -> i64 {
        self.list.iter().map(|m| m.version).max().unwrap_or_default()
    }

    /// Says which files these are: the same for the same files.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}
