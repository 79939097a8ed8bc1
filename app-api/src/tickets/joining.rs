//! What becomes of two tickets that are one. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::status::Status;

/// For so long a merge can be undone.
const UNDONE_WITHIN: TimeDelta = TimeDelta::hours(24);
/// A longer thread is not moved in one go.
pub(super) const MOST_MESSAGES: i64 = 1000;
/// Tags of one ticket.
const MOST_TAGS: usize = 20;

/// Until when a merge of that time can be undone.
pub(super) fn undo_until(merged_at: DateTime<Utc>) -> DateTime<Utc> {
    merged_at + UNDONE_WITHIN
}

/// What must be so that one ticket may go on in another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub duplicate: Status,
    pub survivor: Status,
    pub same_requester: bool,
    /// Messages and notes of the duplicate.
    pub messages: i64,
}

/// Why they may not become one: a problem's code and a sentence.
pub(super) fn refusal(pair: Pair) -> Option<(&'static str, String)> {
    match pair {
        Pair { duplicate: Status::Closed, .. } => Some(("ticket_closed", "A closed ticket is not merged any more.".into())),
        Pair { survivor: Status::Closed, .. } => Some(("ticket_closed", "Nothing is merged into a closed ticket.".into())),
        // Nobody ever reads what another customer has written.
        Pair { same_requester: false, .. } => Some(("conflict", "Tickets of different customers are not merged.".into())),
        Pair { duplicate, survivor: Status::Resolved, .. } if duplicate != Status::Resolved => {
            Some(("conflict", "A resolved ticket closes by itself: merge it into the one that is not resolved.".into()))
        }
        Pair { messages, .. } if messages > MOST_MESSAGES => {
            Some(("conflict", format!("A ticket of more than {MOST_MESSAGES} messages is not merged.")))
        }
        Pair { .. } => None,
    }
}

/// Whether a duplicate of that status brings words that somebody owes an answer to.
pub(super) fn brings_work(duplicate: Status) -> bool {
    match duplicate {
        Status::Open | Status::InProgress => true,
        Status::WaitingCustomer | Status::Resolved | Status::Closed => false,
    }
}

/// How much of what the staff has not read goes back with the messages that came, of which `came` are unread. A request is
/// unread as well and no message; it is as long as the ticket counts more than its thread has: whoever looks has read all.
/// Then nobody has looked since, and as much goes back as was `brought`.
pub(super) fn unread_back(brought: i32, (counted, in_thread): (i32, i32), came: i32) -> i32 {
    if counted > in_thread { brought } else { came }
}

/// The tags of `other` that `kept` lacks, as many as a ticket may have besides. The duplicate keeps all of its own.
pub(super) fn tags_added(kept: &[String], other: &[String]) -> Vec<String> {
    let room = MOST_TAGS.saturating_sub(kept.len());
    other.iter().filter(|tag| !kept.contains(tag)).take(room).cloned().collect()
}

/// What the ticket that goes on says of the one that came: its number, subject and description, in Markdown and as safe HTML.
/// No word of it is ours, so it needs no language.
pub(super) fn notice(number: &str, subject: &str, (description, html): (&str, &str)) -> (String, String) {
    let quoted: Vec<String> = description.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    let text = format!("**{number}** · {subject}\n\n{}", quoted.join("\n"));
    let subject = subject.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let html = format!("<p><strong>{number}</strong> · {subject}</p>\n<blockquote>\n{}\n</blockquote>\n", html.trim_end());
    (text, html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tickets_of_one_customer_that_are_not_over_become_one() {
        for duplicate in Status::ALL {
            for survivor in Status::ALL {
                for (same_requester, messages) in [(true, 0), (true, MOST_MESSAGES), (true, MOST_MESSAGES + 1), (false, 0)] {
                    let refused = refusal(Pair { duplicate, survivor, same_requester, messages }).map(|(code, _)| code);
                    let expected = match (duplicate, survivor) {
                        (Status::Closed, _) | (_, Status::Closed) => Some("ticket_closed"),
                        (Status::Open | Status::InProgress | Status::WaitingCustomer, Status::Resolved) => Some("conflict"),
                        _ => (!same_requester || messages > MOST_MESSAGES).then_some("conflict"),
                    };
                    assert_eq!(refused, expected, "{duplicate:?} {survivor:?} {same_requester} {messages}");
                }
            }
        }
    }

    #[test]
    fn what_closes_by_itself_is_never_given_what_somebody_owes_an_answer_to() {
        let pair = |duplicate, survivor| Pair { duplicate, survivor, same_requester: true, messages: 1 };
        for duplicate in Status::ALL.into_iter().filter(|status| brings_work(*status)) {
            assert!(refusal(pair(duplicate, Status::Resolved)).is_some(), "{duplicate:?}");
        }
        assert_eq!(Status::ALL.map(brings_work), [true, true, false, false, false]);
    }

    #[test]
    fn what_is_unread_goes_back_as_far_as_nobody_has_read_it() {
        for (brought, counted, in_thread, came, back) in [
            // Nobody has looked: a request and a message came, and the same were there.
            (2, 4, 2, 1, 2),
            (1, 3, 2, 0, 1),
            (0, 2, 1, 0, 0),
            // No request was unread.
            (1, 2, 2, 1, 1),
            // Somebody has looked, and one was written since.
            (2, 0, 0, 0, 0),
            (2, 1, 1, 0, 0),
        ] {
            assert_eq!(unread_back(brought, (counted, in_thread), came), back, "{brought} {counted} {in_thread} {came}");
        }
    }

    #[test]
    fn tags_are_joined_as_far_as_there_is_room() {
        let tags = |range: std::ops::Range<usize>| range.map(|n| n.to_string()).collect::<Vec<_>>();
        for (kept, other, added) in [
            (tags(0..0), tags(0..2), tags(0..2)),
            (tags(0..2), tags(0..2), tags(0..0)),
            (tags(0..2), tags(1..4), tags(2..4)),
            (tags(0..19), tags(18..30), tags(19..20)),
            (tags(0..20), tags(20..30), tags(0..0)),
        ] {
            assert_eq!(tags_added(&kept, &other), added);
        }
    }

    #[test]
    fn what_came_is_quoted_and_never_run() {
        let (text, html) = notice("TKT-23456789", "<b> & \"x\"", ("It *smokes*.\n\nBadly.", "<p>It <em>smokes</em>.</p>\n<p>Badly.</p>\n"));
        assert_eq!(text, "**TKT-23456789** · <b> & \"x\"\n\n> It *smokes*.\n>\n> Badly.");
        assert_eq!(
            html,
            "<p><strong>TKT-23456789</strong> · &lt;b&gt; &amp; &quot;x&quot;</p>\n<blockquote>\n<p>It <em>smokes</em>.</p>\n<p>Badly.</p>\n</blockquote>\n"
        );
    }

    #[test]
    fn a_merge_is_undone_within_a_day() {
        assert_eq!(undo_until(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH + TimeDelta::hours(24));
    }
}
