//! What becomes of a record: the rules of `judge` as a table.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    judge::{Draft, Late, judge},
    raw::{Raw, RawMessage, RawPerson, Voice},
};
use crate::{categories::Known, messages::SenderType, tickets::Status};

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn plain() -> Raw {
    let requester = RawPerson { email: " Chloe@A.test ".into(), name: "Chloe van der Berg".into(), ..RawPerson::default() };
    Raw { subject: "Printer".into(), description: "It **smokes**".into(), requester, ..Raw::default() }
}

/// The ticket, and each flaw as `field code`, a warning with a `~`.
fn judged(raw: Raw) -> (Option<Draft>, Vec<String>) {
    let (draft, flaws) = judge(raw, &Known::none(), now(), "line:7", &|| false).expect("there is time");
    let told = flaws.iter().map(|flaw| format!("{}{} {}", if flaw.is_warning { "~" } else { "" }, flaw.field, flaw.code));
    (draft, told.collect())
}

fn said(text: &str, voice: Voice, created_at: &str) -> RawMessage {
    RawMessage { voice, text: text.into(), is_internal: false, created_at: created_at.into() }
}

fn agent(email: &str) -> Voice {
    Voice::Other(RawPerson { email: email.into(), is_agent: true, ..RawPerson::default() })
}

fn other(email: &str) -> Voice {
    Voice::Other(RawPerson { email: email.into(), ..RawPerson::default() })
}

#[test]
fn a_record_with_an_address_and_words_is_a_ticket_of_now_in_the_queue() {
    let (draft, flaws) = judged(plain());
    let draft = draft.expect("a ticket");
    assert_eq!(flaws, Vec::<String>::new());
    assert_eq!((draft.external_id.as_str(), draft.status, draft.created_at, draft.updated_at), ("line:7", Status::Open, now(), now()));
    assert_eq!((draft.requester.email.as_str(), draft.requester.firstname.as_str()), ("chloe@a.test", "Chloe"));
    assert_eq!((draft.requester.lastname.as_str(), draft.channel.as_str()), ("van der Berg", "import"));
    assert!(draft.description.1.contains("<strong>smokes</strong>"));
}

#[test]
fn a_name_is_one_that_the_platform_would_take_or_none() {
    for (name, firstname, lastname, expected) in [
        ("https://evil.example Win", "", "", ("chloe", "")),
        ("", "www.evil.example", "Win", ("chloe", "Win")),
        ("", "W\u{200b}ww.evil.example", "HTTPS://evil.example", ("chloe", "")),
        ("Chloe Berg", "://", "", ("Chloe", "Berg")),
        ("", " Zo\u{65}\u{308} ", "\u{202e}Berg", ("Zo\u{eb}", "Berg")),
    ] {
        let requester = RawPerson {
            email: "chloe@a.test".into(),
            name: name.into(),
            firstname: firstname.into(),
            lastname: lastname.into(),
            is_agent: false,
        };
        let draft = judged(Raw { requester, ..plain() }).0.expect("a ticket");
        assert_eq!((draft.requester.firstname.as_str(), draft.requester.lastname.as_str()), expected, "{name} {firstname} {lastname}");
    }
}

#[test]
fn a_thread_is_judged_as_long_as_there_is_time() {
    let messages = vec![said("Hello", Voice::Requester, ""); 10];
    let looked = std::cell::Cell::new(0);
    let is_late = || looked.replace(looked.get() + 1) == 3;
    let judged = judge(Raw { messages, ..plain() }, &Known::none(), now(), "line:7", &is_late);
    assert_eq!((judged.err(), looked.get()), (Some(Late), 4));
}

#[test]
fn each_thing_that_is_wrong_is_named() {
    let long = |count: usize| "x".repeat(count);
    let with = |change: &dyn Fn(&mut Raw)| {
        let mut raw = plain();
        change(&mut raw);
        raw
    };
    for (raw, expected) in [
        (with(&|raw| raw.requester.email = String::new()), "requester_email required"),
        (with(&|raw| raw.requester.email = "chloe".into()), "requester_email invalid_email"),
        (with(&|raw| raw.subject = long(256)), "subject too_long"),
        (with(&|raw| raw.subject = "a\0b".into()), "subject invalid"),
        (with(&|raw| raw.description = long(65_537)), "description too_long"),
        (with(&|raw| raw.description = "a\0b".into()), "description invalid"),
        (with(&|raw| raw.status = "asleep".into()), "status unknown_value"),
        (with(&|raw| raw.priority = "p1".into()), "priority unknown_value"),
        (with(&|raw| raw.category = long(65)), "category too_long"),
        (with(&|raw| raw.order_id = "a\nb".into()), "order_id invalid"),
        (with(&|raw| raw.external_id = Some(long(256))), "external_id too_long"),
        (with(&|raw| raw.created_at = "02/03/2024".into()), "created_at invalid"),
        (with(&|raw| raw.updated_at = "2999-01-01".into()), "updated_at out_of_range"),
        (with(&|raw| raw.closed_at = "1969-12-31".into()), "closed_at out_of_range"),
        (with(&|raw| raw.custom_fields.extend([("a".to_owned(), json!([[[["x"]]]]))])), "custom_fields invalid"),
        (with(&|raw| raw.messages = vec![said(&long(65_537), Voice::Requester, "")]), "messages[0] too_long"),
    ] {
        let (draft, flaws) = judged(raw);
        assert_eq!((draft.is_none(), flaws), (true, vec![expected.to_owned()]));
    }
    let nothing = Raw { requester: plain().requester, ..Raw::default() };
    assert_eq!(judged(nothing).1, ["subject required"]);
}

