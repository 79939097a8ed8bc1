//! Access tokens: JWT with HS256 and nothing else (I-3, RFC 8725), 15 minutes long.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Result, clock::Clock};

/// How long an access token lives.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How far two machines' clocks may be apart, in seconds.
const LEEWAY: i64 = 30;
const NAME: &str = "helpdeskly";
const ACCESS: &str = "access";
/// Begins the subject of an operator's token.
const OPERATOR: &str = "operator:";

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The purpose: a token for anything else is no access token.
    typ: String,
    /// The person's id, in decimal.
    pub sub: String,
    /// The tenant for which it was given.
    pub tenant: Uuid,
    /// The role in that tenant.
    pub role: String,
    /// The session that it belongs to.
    pub sid: Uuid,
    /// This token's own id.
    pub jti: Uuid,
    /// How its holder proved who they are (RFC 8176), as `pwd`.
    pub amr: Vec<String>,
    /// The tenant's leave by which an operator looks in; nobody else's token has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<i64>,
    iat: i64,
    nbf: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

impl Claims {
    /// The operator and the leave by which they look in; none for everybody else.
    pub fn pass(&self) -> Option<Pass> {
        let (operator, grant) = (self.sub.strip_prefix(OPERATOR)?.parse().ok()?, self.support?);
        Some(Pass { operator, tenant: self.tenant, grant, ends_at: DateTime::from_timestamp(self.exp, 0)? })
    }
}

/// Whom an access token is for.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The person's id.
    pub user_id: i64,
    /// The tenant.
    pub tenant: Uuid,
    /// Their role in it.
    pub role: String,
    /// Their session.
    pub session: Uuid,
    /// How they proved who they are.
    pub amr: Vec<String>,
}

/// Whom a tenant lets look.
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    /// The operator's id.
    pub operator: i64,
    /// The tenant.
    pub tenant: Uuid,
    /// The tenant's leave.
    pub grant: i64,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// Issues and checks access tokens; accepts the previous key while a rotation lasts.
#[derive(Clone)]
pub struct Tokens {
    kid: String,
    signing: EncodingKey,
    accepted: Vec<(String, DecodingKey)>,
}

impl Tokens {
    /// Signs with `secret` under `kid`; `previous` is still accepted.
    pub fn new(kid: &str, secret: &SecretString, previous: Option<(&str, &SecretString)>) -> Self {
        let key = |s: &SecretString| DecodingKey::from_secret(s.expose_secret().as_bytes());
        let mut accepted = vec![(kid.to_owned(), key(secret))];
        accepted.extend(previous.map(|(kid, secret)| (kid.to_owned(), key(secret))));
        Self { kid: kid.to_owned(), signing: EncodingKey::from_secret(secret.expose_secret().as_bytes()), accepted }
    }

    /// A token that begins at `now` and lives for [`LIFETIME`].
    pub fn issue(&self, grant: &Grant, now: DateTime<Utc>) -> Result<String> {
        self.sign(&Claims {
            iss: NAME.into(),
            aud: NAME.into(),
            typ: ACCESS.into(),
            sub: grant.user_id.to_string(),
            tenant: grant.tenant,
            role: grant.role.clone(),
            sid: grant.session,
            jti: Uuid::now_v7(),
            amr: grant.amr.clone(),
            support: None,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + LIFETIME).timestamp(),
        })
    }

    /// A token with which an operator looks into a tenant, for [`LIFETIME`] or until the leave ends. It
    /// has no session, and its subject is no person's id.
    pub fn issue_pass(&self, pass: &Pass, now: DateTime<Utc>) -> Result<String> {
        self.sign(&Claims {
            iss: NAME.into(),
            aud: NAME.into(),
            typ: ACCESS.into(),
            sub: format!("{OPERATOR}{}", pass.operator),
            tenant: pass.tenant,
            role: OPERATOR.into(),
            sid: Uuid::nil(),
            jti: Uuid::now_v7(),
            amr: vec!["pwd".into(), "otp".into()],
            support: Some(pass.grant),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: pass.ends_at.min(now + LIFETIME).timestamp(),
        })
    }

    fn sign(&self, claims: &Claims) -> Result<String> {
        jsonwebtoken::encode(&written(Some(self.kid.clone())), claims, &self.signing).map_err(Error::internal)
    }

    /// What a token says, if it is ours, for access, and of this time.
    pub fn verify(&self, token: &str, clock: &Clock) -> Result<Claims> {
        let refused = Error::Unauthenticated("unauthenticated");
        let Ok(header) = jsonwebtoken::decode_header(token) else { return Err(refused) };
        // Exactly what we write: a token that brings or names its own key is none of ours.
        if header != written(header.kid.clone()) {
            return Err(refused);
        }
        let Some((_, key)) = self.accepted.iter().find(|(kid, _)| header.kid.as_ref() == Some(kid)) else {
            return Err(refused);
        };
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation()).map_err(meaning)?.claims;
        let now = clock.now().timestamp();
        if claims.typ != ACCESS || claims.nbf > now + LEEWAY {
            return Err(refused);
        }
        if claims.exp + LEEWAY <= now {
            return Err(Error::Unauthenticated("token_expired"));
        }
        Ok(claims)
    }
}

