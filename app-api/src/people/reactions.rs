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

/// Who a user event is about, as it says they are now; or why it cannot be read.
pub fn told(message: &Message) -> Result<Person, String> {
    let envelope: Envelope = message.read()?;
    // Page 11, T11: header and body must agree on whose person this is.
    if envelope.tenant != message.tenant {
        return Err("the envelope names another tenant".into());
    }
    Ok(Person::from(envelope.data))
}

/// Takes one user event over into the tenant's copy.
pub async fn follow(app: &App, message: Message) -> Outcome {
    let person = match told(&message) {
        Ok(person) => person,
        Err(why) => return Outcome::GiveUp(why),
    };
    let saved = async {
        // A tenant that is not there yet (or no longer) gets its people when it is served.
        let Some(tenant) = app.tenants.by_id(message.tenant).await? else { return Ok(()) };
        store::keep(&tenant, &person).await?;
        app.people.forget(tenant.id, person.id).await;
        Ok(())
    };
    Outcome::from(saved.await)
}
