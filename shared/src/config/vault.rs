//! Where Vault is, and how one comes in.

use std::{fs, path::PathBuf};

use url::{Host, Url};

use super::{Finding, weak::text};
use crate::{
    Result,
    seal::{Entry, Told, Vault},
};

/// A token has as many bytes at least.
const TOKEN: usize = 16;
const COME_IN: &str = "say VAULT_TOKEN_FILE, or VAULT_ROLE_ID with VAULT_SECRET_ID_FILE";

/// Vault, where data keys are wrapped and the passwords of tenants' databases kept.
#[derive(Debug, Clone, clap::Args)]
pub struct VaultConfig {
    /// Vault or OpenBao, which wraps data keys and keeps the passwords of tenants' databases, `https://…`; none: DB_ENCRYPTION_KEY and the control database do
    #[arg(long, env)]
    pub vault_addr: Option<String>,
    /// File with the token, read anew when the token has ended
    #[arg(long, env)]
    pub vault_token_file: Option<PathBuf>,
    /// Instead of a token: the id of an AppRole
    #[arg(long, env)]
    pub vault_role_id: Option<String>,
    /// File with that role's secret id
    #[arg(long, env)]
    pub vault_secret_id_file: Option<PathBuf>,
    /// Where the AppRole method is
    #[arg(long, env, default_value = "approle")]
    pub vault_approle_mount: String,
    /// Where the transit engine is
    #[arg(long, env, default_value = "transit")]
    pub vault_transit_mount: String,
    /// Its key, which must be a derived one
    #[arg(long, env, default_value = "helpdeskly")]
    pub vault_transit_key: String,
    /// Where the KV engine is, of version 2
    #[arg(long, env, default_value = "secret")]
    pub vault_kv_mount: String,
    /// Certificates of the authority that is believed, in PEM; none: the machine's
    #[arg(long, env)]
    pub vault_ca_file: Option<PathBuf>,
}

/// A variable that is there and empty says nothing.
pub fn told(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|text| !text.is_empty())
}

impl VaultConfig {
    /// No Vault.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        use clap::FromArgMatches;
        let command = <Self as clap::Args>::augment_args(clap::Command::new("none").no_binary_name(true));
        let matches = command.mut_args(|arg| arg.env(clap::builder::Resettable::Reset)).get_matches_from(Vec::<String>::new());
        Self::from_arg_matches(&matches).expect("the defaults")
    }

    /// Vault, where it is told.
    pub fn vault(&self) -> Result<Option<Vault>> {
        let Some(address) = told(self.vault_addr.as_deref()) else { return Ok(None) };
        let entry = self.entry().ok_or_else(|| anyhow::anyhow!("nothing says how one comes into Vault: {COME_IN}"))?;
        let (transit, key, kv) = (self.vault_transit_mount.clone(), self.vault_transit_key.clone(), self.vault_kv_mount.clone());
        let ca = self.vault_ca_file.clone();
        Vault::new(&Told { address: address.to_owned(), ca, entry, transit, key, kv }).map(Some)
    }

    fn entry(&self) -> Option<Entry> {
        let role = told(self.vault_role_id.as_deref()).zip(self.vault_secret_id_file.as_ref());
        let by_role = role.map(|(id, file)| Entry::AppRole(self.vault_approle_mount.clone(), id.to_owned(), file.clone()));
        by_role.or_else(|| self.vault_token_file.clone().map(Entry::TokenFile))
    }

    /// What is wrong about it (SEC-21).
    pub fn findings(&self, is_production: bool) -> Vec<Finding> {
        let (by_token, by_role) = (self.vault_token_file.as_ref(), told(self.vault_role_id.as_deref()));
        let secret_id = self.vault_secret_id_file.as_ref();
        let Some(address) = told(self.vault_addr.as_deref()) else {
            let stray = by_token.is_some() || by_role.is_some() || secret_id.is_some();
            return stray
                .then(|| Finding::new("VAULT_ADDR", "is missing, though a way into Vault is told", "say where it is"))
                .into_iter()
                .collect();
        };
        let mut findings: Vec<_> =
            address_fault(address, is_production).map(|wrong| Finding::new("VAULT_ADDR", wrong, "use https://")).into_iter().collect();
        match (by_token, by_role, secret_id) {
            (None, None, None) => findings.push(Finding::new("VAULT_TOKEN_FILE", "is missing", COME_IN)),
            (Some(_), Some(_), _) => findings.push(Finding::new("VAULT_TOKEN_FILE", "is told besides VAULT_ROLE_ID", "leave one out")),
            (_, Some(_), None) => findings.push(Finding::new("VAULT_SECRET_ID_FILE", "is missing", COME_IN)),
            (_, None, Some(_)) => findings.push(Finding::new("VAULT_ROLE_ID", "is missing", COME_IN)),
            (Some(file), None, None) => findings.extend(secret("VAULT_TOKEN_FILE", file, is_production)),
            (None, Some(_), Some(file)) => findings.extend(secret("VAULT_SECRET_ID_FILE", file, is_production)),
        }
        if let Some(file) = self.vault_ca_file.as_ref().filter(|file| fs::read(file).is_err()) {
            findings.push(Finding::new("VAULT_CA_FILE", format!("cannot be read: {}", file.display()), "say where it is"));
        }
        findings
    }
}

