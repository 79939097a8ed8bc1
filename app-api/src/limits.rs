//! How often each operation may be called: the one table of this plane. An operation of the OpenAPI
//! document without a row fails a test. A live stream counts once, when it is opened.

use std::time::Duration;

use shared::http::rate_limit::{
    Policy::{self, Dear, Door, Free, Usual},
    Rate, Row,
};

/// What comes of a link in a mail, from one network: an office rates what it was answered.
const RATING: Policy = Door("rating", Rate::a_minute(60));

/// A file of tickets may be the whole organisation's.
const EXPORT: Policy = Dear("export", Rate::a_minute(10));

/// A part of a file that comes has 1 MiB: so much is 5 MiB a second.
const PART: Policy = Dear("part", Rate::a_minute(300));

/// Up to 500 tickets each.
const BULK: Policy = Dear("bulk", Rate::a_minute(30));

/// Whoever types a name asks several times for one.
const CUSTOMERS: Policy = Dear("customers", Rate::a_minute(120));

/// A file each.
const UPLOAD: Policy = Dear("upload", Rate::a_minute(120));

/// Bytes of files, in whatever pieces a client sends them.
const BYTES: Policy = Dear("bytes", Rate::a_minute(600));

/// Files and pictures by their signed addresses: whoever opens a long thread asks for many at once.
const FILE: Policy = Door("file", Rate::a_minute(600));

/// Links to shared files, from one network.
const SHARED: Policy = Door("shared", Rate::a_minute(60));

/// Routes that carry files take as long as they need at 200 KB a second.
pub const SLOW: &[(&str, &str, Duration)] = &[
    ("POST", "/api/v1/tickets/{ticket}/attachments", Duration::from_secs(600)),
    ("PATCH", "/api/v1/uploads/{upload}", Duration::from_secs(600)),
    ("GET", "/api/v1/files/{attachment}", Duration::from_secs(60)),
    ("GET", "/api/v1/files/{attachment}/preview", Duration::from_secs(10)),
];

