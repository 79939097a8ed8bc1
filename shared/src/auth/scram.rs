//! SCRAM-SHA-256 verifiers, as PostgreSQL keeps them: a server that is told the verifier never sees the
//! password, and neither does its log (RFC 5802, RFC 7677).

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// PostgreSQL's own number. The passwords are random, so more would only slow connecting down.
const ROUNDS: u32 = 4096;

/// The verifier of a password, with a new salt. The password is ASCII: nothing is normalised.
#[expect(clippy::disallowed_methods, reason = "a salt must not be foreseeable, not even by a test")]
pub fn verifier(password: &str) -> String {
    salted(password, rand::random())
}

fn salted(password: &str, salt: [u8; 16]) -> String {
    let stretched = stretch(password.as_bytes(), &salt);
    let stored = Sha256::digest(mac(&stretched, &[b"Client Key"]));
    let server = mac(&stretched, &[b"Server Key"]);
    format!("SCRAM-SHA-256${ROUNDS}:{}${}:{}", STANDARD.encode(salt), STANDARD.encode(stored), STANDARD.encode(server))
}

/// PBKDF2 with one block of output (RFC 5802, `Hi`).
fn stretch(password: &[u8], salt: &[u8]) -> [u8; 32] {
    let mut last = mac(password, &[salt, &1_u32.to_be_bytes()]);
    let mut all = last;
    for _ in 1..ROUNDS {
        last = mac(password, &[&last]);
        all.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    all
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PBKDF2 and HMAC of another library make of the example in RFC 7677.
    const PENCIL: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    #[test]
    fn the_verifier_is_the_one_of_the_rfcs_example() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("base64").try_into().expect("16 bytes");
        assert_eq!(salted("pencil", salt), PENCIL);
        assert_ne!(verifier("pencil"), verifier("pencil"));
    }
}
