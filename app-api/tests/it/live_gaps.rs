//! A stream has no gap: not after a break, not behind a slow transaction, not when somebody is too
//! slow to listen.

use crate::world::{FIRST, Stream, TestApp};

/// Who may hear of a ticket in the queue.
pub const QUEUE: &str = r#"{"after":{"user_id":1,"assigned_to":null},"internal":false}"#;

#[tokio::test]
async fn a_stream_resumes_without_a_gap_and_a_foreign_position_is_not_believed() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut stream = Stream::open(&ana, None).await;
    let ready = stream.expect("ready").await;
    chloe.opens("First").await;
    let first = stream.expect("ticket").await;
    drop(stream);
    let missed = [chloe.opens("Second").await, chloe.opens("Third").await];
    let mut resumed = Stream::open(&ana, Some(&first.id)).await;
    for ticket in missed {
        resumed.expect_ticket(ticket).await;
    }
    let mut from_start = Stream::open(&ana, Some(&ready.id)).await;
    for ticket in [first.ticket(), missed[0], missed[1]] {
        from_start.expect_ticket(ticket).await;
    }
    for wrong in ["", "1", "AAAA", &ready.id[1..]] {
        Stream::open(&ana, Some(wrong)).await.expect("resync").await;
    }
    Stream::open(&chloe, Some(&first.id)).await.expect("resync").await;
    let gil = app.globex.agent("gil").await;
    Stream::open(&gil, Some(&first.id)).await.expect("resync").await;
    app.drain().await;
}

#[tokio::test]
async fn what_a_slow_transaction_began_to_write_is_not_skipped() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut stream = Stream::open(&ana, None).await;
    let ready = stream.expect("ready").await;
    let mut slow = app.acme.db.begin().await.expect("begun");
    app.acme.writes(&mut slow, 1, QUEUE).await;
    let quick = chloe.opens("Quick").await;
    // Read again meanwhile: what the slow one hides must not count as read.
    let mut resumed = Stream::open(&ana, Some(&ready.id)).await;
    let then = resumed.expect("ready").await;
    slow.commit().await.expect("committed");
    for stream in [&mut stream, &mut resumed, &mut Stream::open(&ana, Some(&then.id)).await] {
        stream.expect_ticket(FIRST).await;
        stream.expect_ticket(quick).await;
    }
    app.drain().await;
}

#[tokio::test]
async fn who_missed_more_than_two_thousand_events_fetches_everything_anew() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let ready = Stream::open(&ana, None).await.expect("ready").await;
    app.acme.tells_of(2000, QUEUE).await;
    let mut whole = Stream::open(&ana, Some(&ready.id)).await;
    for n in 0..2000 {
        whole.expect_ticket(FIRST + n).await;
    }
    let last = chloe.opens("One too many").await;
    whole.expect_ticket(last).await;
    let mut anew = Stream::open(&ana, Some(&ready.id)).await;
    anew.expect("resync").await;
    let next = chloe.opens("Next").await;
    anew.expect_ticket(next).await;
    app.drain().await;
}

#[tokio::test]
async fn who_listens_too_slowly_is_told_so_and_hears_what_comes_next() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let mut slow = Stream::open(&ana, None).await;
    slow.expect("ready").await;
    let mut quick = Stream::open(&ana, None).await;
    quick.expect("ready").await;
    app.acme.tells_of(5000, QUEUE).await;
    let last = chloe.opens("Last").await;
    // The quick one is told of the last when the slow one's buffers have long overflowed.
    let mut heard = quick.next().await.expect("an event");
    while heard.name == "resync" || heard.ticket() != last {
        heard = quick.next().await.expect("an event");
    }
    let mut told = false;
    loop {
        let heard = slow.next().await.expect("an event");
        told |= heard.name == "resync";
        if heard.name == "ticket" && heard.ticket() == last {
            break;
        }
    }
    assert!(told, "nobody said that events were lost");
    let next = chloe.opens("Next").await;
    slow.expect_ticket(next).await;
    app.drain().await;
}
