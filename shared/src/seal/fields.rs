//! The key of what an organisation has marked as sensitive in its tickets (T-1, SEC-20). Each tenant has one, made by chance, which
//! seals nothing else and is kept sealed by the tenant's data key. So a data key is exchanged without a look at any ticket, and a
//! database that comes back from years ago still opens; with the data key it all is noise.

use base64::{Engine, engine::general_purpose::STANDARD};
use rand::Rng;
use serde_json::Value;
use uuid::Uuid;

use super::Sealer;
use crate::Result;

/// Seals and opens values of one tenant's sensitive fields.
#[derive(Clone)]
pub struct FieldsKey {
    tenant: Uuid,
    sealer: Sealer,
}

impl FieldsKey {
    /// What the key itself is sealed for.
    pub fn owner(tenant: Uuid) -> String {
        format!("tenant:{tenant}:fields")
    }

    /// A new key, by chance.
    pub fn generate() -> [u8; 32] {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        key
    }

    /// The key of that tenant; an error unless it is 32 bytes.
    pub fn of(tenant: Uuid, bytes: &[u8]) -> Result<Self> {
        Ok(Self { tenant, sealer: Sealer::of("fields", bytes)? })
    }

    fn bound_to(&self, field: &str) -> String {
        format!("tenant:{}:field:{field}", self.tenant)
    }

    /// A value of the field of that key, sealed, in base64.
    pub fn seal(&self, field: &str, value: &Value) -> Result<String> {
        Ok(STANDARD.encode(self.sealer.seal(&serde_json::to_vec(value)?, &self.bound_to(field))?))
    }

    /// The value again; an error when it is another tenant's, another field's, or was touched.
    pub fn open(&self, field: &str, sealed: &str) -> Result<Value> {
        let bytes = STANDARD.decode(sealed).map_err(|_| anyhow::anyhow!("a sealed value of field {field} is not base64"))?;
        Ok(serde_json::from_slice(&self.sealer.open(&bytes, &self.bound_to(field))?)?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_opens_for_its_tenant_and_its_field_alone() {
        let (acme, globex, bytes) = (Uuid::from_u128(1), Uuid::from_u128(2), FieldsKey::generate());
        let key = FieldsKey::of(acme, &bytes).expect("a key");
        for value in [json!("4711"), json!(1.5), json!(true), json!(["red", "blue"])] {
            let sealed = key.seal("serial", &value).expect("sealed");
            assert_eq!(key.open("serial", &sealed).expect("opened"), value);
            assert!(key.open("verdict", &sealed).is_err(), "another field");
            assert!(FieldsKey::of(globex, &bytes).expect("a key").open("serial", &sealed).is_err(), "another tenant");
            assert!(FieldsKey::of(acme, &FieldsKey::generate()).expect("a key").open("serial", &sealed).is_err(), "another key");
            assert_ne!(key.seal("serial", &value).expect("sealed"), sealed, "the same value twice does not look the same");
        }
        assert!(key.open("serial", "no base64").is_err());
        assert!(FieldsKey::of(acme, &[7; 31]).is_err());
    }
}