/// The header of our tokens.
fn written(kid: Option<String>) -> Header {
    Header { kid, ..Header::new(Algorithm::HS256) }
}

/// The library checks signature, issuer and audience; the times are checked against our clock,
/// which a test can move.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[NAME]);
    validation.set_issuer(&[NAME]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation
}

fn meaning(error: jsonwebtoken::errors::Error) -> Error {
    match error.kind() {
        ErrorKind::ExpiredSignature => Error::Unauthenticated("token_expired"),
        _ => Error::Unauthenticated("unauthenticated"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn grant() -> Grant {
        Grant { user_id: 7, tenant: Uuid::nil(), role: "agent".into(), session: Uuid::nil(), amr: vec!["pwd".into()] }
    }

    fn clock() -> Clock {
        Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time"))
    }

    #[test]
    fn a_token_says_who_it_is_for_until_it_ends() {
        let (tokens, clock) = (Tokens::new("k1", &SECRET.into(), None), clock());
        let token = tokens.issue(&grant(), clock.now()).expect("issued");
        assert_eq!(tokens.verify(&token, &clock).expect("accepted").sub, "7");
        clock.advance(LIFETIME + TimeDelta::seconds(LEEWAY));
        assert!(matches!(tokens.verify(&token, &clock), Err(Error::Unauthenticated("token_expired"))));
    }

    #[test]
    fn an_operators_pass_is_nobody_elses_token_and_ends_with_the_leave() {
        let (tokens, clock) = (Tokens::new("k1", &SECRET.into(), None), clock());
        let pass = |minutes| Pass { operator: 7, tenant: Uuid::nil(), grant: 3, ends_at: clock.now() + TimeDelta::minutes(minutes) };
        for (left, lives) in [(5, 5), (72 * 60, 15)] {
            let claims = tokens.verify(&tokens.issue_pass(&pass(left), clock.now()).expect("issued"), &clock).expect("accepted");
            assert_eq!(claims.exp, (clock.now() + TimeDelta::minutes(lives)).timestamp());
            assert!(claims.sub.parse::<i64>().is_err(), "it names no person");
            let read = claims.pass().expect("a pass");
            assert_eq!((read.operator, read.grant), (7, 3));
        }
        let person = tokens.verify(&tokens.issue(&grant(), clock.now()).expect("issued"), &clock).expect("accepted");
        assert!(person.pass().is_none());
    }

    #[test]
    fn a_rotated_key_is_accepted_only_while_it_is_the_previous_one() {
        let (old, clock) = (Tokens::new("k1", &SECRET.into(), None), clock());
        let token = old.issue(&grant(), clock.now()).expect("issued");
        let next: SecretString = "fedcba9876543210fedcba9876543210".into();
        let rotating = Tokens::new("k2", &next, Some(("k1", &SECRET.into())));
        assert!(rotating.verify(&token, &clock).is_ok());
        assert!(Tokens::new("k2", &next, None).verify(&token, &clock).is_err());
    }

    #[test]
    fn a_token_that_says_something_else_is_refused_though_we_signed_it() {
        let (tokens, clock) = (Tokens::new("k1", &SECRET.into(), None), clock());
        let good = tokens.verify(&tokens.issue(&grant(), clock.now()).expect("issued"), &clock).expect("accepted");
        let nbf = |seconds| Claims { nbf: clock.now().timestamp() + seconds, ..good.clone() };
        for (altered, accepted) in [
            (good.clone(), true),
            (Claims { iss: "somebody".into(), ..good.clone() }, false),
            (Claims { aud: "another".into(), ..good.clone() }, false),
            (Claims { typ: "refresh".into(), ..good.clone() }, false),
            (nbf(LEEWAY), true),
            (nbf(LEEWAY + 1), false),
        ] {
            let token = tokens.sign(&altered).expect("signed");
            assert_eq!(tokens.verify(&token, &clock).is_ok(), accepted, "{altered:?}");
        }
    }

    #[test]
    fn a_header_that_is_not_ours_is_refused_alike_though_our_secret_signed_it() {
        let (tokens, clock) = (Tokens::new("k1", &SECRET.into(), None), clock());
        let good = tokens.verify(&tokens.issue(&grant(), clock.now()).expect("issued"), &clock).expect("accepted");
        let jwk = serde_json::from_value(serde_json::json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "k1" })).expect("a key");
        let (ours, url) = (written(Some("k1".into())), || Some("https://evil.example/keys".to_owned()));
        let headers = [
            (ours.clone(), true),
            (Header { alg: Algorithm::HS384, ..ours.clone() }, false),
            (Header { alg: Algorithm::HS512, ..ours.clone() }, false),
            (Header { typ: Some("at+jwt".into()), ..ours.clone() }, false),
            (written(None), false),
            (written(Some("k2".into())), false),
            (written(Some("' or 1=1".into())), false),
            (written(Some("../../dev/null".into())), false),
            (Header { jku: url(), ..ours.clone() }, false),
            (Header { x5u: url(), ..ours.clone() }, false),
            (Header { x5c: Some(vec!["MIIB".into()]), ..ours.clone() }, false),
            (Header { jwk: Some(jwk), ..ours }, false),
        ];
        for (header, accepted) in headers {
            let token = jsonwebtoken::encode(&header, &good, &tokens.signing).expect("signed");
            match tokens.verify(&token, &clock) {
                Ok(claims) => assert!(accepted && claims == good, "{header:?}"),
                Err(error) => assert!(!accepted && matches!(error, Error::Unauthenticated("unauthenticated")), "{header:?}"),
            }
        }
    }

    #[test]
    fn two_tokens_of_one_session_have_ids_of_their_own() {
        let (tokens, clock) = (Tokens::new("k1", &SECRET.into(), None), clock());
        let [one, two] = [0, 1].map(|_| {
            let token = tokens.issue(&grant(), clock.now()).expect("issued");
            tokens.verify(&token, &clock).expect("accepted")
        });
        assert_ne!(one.jti, two.jti);
        assert_eq!(Claims { jti: two.jti, ..one }, two, "all else is the same");
    }

    #[test]
    fn forged_tokens_are_refused_alike() {
        let (tokens, clock) = (Tokens::new("k1", &SECRET.into(), None), clock());
        let good = tokens.issue(&grant(), clock.now()).expect("issued");
        let body = good.split('.').nth(1).expect("three parts").to_owned();
        let none = format!("eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.{body}.");
        let rs256 = format!("eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.{body}.AAAA");
        let cut = good[..good.len() - 1].to_owned();
        let foreign = Tokens::new("k1", &"another secret of 32 bytes or more".into(), None);
        let foreign = foreign.issue(&grant(), clock.now()).expect("issued");
        for forged in ["", "a.b.c", "..", &none, &rs256, &cut, &foreign] {
            assert!(matches!(tokens.verify(forged, &clock), Err(Error::Unauthenticated("unauthenticated"))), "{forged}");
        }
    }
}
