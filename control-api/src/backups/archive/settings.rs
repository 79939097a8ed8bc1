//! What a server's `archive_command` is told, and a `restore_command`: where the archive lies, and its key. By a
//! file that only its owner may read, or by environment; everybody may read command lines. The platform's own
//! sealing key is not among it: a server that is broken into opens its own archive and nothing else.

use std::{collections::HashMap, os::unix::fs::PermissionsExt, path::Path};

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use shared::{
    sealed_stream::StreamKey,
    storage::{Place, Storage},
};
use uuid::Uuid;

/// Names of variables, and their values.
pub type Lines = Vec<(&'static str, SecretString)>;

/// See the module.
pub struct Settings {
    /// The archive's id.
    pub archive: Uuid,
    /// The identifier of the server that it is of.
    pub system: String,
    key: SecretString,
    store: Place,
}

impl Settings {
    /// Of an archive whose key is open.
    pub fn of(archive: Uuid, system: &str, key: &StreamKey, store: Place) -> Self {
        Self { archive, system: system.to_owned(), key: STANDARD.encode(key.bytes()).into(), store }
    }

    /// From a file, or from this process's environment.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        match file {
            None => Self::from(|name| std::env::var(name).ok()),
            Some(file) => {
                let mode = std::fs::metadata(file).with_context(|| format!("{}", file.display()))?.permissions().mode();
                ensure!(mode & 0o077 == 0, "{} can be read by others than its owner: chmod 600", file.display());
                let text = std::fs::read_to_string(file)?;
                let values: HashMap<&str, &str> =
                    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).collect();
                Self::from(|name| values.get(name).map(|value| (*value).to_owned()))
            }
        }
    }

    fn from(told: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let need = |name: &str| told(name).filter(|value| !value.is_empty()).with_context(|| format!("{name} is not set"));
        Ok(Self {
            archive: need("WAL_ARCHIVE")?.parse().context("WAL_ARCHIVE is no id")?,
            system: need("WAL_SYSTEM")?,
            key: need("WAL_KEY")?.into(),
            store: Place {
                endpoint: need("S3_ENDPOINT")?,
                bucket: need("S3_BUCKET")?,
                region: need("S3_REGION")?,
                access_key: need("S3_ACCESS_KEY")?.into(),
                secret_key: need("S3_SECRET_KEY")?.into(),
            },
        })
    }

    /// The same as variables.
    pub fn lines(&self) -> Lines {
        vec![
            ("WAL_ARCHIVE", self.archive.to_string().into()),
            ("WAL_SYSTEM", self.system.clone().into()),
            ("WAL_KEY", self.key.clone()),
            ("S3_ENDPOINT", self.store.endpoint.clone().into()),
            ("S3_BUCKET", self.store.bucket.clone().into()),
            ("S3_REGION", self.store.region.clone().into()),
            ("S3_ACCESS_KEY", self.store.access_key.clone()),
            ("S3_SECRET_KEY", self.store.secret_key.clone()),
        ]
    }

    /// The key of the archive.
    pub fn key(&self) -> Result<StreamKey> {
        let bytes = STANDARD.decode(self.key.expose_secret()).context("WAL_KEY is not base64")?;
        Ok(StreamKey::of(&bytes)?)
    }

    /// The store.
    pub fn storage(&self) -> Storage {
        Storage::at(&self.store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_may_read_is_refused_and_what_is_missing_is_named() {
        let place = || Place {
            endpoint: "http://127.0.0.1:1".into(),
            bucket: "sav".into(),
            region: "us-east-1".into(),
            access_key: "a".into(),
            secret_key: "b=c".into(),
        };
        let key = StreamKey::generate();
        let lines = Settings::of(Uuid::from_u128(7), "42", &key, place()).lines();
        let text: Vec<String> = lines.iter().map(|(name, value)| format!("{name}={}", value.expose_secret())).collect();
        let file = std::env::temp_dir().join(format!("wal-{}.env", Uuid::new_v4()));
        for (mode, text, refused) in [
            (0o600, text.join("\n"), None),
            (0o640, text.join("\n"), Some("chmod 600")),
            (0o604, text.join("\n"), Some("chmod 600")),
            (0o600, text[..2].join("\n"), Some("WAL_KEY")),
            (0o600, text.join("\n").replace("WAL_KEY=", "# WAL_KEY="), Some("WAL_KEY")),
        ] {
            std::fs::write(&file, text).expect("written");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
            match (Settings::read(Some(&file)), refused) {
                (Ok(read), None) => {
                    assert_eq!((read.archive, read.system.as_str()), (Uuid::from_u128(7), "42"));
                    assert_eq!(read.key().expect("a key").bytes(), key.bytes());
                    assert_eq!(read.store.secret_key.expose_secret(), "b=c");
                }
                (Err(error), Some(word)) => assert!(error.to_string().contains(word), "{error}"),
                (read, refused) => panic!("{:?} instead of {refused:?}", read.map(|_| ())),
            }
        }
        std::fs::remove_file(&file).expect("removed");
    }
}
