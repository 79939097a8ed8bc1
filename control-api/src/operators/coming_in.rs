//! The answer that all steps of signing in end with.

use serde::Serialize;
use shared::{
    Result,
    act::{Act, Actor},
    auth::token::Opaque,
};
use utoipa::ToSchema;

use super::{
    model::{LONGEST, Operator},
    store,
};
use crate::events::Platform;

/// An operator's session.
#[derive(Serialize, ToSchema)]
pub struct OperatorLogin {
    /// Opaque; good at the operators' routes alone.
    access_token: String,
    token_type: &'static str,
    /// Seconds until it ends at the latest; half an hour without use ends it, too.
    expires_in: i64,
    operator: Operator,
}

/// Opens a session: both factors were right. Tickets lead nowhere any more.
pub async fn come_in(act: &mut Act, operator: &Operator) -> Result<OperatorLogin> {
    let (now, token) = (act.now(), Opaque::generate());
    store::spend_tickets(act.db(), operator.id, now).await?;
    store::open_session(act.db(), &token.hash, operator.id, now).await?;
    act.is_by(Actor::Operator { id: operator.id });
    act.record(&Platform::OperatorSignedIn(operator.id)).await?;
    Ok(OperatorLogin { access_token: token.text, token_type: "Bearer", expires_in: LONGEST.num_seconds(), operator: operator.clone() })
}