#[test]
fn what_can_be_left_out_is_and_the_ticket_comes_all_the_same() {
    let raw = Raw {
        tags: (0..25).map(|n| format!("tag {}", n % 22)).chain(["x".repeat(65), " ".into()]).collect(),
        assignee: Some(RawPerson { email: "nobody".into(), ..RawPerson::default() }),
        files: 3,
        messages: vec![said("Who?", Voice::Unknown, ""), said("  ", Voice::Requester, "")],
        ..plain()
    };
    let (draft, flaws) = judged(raw);
    let draft = draft.expect("a ticket");
    assert_eq!(flaws, ["~tags left_out", "~assignee_email unknown_value", "~attachments left_out", "~messages[0] unknown_value"]);
    assert_eq!((draft.tags.len(), draft.messages.len(), draft.assignee), (20, 1, None));
    let bare = Raw { subject: " ".into(), description: "\n\nIt smokes\nbadly".into(), ..plain() };
    assert_eq!(judged(bare).0.expect("a ticket").subject, "It smokes");
    let short = Raw { description: String::new(), ..plain() };
    assert_eq!(judged(short).0.expect("a ticket").description.0, "Printer");
    let lines = Raw { subject: "two\nlines".into(), ..plain() };
    assert_eq!(judged(lines).0.expect("a ticket").subject, "two lines");
}

#[test]
fn times_come_in_their_order_and_only_those_of_its_status() {
    let day = |n: i64| (DateTime::UNIX_EPOCH + TimeDelta::days(n)).to_rfc3339();
    let at = |n: i64| DateTime::UNIX_EPOCH + TimeDelta::days(n);
    for (status, [created, updated, resolved, closed], expected) in [
        ("open", ["10", "", "", ""], (at(10), at(10), None, None)),
        ("open", ["", "12", "", ""], (at(12), at(12), None, None)),
        ("open", ["10", "5", "11", ""], (at(10), at(11), None, None)),
        ("resolved", ["10", "12", "", ""], (at(10), at(12), Some(at(12)), None)),
        ("resolved", ["10", "12", "5", ""], (at(10), at(12), Some(at(10)), None)),
        ("closed", ["10", "12", "11", ""], (at(10), at(12), Some(at(11)), Some(at(12)))),
        ("closed", ["10", "", "", "15"], (at(10), at(15), None, Some(at(15)))),
    ] {
        let [created_at, updated_at, resolved_at, closed_at] =
            [created, updated, resolved, closed].map(|n| n.parse().map(day).unwrap_or_default());
        let raw = Raw { status: status.into(), created_at, updated_at, resolved_at, closed_at, ..plain() };
        let draft = judged(raw).0.expect("a ticket");
        assert_eq!((draft.created_at, draft.updated_at, draft.resolved_at, draft.closed_at), expected, "{status} {created} {updated}");
    }
}

#[test]
fn a_thread_is_in_the_order_of_time_and_each_voice_on_its_side() {
    let raw = Raw {
        created_at: "2024-01-01".into(),
        messages: vec![
            said("third", agent("ana@a.test"), "2024-01-05"),
            said("second", Voice::Requester, "2024-01-03"),
            said("first", agent("CHLOE@a.test"), "2023-01-01"),
            said("fourth", agent("ana@a.test"), "nonsense"),
            said("fifth", other("ben@a.test"), "2024-01-06"),
            RawMessage { is_internal: true, ..said("sixth", other("ben@a.test"), "2024-01-07") },
        ],
        channel: "a\nb".into(),
        ..plain()
    };
    let (draft, flaws) = judged(raw);
    assert_eq!(flaws, ["~channel changed", "~messages[3].created_at changed"]);
    let draft = draft.expect("a ticket");
    assert_eq!(draft.channel, "import");
    let told: Vec<_> = draft.messages.iter().map(|said| (said.text.0.as_str(), said.side)).collect();
    // What has no time was said when the one before it in the file was.
    let expected = [
        ("first", SenderType::Customer),
        ("fourth", SenderType::Agent),
        ("second", SenderType::Customer),
        ("third", SenderType::Agent),
        // Who answers nobody's questions for all that the file says is a customer; but only colleagues write notes.
        ("fifth", SenderType::Customer),
        ("sixth", SenderType::Agent),
    ];
    assert_eq!(told, expected);
    assert!(draft.messages.iter().all(|said| said.at >= draft.created_at));
}

#[test]
fn of_many_flaws_so_many_are_told_and_first_what_keeps_a_ticket_from_coming() {
    let strangers: Vec<RawMessage> = (0..30).map(|n| said(&n.to_string(), Voice::Unknown, "")).collect();
    let (draft, flaws) = judged(Raw { messages: strangers.clone(), ..plain() });
    assert_eq!((draft.is_some(), flaws.len(), flaws[19].as_str()), (true, 20, "~messages[19] unknown_value"));
    let long = said(&"x".repeat(65_537), Voice::Requester, "");
    let (draft, flaws) = judged(Raw { messages: strangers.into_iter().chain([long]).collect(), ..plain() });
    assert_eq!((draft.is_none(), flaws.len(), flaws[0].as_str()), (true, 20, "messages[30] too_long"));
}
