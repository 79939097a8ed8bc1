//! Follows the control plane's user events (T-52). A state carries its version, so a message that
//! comes twice or late changes nothing.

use serde::Deserialize;
use shared::broker::{Message, Outcome};

use super::{
    model::{Person, UserEvent},
    store,
};
use crate::app::App;

#[derive(Deserialize)]
struct Envelope {
    tenant: uuid::Uuid,
    data: UserEvent,
}

/// Takes one user event over into the tenant's copy.
pub async fn follow(app: &App, message: Message) -> Outcome {
    let envelope: Envelope = match serde_json::from_slice(&message.body) {
        Ok(envelope) => envelope,
        Err(error) => return Outcome::GiveUp(error.to_string()),
    };
    // Page 11, T11: header and body must agree on whose person this is.
    if envelope.tenant != message.tenant {
        return Outcome::GiveUp("the envelope names another tenant".into());
    }
    let person = Person::from(envelope.data);
    let saved = async {
        // A tenant that is not there yet (or no longer) gets its people when it is served.
        let Some(tenant) = app.tenants.by_id(message.tenant).await? else { return Ok(()) };
        store::keep(&tenant, &person).await?;
        app.people.forget(tenant.id, person.id).await;
        Ok(())
    };
    Outcome::from(saved.await)
}
