//! That somebody took tickets away.

use serde_json::{Value, json};
use shared::{act, broker::SAV_EXCHANGE};

use crate::people::PersonId;

/// Somebody took the tickets that they see away.
pub(super) struct Exported {
    pub by: PersonId,
    pub format: &'static str,
    /// What they were narrowed to.
    pub filter: Value,
}

impl act::Event for Exported {
    fn kind(&self) -> &'static str {
        "TicketsExported"
    }

    fn exchange(&self) -> &'static str {
        SAV_EXCHANGE
    }

    fn routing_key(&self) -> &'static str {
        "sav.tickets.exported"
    }

    fn subject(&self) -> String {
        format!("user:{}", self.by)
    }

    fn data(&self) -> Value {
        json!({ "user_id": self.by, "format": self.format, "filter": self.filter })
    }
}
