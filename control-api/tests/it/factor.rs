//! Second factors of the people of the small world.

use serde_json::json;
use shared::auth::totp::Authenticator;

use crate::world::{Answer, Person, World};

/// The authenticator app of somebody who typed this secret into it.
pub fn authenticator(base32: &str) -> Authenticator {
    let (mut bytes, mut bits, mut held) = (vec![], 0u32, 0);
    for letter in base32.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|l| *l == letter).expect("base32");
        bits = (bits << 5) | u32::try_from(value).expect("five bits");
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("a byte"));
        }
    }
    Authenticator::open(&bytes, "x").expect("an authenticator")
}

impl World {
    /// The person behind the answer to a way in, with their second factor where it is asked for.
    pub async fn settle(&self, slug: &str, answer: Answer) -> Person {
        if let Some(token) = answer.body["enrolment_token"].as_str() {
            let (_, enabled) = self.enrol(slug, token).await;
            return Person::of(&enabled);
        }
        let Some(token) = answer.body["challenge_token"].as_str() else { return Person::of(&answer) };
        let code = self.fresh_code(token).await;
        Person::of(&self.verify_code(slug, token, &code).await.expect(200))
    }

    /// Sets up an authenticator app with an access or enrolment token.
    pub async fn enrol(&self, slug: &str, token: &str) -> (Authenticator, Answer) {
        let setup = self.post("/api/v1/auth/2fa/setup").at(slug).bearing(token).await.expect(200);
        let app = authenticator(setup.body["secret"].as_str().expect("a secret"));
        let code = app.code(self.app.clock.now());
        let enabled = self.post("/api/v1/auth/2fa/enable").at(slug).bearing(token).json(json!({ "code": code })).await.expect(200);
        (app, enabled)
    }

    pub async fn verify_code(&self, slug: &str, challenge: &str, code: &str) -> Answer {
        self.post("/api/v1/auth/2fa/verify").at(slug).json(json!({ "challenge_token": challenge, "code": code })).await
    }

    /// A code that counts, though the clock may stand still: the step that was taken last is forgotten.
    pub async fn fresh_code(&self, challenge: &str) -> String {
        let sql = "update totp_secrets t
            set last_step = 0
            from login_tickets l, users u
            where l.hash = $1 and t.user_id = l.user_id and u.id = l.user_id
            returning u.id, t.sealed_secret";
        let (user, sealed): (i64, Vec<u8>) = sqlx::query_as(sql)
            .bind(shared::auth::token::hash(challenge))
            .fetch_one(self.app.db.pool())
            .await
            .expect("a person with an authenticator app");
        let secret = self.opened(None, &sealed, &format!("user:{user}:totp")).await;
        Authenticator::open(&secret, "x").expect("an authenticator").code(self.app.clock.now())
    }
}
