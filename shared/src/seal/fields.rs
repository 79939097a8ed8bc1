//! The key of what an organisation has marked as sensitive in its tickets (T-1, SEC-20). Each tenant has one, made by chance, which
//! seals nothing else and is kept sealed by the tenant's data key. So a data key is exchanged without a look at any ticket, and a
//! database that comes back from years ago still opens; with the data key it all is noise.

use base64::{Engine, engine::general_purpose::STANDARD};
use rand::Rng;
use serde_json::Value;
use uuid::Uuid;

use super::Sealer;
use crate::{Error, Result};

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

    /// A value of the field of that key, sealed, in base64.
    pub fn seal(&self, field: &str, value: &Value) -> Result<String> {
        self.seal_as(&format!("field:{field}"), value)
    }

    /// The value again; an error when it is another tenant's, another field's, or was touched.
    pub fn open(&self, field: &str, sealed: &str) -> Result<Value> {
        self.open_as(&format!("field:{field}"), sealed)
    }

    /// An answer that is kept for retries, sealed, in base64.
    pub fn seal_answer(&self, answer: &Value) -> Result<String> {
        self.seal_as("answer", answer)
    }

    /// The answer again; an error when it is another tenant's, or was touched.
    pub fn open_answer(&self, sealed: &str) -> Result<Value> {
        self.open_as("answer", sealed)
    }

    /// What a camera has written into the file of that id, sealed, in base64.
    pub fn seal_exif(&self, attachment: i64, exif: &Value) -> Result<String> {
        self.seal_as(&format!("exif:{attachment}"), exif)
    }

    /// The same again; an error when it is another tenant's, another file's, or was touched.
    pub fn open_exif(&self, attachment: i64, sealed: &str) -> Result<Value> {
        self.open_as(&format!("exif:{attachment}"), sealed)
    }

    /// What proves later that a key is this one.
    pub fn proof(&self) -> Result<String> {
        self.seal_as("proof", &Value::Bool(true))
    }

    /// The key itself, if it gave this proof. `503` otherwise: what another one seals would open for nobody once the right one is back.
    pub fn proven(&self, proof: &str) -> Result<&Self> {
        if self.open_as("proof", proof).is_ok() {
            return Ok(self);
        }
        tracing::error!(tenant = %self.tenant, "the key of sensitive fields is another one than that which has sealed its values");
        Err(Error::Unavailable("key of sensitive fields"))
    }

    fn bound_to(&self, what: &str) -> String {
        format!("tenant:{}:{what}", self.tenant)
    }

    fn seal_as(&self, what: &str, value: &Value) -> Result<String> {
        Ok(STANDARD.encode(self.sealer.seal(&serde_json::to_vec(value)?, &self.bound_to(what))?))
    }

    fn open_as(&self, what: &str, sealed: &str) -> Result<Value> {
        let bytes = STANDARD.decode(sealed).map_err(|_| anyhow::anyhow!("a sealed value of {what} is not base64"))?;
        Ok(serde_json::from_slice(&self.sealer.open(&bytes, &self.bound_to(what))?)?)
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
        let answer = key.seal_answer(&json!({ "a": 1 })).expect("sealed");
        assert_eq!(key.open_answer(&answer).expect("opened"), json!({ "a": 1 }));
        assert!(key.open("answer", &answer).is_err(), "no answer stands where a value is read");
        let exif = key.seal_exif(7, &json!({ "iso": 200 })).expect("sealed");
        assert_eq!(key.open_exif(7, &exif).expect("opened"), json!({ "iso": 200 }));
        assert!(key.open_exif(8, &exif).is_err(), "another file");
        assert!(key.open("exif:7", &exif).is_err() && key.open_answer(&exif).is_err(), "what a camera wrote is no value");
        assert!(FieldsKey::of(acme, &[7; 31]).is_err());
    }

    #[test]
    fn a_key_is_proven_by_what_it_gave_itself_alone() {
        let (acme, globex, bytes) = (Uuid::from_u128(1), Uuid::from_u128(2), FieldsKey::generate());
        let key = FieldsKey::of(acme, &bytes).expect("a key");
        let proof = key.proof().expect("a proof");
        assert!(FieldsKey::of(acme, &bytes).expect("the same").proven(&proof).is_ok());
        for other in [FieldsKey::of(acme, &FieldsKey::generate()), FieldsKey::of(globex, &bytes)] {
            assert!(matches!(other.expect("a key").proven(&proof), Err(Error::Unavailable(_))));
        }
        assert!(key.proven(&key.seal("proof", &json!(true)).expect("sealed")).is_err(), "a value proves nothing");
    }
}