/// What is wrong about the file of a secret, or about what is in it.
fn secret(variable: &'static str, file: &PathBuf, is_production: bool) -> Vec<Finding> {
    let remedy = "put a token or secret id of a policy of its own in it";
    let Ok(secret) = fs::read_to_string(file) else {
        return vec![Finding::new(variable, format!("cannot be read: {}", file.display()), remedy)];
    };
    let wrong = match secret.trim() {
        "" => vec!["is empty"],
        secret if is_production => text(secret, TOKEN, 8),
        _ => vec![],
    };
    wrong.into_iter().map(|wrong| Finding::new(variable, format!("holds what {}", held(wrong)), remedy)).collect()
}

fn held(wrong: &str) -> &str {
    if wrong == "is empty" { "is nothing" } else { wrong }
}

fn address_fault(address: &str, is_production: bool) -> Option<&'static str> {
    let Ok(url) = Url::parse(address) else { return Some("is no address") };
    let is_here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => None,
        "http" if is_here || !is_production => None,
        "http" => Some("goes over http to another machine"),
        _ => Some("is no address of http"),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn findings(words: &[&str], is_production: bool) -> Vec<&'static str> {
        let command =
            VaultConfig::augment_args(Command::new("x").no_binary_name(true)).mut_args(|arg| arg.env(clap::builder::Resettable::Reset));
        let matches = command.try_get_matches_from(words.iter().copied()).expect("words");
        let config = VaultConfig::from_arg_matches(&matches).expect("a configuration");
        let found = config.findings(is_production);
        assert!(found.iter().all(|finding| !finding.to_string().contains("root")), "{found:?}");
        found.iter().map(|finding| finding.variable).collect()
    }

    #[test]
    fn vault_is_told_as_a_whole_and_without_what_everybody_knows() {
        let folder = std::env::temp_dir().join(format!("vault-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).expect("a folder");
        let put = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).expect("a file");
            path.to_string_lossy().into_owned()
        };
        let (good, dev, empty) = (put("good", "s.mL9xQe2Rv7TzKp4WcYb8NdFh\n"), put("dev", "root"), put("empty", "\n"));
        let at = |address: &'static str| ["--vault-addr", address];
        let token = |file: &'static str| ["--vault-token-file", file];
        let (good, dev, empty): (&'static str, &'static str, &'static str) = (&*good.leak(), &*dev.leak(), &*empty.leak());
        let role = ["--vault-role-id", "r"];
        let (safe, open) = (at("https://vault.example.com"), at("http://vault.internal:8200"));
        for (words, production, trial) in [
            (vec![], &[][..], &[][..]),
            (at("").to_vec(), &[], &[]),
            (token(good).to_vec(), &["VAULT_ADDR"], &["VAULT_ADDR"]),
            (safe.to_vec(), &["VAULT_TOKEN_FILE"], &["VAULT_TOKEN_FILE"]),
            ([safe, token(good)].concat(), &[], &[]),
            ([open, token(good)].concat(), &["VAULT_ADDR"], &[]),
            ([at("http://127.0.0.1:8200"), token(good)].concat(), &[], &[]),
            ([at("vault"), token(good)].concat(), &["VAULT_ADDR"], &["VAULT_ADDR"]),
            ([at("ftp://vault"), token(good)].concat(), &["VAULT_ADDR"], &["VAULT_ADDR"]),
            ([safe, token(dev)].concat(), &["VAULT_TOKEN_FILE", "VAULT_TOKEN_FILE"], &[]),
            ([safe, token(empty)].concat(), &["VAULT_TOKEN_FILE"], &["VAULT_TOKEN_FILE"]),
            ([safe, token("/nowhere")].concat(), &["VAULT_TOKEN_FILE"], &["VAULT_TOKEN_FILE"]),
            ([safe, role].concat(), &["VAULT_SECRET_ID_FILE"], &["VAULT_SECRET_ID_FILE"]),
            ([safe, ["--vault-secret-id-file", good]].concat(), &["VAULT_ROLE_ID"], &["VAULT_ROLE_ID"]),
            ([safe, role, ["--vault-secret-id-file", good]].concat(), &[], &[]),
            ([safe, role, token(good)].concat(), &["VAULT_TOKEN_FILE"], &["VAULT_TOKEN_FILE"]),
            ([safe, token(good), ["--vault-ca-file", "/nowhere"]].concat(), &["VAULT_CA_FILE"], &["VAULT_CA_FILE"]),
        ] {
            assert_eq!(findings(&words, true), production, "{words:?} in production");
            assert_eq!(findings(&words, false), trial, "{words:?} for a trial");
        }
        fs::remove_dir_all(folder).expect("removed");
    }
}
