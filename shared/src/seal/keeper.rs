//! Who wraps data keys and keeps the passwords of tenants' databases: the master keys of this process with the control
//! database, or Vault. It is said once, at the start; what the other one has wrapped before still opens.

use rand::Rng;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Keyring,
    vault::{Owned, Vault, is_vaults, version_of},
};
use crate::{Error, Result, auth::token::Opaque, health::Part};

/// See the module.
#[derive(Clone)]
pub(super) enum Keeper {
    /// The master keys of the ring, which are told by environment.
    Here,
    /// Vault's transit key and its KV store.
    Vault(Vault),
}

/// Something wrapped, and by which key.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// What was wrapped.
    pub bytes: Vec<u8>,
    /// The id of the key.
    pub key_id: String,
}

fn not_told(what: &str) -> Error {
    Error::internal(anyhow::anyhow!("{what} is in Vault, and VAULT_ADDR does not say where that is"))
}

impl Keyring {
    /// The same ring, where Vault wraps and keeps; its own keys open what they wrapped before.
    #[must_use]
    pub fn kept_by(mut self, vault: Vault) -> Self {
        self.keeper = Keeper::Vault(vault);
        self
    }

    fn vault(&self) -> Option<&Vault> {
        match &self.keeper {
            Keeper::Here => None,
            Keeper::Vault(vault) => Some(vault),
        }
    }

    /// A key that somebody has wrapped for that owner. It is never waited for.
    pub(super) fn data_key(&self, wrapped: &[u8], owner: &str) -> Result<SecretSlice<u8>> {
        match &self.keeper {
            _ if !is_vaults(wrapped) => Ok(self.open(wrapped, owner)?.into()),
            Keeper::Vault(vault) => vault.key(wrapped, owner),
            Keeper::Here => Err(not_told(owner)),
        }
    }

    /// A new key for that owner, by chance, wrapped. It is never waited for.
    pub(super) fn new_data_key(&self, owner: &str) -> Result<Vec<u8>> {
        match &self.keeper {
            Keeper::Vault(vault) => vault.new_key(owner),
            Keeper::Here => {
                let mut key = [0; 32];
                rand::rng().fill_bytes(&mut key);
                self.seal(&key, owner)
            }
        }
    }

    /// Wraps something for its owner. Not within a transaction: Vault may take its time.
    pub async fn wrap(&self, plain: &[u8], owner: &str) -> Result<Sealed> {
        let bytes = match &self.keeper {
            Keeper::Here => self.seal(plain, owner)?,
            Keeper::Vault(vault) => only(vault.wrap(&[(plain.to_vec(), owner.to_owned())]).await?)?,
        };
        Ok(Sealed { key_id: self.id_of(&bytes), bytes })
    }

    /// Opens what was wrapped for the same owner. Not within a transaction.
    pub async fn unwrap(&self, wrapped: &[u8], owner: &str) -> Result<Vec<u8>> {
        match &self.keeper {
            _ if !is_vaults(wrapped) => self.open(wrapped, owner),
            Keeper::Vault(vault) => only(vault.unwrap(&[(wrapped.to_vec(), owner.to_owned())]).await?),
            Keeper::Here => Err(not_told(owner)),
        }
    }

    /// Brings each under the newest key. Not within a transaction.
    pub async fn rewrap(&self, some: &[Owned]) -> Result<Vec<Sealed>> {
        let mut all = Vec::with_capacity(some.len());
        for chunk in some.chunk_by(|one, next| is_vaults(&one.0) == is_vaults(&next.0)) {
            let is_vaults = chunk.iter().any(|one| is_vaults(&one.0));
            let anew = match &self.keeper {
                Keeper::Vault(vault) if is_vaults => vault.rewrap(chunk).await?,
                Keeper::Vault(vault) => vault.wrap(&self.opened(chunk)?).await?,
                Keeper::Here if is_vaults => return Err(not_told("a key")),
                Keeper::Here => self.opened(chunk)?.iter().map(|(plain, owner)| self.seal(plain, owner)).collect::<Result<_>>()?,
            };
            all.extend(anew.into_iter().map(|bytes| Sealed { key_id: self.id_of(&bytes), bytes }));
        }
        Ok(all)
    }

