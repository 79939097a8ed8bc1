//! Secrets as good as real ones, which stand nowhere: they are made of hashes.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// 32 bytes in base64, others for each purpose.
pub fn good(purpose: &str) -> String {
    STANDARD.encode(Sha256::digest(purpose))
}

/// A password that fits into an address.
fn password(purpose: &str) -> String {
    Sha256::digest(purpose).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// All that a plane must be told, by the names of the variables, with nothing wrong about it.
pub fn environment() -> Vec<(&'static str, String)> {
    vec![
        ("JWT_SECRET", good("tokens")),
        ("DB_ENCRYPTION_KEY", good("sealing")),
        ("CONTROL_DATABASE_URL", format!("postgres://control:{}@127.0.0.1:1/control", password("database"))),
        ("REDIS_URL", format!("redis://:{}@127.0.0.1:1", password("redis"))),
        ("AMQP_URL", format!("amqp://us:{}@127.0.0.1:1", password("broker"))),
        ("S3_ENDPOINT", "http://127.0.0.1:1".to_owned()),
        ("S3_ACCESS_KEY", "our-store".to_owned()),
        ("S3_SECRET_KEY", password("store")),
        ("SMTP_URL", "smtp://127.0.0.1:1".to_owned()),
    ]
}

/// The same on a command line.
pub fn words(plane: &str) -> Vec<String> {
    let settings = environment().into_iter().flat_map(|(name, value)| [format!("--{}", name.to_lowercase().replace('_', "-")), value]);
    std::iter::once(plane.to_owned()).chain(settings).collect()
}
