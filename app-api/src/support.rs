//! Operators who look in. The tenant's admin has given leave in the control plane, which is asked at
//! every request: nothing is remembered, so leave ends when it ends. Each look stands in the tenant's own
//! trail before anything is shown. A guest reads what the staff reads, follows no stream, and changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::{Error, Result, act, auth::jwt::Pass, broker::SAV_EXCHANGE, session::Role};
use sqlx::PgPool;

use crate::people::{Person, Reach};

/// `401` unless the leave lasts and its operator is one still.
// The view lies in the control database, which the macros of this crate do not see.
pub async fn check(control: &PgPool, pass: &Pass, now: DateTime<Utc>) -> Result<()> {
    let sql = "select ends_at from app_support where grant_id = $1 and tenant_id = $2 and operator_id = $3";
    let asking = sqlx::query_scalar::<_, DateTime<Utc>>(sql).bind(pass.grant).bind(pass.tenant).bind(pass.operator).fetch_optional(control);
    let asking = tokio::time::timeout(Duration::from_millis(1500), asking);
    let ends_at = asking.await.map_err(|_| Error::Unavailable("control database"))??;
    ends_at.filter(|ends_at| *ends_at > now).map(|_| ()).ok_or(Error::Unauthenticated("unauthenticated"))
}

/// The operator in the place of a person. Nobody has an id below zero, so nothing is theirs.
pub fn person(pass: &Pass) -> Person {
    Person {
        id: -pass.operator,
        email: String::new(),
        firstname: "Support".into(),
        lastname: String::new(),
        locale: "en".into(),
        role: Role::Manager,
        active: true,
        vip: None,
        version: 0,
        reach: Reach::default(),
        teams: Vec::new(),
    }
}

/// An operator has asked for something.
pub struct Looked {
    /// By what leave.
    pub pass: Pass,
    /// The path, without what was searched for.
    pub path: String,
}

impl act::Event for Looked {
    fn kind(&self) -> &'static str {
        "SupportLooked"
    }

    fn exchange(&self) -> &'static str {
        SAV_EXCHANGE
    }

    fn routing_key(&self) -> &'static str {
        "sav.support.looked"
    }

    fn subject(&self) -> String {
        format!("support:{}", self.pass.grant)
    }

    fn data(&self) -> Value {
        json!({ "grant_id": self.pass.grant, "operator_id": self.pass.operator, "path": self.path })
    }
}
