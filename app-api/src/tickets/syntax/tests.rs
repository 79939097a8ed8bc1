use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};

use super::*;

fn printed(text: &str) -> Result<String, &'static str> {
    Search::parse(text).map(|search| search.to_string()).map_err(|wrong| wrong.code)
}

#[test]
fn what_is_written_is_what_is_looked_for() {
    for (written, read) in [
        ("", ""),
        ("  printer   fire ", "printer fire"),
        ("status:open printer", "status:open printer"),
        ("printer STATUS:open,closed", "status:open,closed printer"),
        ("priority:high,urgent", "priority:high,urgent"),
        ("category:\"a, b\"", "category:\"a, b\""),
        ("category:billing,returns", "category:billing,returns"),
        ("tag:vip tag:\"very important\"", "tag:vip tag:\"very important\""),
        ("order:A-1", "order:A-1"),
        ("assignee:me assignee:none assignee:12", "assignee:me assignee:none assignee:12"),
        ("is:unassigned is:assigned", "assignee:none assignee:any"),
        ("requester:\"Chloé Martin\"", "requester:\"Chloé Martin\""),
        ("requester:chloe@example.com", "requester:chloe@example.com"),
        ("created>=2026-01-01", "created>=2026-01-01T00:00:00Z"),
        ("created>2026-01-01", "created>=2026-01-02T00:00:00Z"),
        ("created<2026-01-01", "created<2026-01-01T00:00:00Z"),
        ("created<=2026-01-01", "created<2026-01-02T00:00:00Z"),
        ("updated:2026-01-01", "updated>=2026-01-01T00:00:00Z updated<2026-01-02T00:00:00Z"),
        ("created>=2026-01-01T10:00:00+01:00", "created>=2026-01-01T09:00:00Z"),
        ("\"exact words\" more -without -\"not these\"", "more \"exact words\" -without -\"not these\""),
        ("\"never closed", "\"never closed\""),
        ("\"\" - -- --x", "- -- --x"),
        ("http://a.b/c 12:30 Re: Re:x note: a:b", "http://a.b/c 12:30 Re: Re:x note: a:b"),
        ("\"status:open\"", "\"status:open\""),
        ("% _ \\ (((( !&| a%'", "% _ \\ (((( !&| a%'"),
        ("status>open a<b x>=y", "status>open a<b x>=y"),
        ("a\0b\nc", "a b c"),
    ] {
        assert_eq!(printed(written).as_deref(), Ok(read), "{written}");
    }
}

#[test]
fn what_is_no_condition_is_refused_by_name() {
    for (written, code, named) in [
        ("color:red", "unknown_field", "color"),
        ("-color:red", "invalid", "color"),
        ("-status:open", "invalid", "status"),
        ("status:lost", "unknown_value", "lost"),
        ("status:open,lost", "unknown_value", "lost"),
        ("status:", "required", "status"),
        ("status:,", "required", "status"),
        ("tag:\" \"", "required", "tag"),
        ("priority:mega", "unknown_value", "mega"),
        ("is:odd", "unknown_value", "odd"),
        ("requester:none", "unknown_value", "none"),
        ("created>=yesterday", "invalid", "yesterday"),
        ("created>=2026-13-01", "invalid", "2026-13-01"),
        ("created>=+10000-01-01", "out_of_range", "created"),
        ("updated>9999-12-31", "out_of_range", "updated"),
        ("created<0000-01-01", "out_of_range", "created"),
    ] {
        let wrong = Search::parse(written).expect_err(written);
        assert_eq!((wrong.code, wrong.message.contains(named)), (code, true), "{written}: {}", wrong.message);
    }
    assert_eq!(printed(&"x".repeat(501)), Err("too_long"));
    assert_eq!(printed(&format!("category:{}", "a,".repeat(21))), Err("too_long"));
    assert!(printed(&"é".repeat(500)).is_ok());
}

#[test]
fn a_customer_does_not_ask_by_what_only_the_staff_knows() {
    let asked = |text: &str, viewer| Search::parse(text).expect(text).asked_by(7, viewer);
    for text in ["tag:vip", "assignee:ana", "requester:bob@example.com"] {
        assert!(asked(text, Viewer::Customer(7)).is_err(), "{text}");
        assert!(asked(text, Viewer::Agent(7)).is_ok(), "{text}");
    }
    let mine = asked("assignee:me status:open", Viewer::Customer(7)).expect("theirs to ask").to_string();
    assert_eq!(mine, "assignee:7 status:open");
}

#[test]
fn names_cost_what_words_cost_and_what_too_many_are_called_is_refused() {
    for (written, reads_text) in [
        ("status:open requester:12 assignee:me is:unassigned", false),
        ("requester:chloe", true),
        ("assignee:chloe status:open", true),
        ("printer", true),
        ("-printer", true),
    ] {
        assert_eq!(Search::parse(written).expect(written).reads_text(), reads_text, "{written}");
    }
    let asked = |text: &str| Search::parse(text).expect(text).asked_by(7, Viewer::Everything).map(drop).map_err(|wrong| wrong.code);
    for (written, told) in [
        ("requester:ann assignee:bob", Ok(())),
        ("requester:12 requester:me assignee:1 assignee:any requester:ann", Ok(())),
        ("requester:\"ng a\"", Ok(())),
        ("requester:李明 assignee:明李", Ok(())),
        ("assignee:李", Err("too_broad")),
        ("requester:an", Err("too_broad")),
        ("assignee:%%%%", Err("too_broad")),
        ("assignee:a_b", Err("too_broad")),
        ("requester:ann requester:bob assignee:cleo", Err("too_broad")),
    ] {
        assert_eq!(asked(written), told, "{written}");
    }
}

/// A text of what means something here, put together without any sense.
fn nonsense(chance: &mut impl Rng) -> String {
    const PARTS: [&str; 34] = [
        "status",
        "open",
        "tag",
        "created",
        "assignee",
        "requester",
        "order",
        "category",
        "me",
        "none",
        ":",
        ":",
        ">=",
        "<",
        ">",
        "\"",
        "\"",
        "-",
        "-",
        " ",
        " ",
        " ",
        ",",
        "é",
        "œ",
        "2026-01-01",
        "12",
        "(",
        "!",
        "&",
        "%",
        "\\",
        "\0",
        "T",
    ];
    (0..chance.random_range(0..14)).map(|_| PARTS[chance.random_range(0..PARTS.len())]).collect()
}

#[test]
fn no_text_breaks_it_and_what_it_prints_is_read_as_the_same() {
    let mut chance = StdRng::seed_from_u64(7);
    let mut read = 0;
    for _ in 0..50_000 {
        let text = nonsense(&mut chance);
        if let Ok(search) = Search::parse(&text) {
            let printed = search.to_string();
            assert_eq!(Search::parse(&printed).as_ref(), Ok(&search), "{text:?} as {printed:?}");
            read += 1;
        }
    }
    assert!(read > 20_000, "{read}");
}
