//! What is asked besides tickets, that nothing is left out, and that words are found fast enough (T-40).

use std::time::{Duration, Instant};

use super::SEARCHES;
use crate::{operations::operations, world::Caller};

/// Everybody of the staff was told of each fifth ticket.
pub const NOTICES: &str = "
    insert into notifications (user_id, kind, ticket_id, data, created_at)
    select u.id, 'assigned', t.id, '{}', t.created_at
    from support_tickets t
    join users u on u.id between 1000000 and 1000004
    where t.id % 5 = 0";

/// A file of each message, of many people, and its object.
pub const FILES: &str = "
    with files as (
        insert into ticket_attachments (ticket_id, message_id, original_name, filename, file_path, mime_type, file_size, sha256,
            media_category, scan_status, scan_at, preview, uploaded_by, by_staff, created_at, updated_at)
        select ticket_id, id, 'a.txt', 'a.txt', 'nowhere/' || id, 'text/plain', 1, 'none', 'text', 'clean', created_at, 'none', sender_id,
            false, created_at, created_at
        from ticket_messages
        where id % 2 = 0
        returning file_path, created_at
    )
    insert into media_objects (key, size, state, touched_at) select file_path, 1, 'stored', created_at from files";

/// Half of the files are shared, with members and by links.
pub const SHARES: &str = "
    insert into media_shares (attachment_id, member_id, token_hash, created_by, created_at, expires_at)
    select id, case when id % 4 = 0 then 1000000 + id % 20 end, case when id % 4 = 2 then sha256(id::text::bytea) end, 1000003, created_at,
        case when id % 4 = 2 then created_at + interval '1 hour' end
    from ticket_attachments
    where id % 2 = 0";

/// Tickets by time and by several filters, what somebody was told, and what is arranged.
pub fn paths() -> Vec<String> {
    [
        "tickets?created_from=2026-01-01T00:00:00Z",
        "tickets?created_from=2026-01-01T00:00:00Z&created_to=2026-01-02T00:00:00Z",
        "tickets?status=open&category=category%207&priority=urgent,high",
        "tickets?sla=breached&sort=due_at",
        "tickets/500/sla",
        "notifications",
        "notifications?unread=true&count=true",
        "notifications?sort=created_at&count=true",
        "sla/policies",
        "sla/policies/1",
        "sla/calendars?count=true",
        "agents/me/availability",
        "categories/1",
        "custom-fields/1",
        "teams/1",
        "views/1",
        "canned-replies/1",
        "macros/1",
        "articles/1",
        "articles/sections/1",
        "bulk/1",
        "customers?q=smith",
        "imports?count=true",
        "imports/1",
        "imports/1/errors",
        "imports/1/errors/export",
        "ticket-settings",
        "tickets/500/attachments",
        "uploads/00000000-0000-0000-0000-000000000000",
        "tickets/500/attachments?sort=-created_at&count=true",
        "attachments/500",
        "attachments/usage",
        "moderation-hashes",
        "moderation-hashes?status=rejected&count=true",
        "attachments/shared",
        "attachments/shared?sort=created_at&count=true",
        "attachments/500/shares?count=true",
        "attachments/500/accesses?count=true",
        "media-categories?count=true",
        "media-categories/1",
        "media-settings",
        "files/500?link=none",
        "files/500/preview?link=none",
    ]
    .map(|path| format!("/api/v1/{path}"))
    .to_vec()
}

/// Reports, what stands behind their numbers, and how it was liked.
pub fn counted() -> Vec<String> {
    let reports = [
        "overview",
        "overview?group_by=month",
        "sla",
        "sla?group_by=category",
        "sla?group_by=channel",
        "agents",
        "agents?group_by=team",
        "volume",
        "tickets",
        "tickets?figure=resolved&count=true&sort=created_at",
        "tickets?figure=resolved&group_by=agent&group=1000003&count=true",
        "tickets?figure=resolution_met&group_by=category&group=category%207",
        "tickets?figure=created&group_by=priority&group=urgent",
        "tickets?figure=created&group_by=team&group=",
    ];
    let csat = ["", "?count=true&rating=1", "?agent_id=1000003", "?ticket_id=500", "?sort=created_at&count=true"];
    let reports = reports.iter().map(|path| format!("/api/v1/reports/{path}"));
    reports.chain(csat.iter().map(|query| format!("/api/v1/csat{query}"))).collect()
}

/// What is asked elsewhere: streams and their readers in `followers`, and whatever tells nothing of a tenant's tickets.
const APART: [&str; 4] = ["/api/v1/live", "/health", "/health/live", "/health/ready"];

/// Fails where the document has a question that none of these paths asks, or a path asks what is no question.
pub fn every_question_is_asked(paths: &[String]) {
    let asked: Vec<Vec<&str>> = paths.iter().map(|path| path.split('?').next().unwrap_or_default().split('/').collect()).collect();
    let fits = |path: &[&str], question: &str| {
        let parts: Vec<&str> = question.split('/').collect();
        path.len() == parts.len() && path.iter().zip(&parts).all(|(a, b)| a == b || b.starts_with('{'))
    };
    let questions: Vec<String> =
        operations().into_iter().filter_map(|operation| operation.strip_prefix("GET ").map(str::to_owned)).collect();
    let is_left_out = |question: &&String| !APART.contains(&question.as_str()) && !asked.iter().any(|path| fits(path, question));
    let left_out: Vec<_> = questions.iter().filter(is_left_out).collect();
    let unknown: Vec<_> = asked.iter().filter(|path| !questions.iter().any(|question| fits(path, question))).collect();
    assert!(left_out.is_empty() && unknown.is_empty(), "nobody asks {left_out:?}, and there is no {unknown:?}");
}

/// Each search takes less than 200 ms on 100 000 tickets. The machine may have other business: of five tries the fastest counts.
pub async fn searches_are_fast(boss: &Caller) {
    for q in SEARCHES.into_iter().filter(|q| !q.is_empty()) {
        let mut fastest = Duration::MAX;
        for _ in 0..5 {
            let begun = Instant::now();
            boss.get(&format!("/api/v1/search?q={q}")).await.expect(200);
            fastest = fastest.min(begun.elapsed());
        }
        assert!(fastest < Duration::from_millis(200), "{q}: {fastest:?}");
    }
}