    fn opened(&self, some: &[Owned]) -> Result<Vec<Owned>> {
        some.iter().map(|(wrapped, owner)| Ok((self.open(wrapped, owner)?, owner.clone()))).collect()
    }

    /// The id of the key by which something is wrapped that was wrapped just now, or by Vault.
    pub fn id_of(&self, wrapped: &[u8]) -> String {
        version_of(wrapped).unwrap_or_else(|| self.key_id.clone())
    }

    /// The id of the key that wraps from now on.
    pub async fn newest(&self) -> Result<String> {
        match &self.keeper {
            Keeper::Here => Ok(self.key_id.clone()),
            Keeper::Vault(vault) => vault.newest().await,
        }
    }

    /// Makes a next key where that is done there; one that is told by environment is the next already.
    pub async fn advance(&self) -> Result<()> {
        match &self.keeper {
            Keeper::Here => Ok(()),
            Keeper::Vault(vault) => vault.rotate().await,
        }
    }

    /// Whether passwords of tenants' databases are kept outside of the control database.
    pub fn keeps_credentials(&self) -> bool {
        self.vault().is_some()
    }

    /// The password of a tenant's role.
    pub async fn credential(&self, tenant: Uuid, role: &str) -> Result<SecretString> {
        let vault = self.vault().ok_or_else(|| not_told(role))?;
        let known = vault.credential(tenant, role).await?;
        known.ok_or_else(|| Error::internal(anyhow::anyhow!("Vault has no password of {role} of tenant {tenant}")))
    }

    /// The same for a role that is being made: one that has no password gets one, by chance.
    pub async fn new_credential(&self, tenant: Uuid, role: &str) -> Result<SecretString> {
        let vault = self.vault().ok_or_else(|| not_told(role))?;
        vault.settle(tenant, role, &Opaque::generate().text.into()).await
    }

    /// Keeps a password that was kept elsewhere. A role that has another one is an error.
    pub async fn take_credential(&self, tenant: Uuid, role: &str, password: &SecretString) -> Result<()> {
        let vault = self.vault().ok_or_else(|| not_told(role))?;
        let settled = vault.settle(tenant, role, password).await?;
        if settled.expose_secret() == password.expose_secret() {
            return Ok(());
        }
        Err(anyhow::anyhow!("Vault has another password of {role} of tenant {tenant}").into())
    }

    /// Takes the password of a role away that is gone.
    pub async fn remove_credential(&self, tenant: Uuid, role: &str) -> Result<()> {
        match self.vault() {
            Some(vault) => vault.remove(tenant, role).await,
            None => Ok(()),
        }
    }

    /// Takes all passwords of a tenant away, for good.
    pub async fn remove_credentials(&self, tenant: Uuid) -> Result<()> {
        match self.vault() {
            Some(vault) => vault.remove_all(tenant).await,
            None => Ok(()),
        }
    }

    /// Forgets what is in memory of a tenant.
    pub fn forget(&self, tenant: Uuid) {
        if let Some(vault) = self.vault() {
            vault.forget(tenant);
        }
    }

    /// Tenants of which something is in memory.
    pub fn held(&self) -> Vec<Uuid> {
        self.vault().map(Vault::held).unwrap_or_default()
    }

    /// How the keeper is; nothing where that is this process itself.
    pub async fn probe(&self) -> Option<Part> {
        Some(self.vault()?.probe().await)
    }

    /// Stays in touch with the keeper until `stop`; `begin` is what a process needs before it is ready, and is asked for again
    /// and again.
    pub async fn tend<F: Future<Output = Result<()>>>(&self, begin: impl Fn() -> F, stop: CancellationToken) {
        if let Some(vault) = self.vault() {
            vault.tend(begin, stop).await;
        }
    }
}

fn only(some: Vec<Vec<u8>>) -> Result<Vec<u8>> {
    some.into_iter().next().ok_or_else(|| Error::internal(anyhow::anyhow!("Vault gave nothing")))
}
