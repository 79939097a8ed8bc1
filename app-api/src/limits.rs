//! How often each operation may be called: the one table of this plane. An operation of the OpenAPI
//! document without a row fails a test. A live stream counts once, when it is opened.

use shared::http::rate_limit::{
    Policy::{Free, Usual},
    Row,
};

/// The table.
pub const TABLE: &[Row] = &[
    ("GET", "/health", Free),
    ("GET", "/health/live", Free),
    ("GET", "/health/ready", Free),
    ("GET", "/api/v1/agents", Usual),
    ("GET", "/api/v1/live", Usual),
    ("GET", "/api/v1/notifications", Usual),
    ("POST", "/api/v1/notifications/read", Usual),
    ("POST", "/api/v1/notifications/{id}/read", Usual),
    ("GET", "/api/v1/sla/calendars", Usual),
    ("POST", "/api/v1/sla/calendars", Usual),
    ("PUT", "/api/v1/sla/calendars/{id}", Usual),
    ("DELETE", "/api/v1/sla/calendars/{id}", Usual),
    ("GET", "/api/v1/sla/policies", Usual),
    ("POST", "/api/v1/sla/policies", Usual),
    ("GET", "/api/v1/sla/policies/{id}", Usual),
    ("PUT", "/api/v1/sla/policies/{id}", Usual),
    ("DELETE", "/api/v1/sla/policies/{id}", Usual),
    ("GET", "/api/v1/tickets", Usual),
    ("POST", "/api/v1/tickets", Usual),
    ("GET", "/api/v1/tickets/{ticket}", Usual),
    ("PATCH", "/api/v1/tickets/{ticket}", Usual),
    ("POST", "/api/v1/tickets/{ticket}/assign", Usual),
    ("GET", "/api/v1/tickets/{ticket}/history", Usual),
    ("GET", "/api/v1/tickets/{ticket}/messages", Usual),
    ("POST", "/api/v1/tickets/{ticket}/messages", Usual),
    ("POST", "/api/v1/tickets/{ticket}/read", Usual),
    ("GET", "/api/v1/tickets/{ticket}/sla", Usual),
    ("POST", "/api/v1/tickets/{ticket}/status", Usual),
];