/// The table.
pub const TABLE: &[Row] = &[
    ("GET", "/health", Free),
    ("GET", "/health/live", Free),
    ("GET", "/health/ready", Free),
    ("GET", "/api/v1/agents", Usual),
    ("GET", "/api/v1/agents/{agent}/availability", Usual),
    ("PATCH", "/api/v1/agents/{agent}/availability", Usual),
    ("GET", "/api/v1/articles", Usual),
    ("POST", "/api/v1/articles", Usual),
    ("POST", "/api/v1/articles/preview", Usual),
    ("GET", "/api/v1/articles/sections", Usual),
    ("POST", "/api/v1/articles/sections", Usual),
    ("GET", "/api/v1/articles/sections/{section}", Usual),
    ("PATCH", "/api/v1/articles/sections/{section}", Usual),
    ("DELETE", "/api/v1/articles/sections/{section}", Usual),
    ("GET", "/api/v1/articles/suggestions", Usual),
    ("GET", "/api/v1/articles/{article}", Usual),
    ("PATCH", "/api/v1/articles/{article}", Usual),
    ("DELETE", "/api/v1/articles/{article}", Usual),
    ("PUT", "/api/v1/articles/{article}/vote", Usual),
    ("GET", "/api/v1/attachments/usage", Usual),
    ("GET", "/api/v1/attachments/shared", Usual),
    ("GET", "/api/v1/attachments/{attachment}", Usual),
    ("DELETE", "/api/v1/attachments/{attachment}", Usual),
    ("GET", "/api/v1/attachments/{attachment}/accesses", Usual),
    ("GET", "/api/v1/attachments/{attachment}/shares", Usual),
    ("POST", "/api/v1/attachments/{attachment}/shares", Usual),
    ("DELETE", "/api/v1/attachments/{attachment}/shares/{share}", Usual),
    ("POST", "/api/v1/shares/open", SHARED),
    ("GET", "/api/v1/media-categories", Usual),
    ("POST", "/api/v1/media-categories", Usual),
    ("GET", "/api/v1/media-categories/{media_category}", Usual),
    ("PATCH", "/api/v1/media-categories/{media_category}", Usual),
    ("DELETE", "/api/v1/media-categories/{media_category}", Usual),
    ("GET", "/api/v1/media-settings", Usual),
    ("PATCH", "/api/v1/media-settings", Usual),
    ("GET", "/api/v1/tickets/{ticket}/attachments", Usual),
    ("POST", "/api/v1/tickets/{ticket}/attachments", UPLOAD),
    ("GET", "/api/v1/files/{attachment}", FILE),
    ("OPTIONS", "/api/v1/uploads", Free),
    ("POST", "/api/v1/uploads", UPLOAD),
    ("GET", "/api/v1/uploads/{upload}", Usual),
    ("PATCH", "/api/v1/uploads/{upload}", BYTES),
    ("DELETE", "/api/v1/uploads/{upload}", Usual),
    ("GET", "/api/v1/files/{attachment}/preview", FILE),
    ("GET", "/api/v1/categories", Usual),
    ("POST", "/api/v1/categories", Usual),
    ("GET", "/api/v1/categories/{category}", Usual),
    ("PATCH", "/api/v1/categories/{category}", Usual),
    ("DELETE", "/api/v1/categories/{category}", Usual),
    ("GET", "/api/v1/custom-fields", Usual),
    ("POST", "/api/v1/custom-fields", Usual),
    ("GET", "/api/v1/custom-fields/{field}", Usual),
    ("PATCH", "/api/v1/custom-fields/{field}", Usual),
    ("DELETE", "/api/v1/custom-fields/{field}", Usual),
    ("GET", "/api/v1/customers", CUSTOMERS),
    ("GET", "/api/v1/csat", Usual),
    ("POST", "/api/v1/csat", RATING),
    ("POST", "/api/v1/csat/question", RATING),
    ("GET", "/api/v1/live", Usual),
    ("GET", "/api/v1/moderation-hashes", Usual),
    ("POST", "/api/v1/moderation-hashes", Usual),
    ("PATCH", "/api/v1/moderation-hashes/{hash}", Usual),
    ("DELETE", "/api/v1/moderation-hashes/{hash}", Usual),
    ("GET", "/api/v1/notifications", Usual),
    ("POST", "/api/v1/notifications/read", Usual),
    ("POST", "/api/v1/notifications/{id}/read", Usual),
    ("GET", "/api/v1/reports/agents", Usual),
    ("GET", "/api/v1/reports/overview", Usual),
    ("GET", "/api/v1/reports/sla", Usual),
    ("GET", "/api/v1/reports/tickets", Usual),
    ("GET", "/api/v1/reports/volume", Usual),
    ("GET", "/api/v1/sla/calendars", Usual),
    ("POST", "/api/v1/sla/calendars", Usual),
    ("PUT", "/api/v1/sla/calendars/{id}", Usual),
    ("DELETE", "/api/v1/sla/calendars/{id}", Usual),
    ("GET", "/api/v1/sla/policies", Usual),
    ("POST", "/api/v1/sla/policies", Usual),
    ("GET", "/api/v1/sla/policies/{id}", Usual),
    ("PUT", "/api/v1/sla/policies/{id}", Usual),
    ("DELETE", "/api/v1/sla/policies/{id}", Usual),
    ("GET", "/api/v1/search", Usual),
    ("GET", "/api/v1/teams", Usual),
    ("POST", "/api/v1/teams", Usual),
    ("GET", "/api/v1/teams/{team}", Usual),
    ("PATCH", "/api/v1/teams/{team}", Usual),
    ("DELETE", "/api/v1/teams/{team}", Usual),
    ("GET", "/api/v1/ticket-settings", Usual),
    ("PATCH", "/api/v1/ticket-settings", Usual),
    ("GET", "/api/v1/tickets", Usual),
    ("POST", "/api/v1/tickets", Usual),
    ("GET", "/api/v1/tickets/export", EXPORT),
    ("GET", "/api/v1/tickets/{ticket}", Usual),
    ("PATCH", "/api/v1/tickets/{ticket}", Usual),
    ("POST", "/api/v1/tickets/{ticket}/assign", Usual),
    ("GET", "/api/v1/tickets/{ticket}/csat", Usual),
    ("GET", "/api/v1/tickets/{ticket}/history", Usual),
    ("GET", "/api/v1/tickets/{ticket}/messages", Usual),
    ("POST", "/api/v1/tickets/{ticket}/messages", Usual),
    ("POST", "/api/v1/tickets/{ticket}/read", Usual),
    ("GET", "/api/v1/tickets/{ticket}/sla", Usual),
    ("POST", "/api/v1/tickets/{ticket}/status", Usual),
    ("GET", "/api/v1/canned-replies", Usual),
    ("POST", "/api/v1/canned-replies", Usual),
    ("GET", "/api/v1/canned-replies/{reply}", Usual),
    ("PATCH", "/api/v1/canned-replies/{reply}", Usual),
    ("DELETE", "/api/v1/canned-replies/{reply}", Usual),
    ("POST", "/api/v1/canned-replies/{reply}/preview", Usual),
    ("GET", "/api/v1/macros", Usual),
    ("POST", "/api/v1/macros", Usual),
    ("GET", "/api/v1/macros/{macro}", Usual),
    ("PATCH", "/api/v1/macros/{macro}", Usual),
    ("DELETE", "/api/v1/macros/{macro}", Usual),
    ("POST", "/api/v1/macros/{macro}/preview", Usual),
    ("POST", "/api/v1/tickets/{ticket}/macros/{macro}", Usual),
    ("GET", "/api/v1/views", Usual),
    ("POST", "/api/v1/views", Usual),
    ("GET", "/api/v1/views/counts", Usual),
    ("GET", "/api/v1/views/{view}", Usual),
    ("PATCH", "/api/v1/views/{view}", Usual),
    ("DELETE", "/api/v1/views/{view}", Usual),
    ("GET", "/api/v1/tags", Usual),
    ("POST", "/api/v1/tickets/bulk", BULK),
    ("GET", "/api/v1/bulk/{job}", Usual),
    ("POST", "/api/v1/bulk/{job}/undo", BULK),
    ("POST", "/api/v1/tickets/{ticket}/snooze", Usual),
    ("DELETE", "/api/v1/tickets/{ticket}/snooze", Usual),
    ("POST", "/api/v1/tickets/{ticket}/merge", Usual),
    ("POST", "/api/v1/tickets/{ticket}/unmerge", Usual),
    ("POST", "/api/v1/tickets/{ticket}/split", Usual),
    ("POST", "/api/v1/tickets/{ticket}/presence", Usual),
    ("PUT", "/api/v1/tickets/{ticket}/watch", Usual),
    ("DELETE", "/api/v1/tickets/{ticket}/watch", Usual),
    ("GET", "/api/v1/tickets/{ticket}/watchers", Usual),
    ("GET", "/api/v1/tickets/{ticket}/draft", Usual),
    ("PUT", "/api/v1/tickets/{ticket}/draft", Usual),
    ("DELETE", "/api/v1/tickets/{ticket}/draft", Usual),
    ("GET", "/api/v1/tickets/{ticket}/links", Usual),
    ("POST", "/api/v1/tickets/{ticket}/links", Usual),
    ("DELETE", "/api/v1/tickets/{ticket}/links/{link}", Usual),
    ("GET", "/api/v1/imports", Usual),
    ("POST", "/api/v1/imports", Usual),
    ("GET", "/api/v1/imports/{import}", Usual),
    ("PATCH", "/api/v1/imports/{import}", Usual),
    ("PUT", "/api/v1/imports/{import}/file/{offset}", PART),
    ("POST", "/api/v1/imports/{import}/run", Usual),
    ("POST", "/api/v1/imports/{import}/cancel", Usual),
    ("GET", "/api/v1/imports/{import}/errors", Usual),
    ("GET", "/api/v1/imports/{import}/errors/export", EXPORT),
];
