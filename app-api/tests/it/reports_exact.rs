//! What reports say is what counting the events afresh gives, whatever has happened.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::{
    csat::{rates, token},
    merge::{merges, parts},
    reports::{behind, report},
    world::{Caller, TestApp},
};

/// What the events tell of one ticket.
#[derive(Default)]
struct Life {
    created_at: String,
    told: Vec<(&'static str, String)>,
    response_late: bool,
    resolution_late: bool,
    /// When it was resolved or closed in time, as long as nothing takes that back.
    met: Option<String>,
    /// By which of its resolutions it is: when that was rated first, and with how many points last.
    ratings: HashMap<usize, (String, i64)>,
}

/// A tenant's events, read one after the other by the words of the contract and nothing else.
#[derive(Default)]
struct Afresh {
    lives: BTreeMap<i64, Life>,
    merged: HashSet<i64>,
    /// Public answers of agents: in whose thread each stands, and when it was written.
    answers: Vec<(i64, String)>,
    /// Which of them have come with a merge.
    came: HashMap<i64, Vec<usize>>,
}

impl Afresh {
    fn hears(&mut self, event: &Value) {
        let (data, at) = (&event["data"], event["timestamp"].as_str().expect("a time").to_owned());
        let Some(ticket) = data["ticket_id"].as_i64() else { return };
        let life = self.lives.entry(ticket).or_default();
        let word = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        match event["event"].as_str().expect("a name") {
            "TicketCreated" => {
                life.created_at.clone_from(&at);
                life.told.push(("created", at));
            }
            "MessageAdded" if word("sender_type") == "agent" && data["is_internal"] == false => self.answers.push((ticket, at)),
            "TicketResolved" => {
                life.met = (data["sla_met"] == true).then(|| at.clone());
                life.told.push(("resolved", at));
            }
            "TicketStatusChanged" => life.moves((&word("previous_status"), &word("new_status"), &word("reason")), at),
            "TicketSLABreach" if word("sla_type") == "response" => {
                life.response_late = true;
                life.told.push(("response_breached", at));
            }
            "TicketSLABreach" => {
                life.resolution_late = true;
                life.told.push(("resolution_breached", at));
            }
            "CsatReceived" => {
                let resolution = life.told.iter().filter(|(figure, _)| *figure == "resolved").count();
                life.ratings.entry(resolution).or_insert((at, 0)).1 = data["rating"].as_i64().expect("points");
            }
            "TicketMerged" => self.merges(ticket, data["into_id"].as_i64().expect("an id")),
            "TicketUnmerged" => self.parts(ticket),
            _ => {}
        }
    }

    fn merges(&mut self, ticket: i64, into: i64) {
        self.merged.insert(ticket);
        let came: Vec<usize> = (0..self.answers.len()).filter(|n| self.answers[*n].0 == ticket).collect();
        came.iter().for_each(|n| self.answers[*n].0 = into);
        self.came.insert(ticket, came);
    }

    fn parts(&mut self, ticket: i64) {
        self.merged.remove(&ticket);
        for n in self.came.remove(&ticket).unwrap_or_default() {
            self.answers[n].0 = ticket;
        }
    }

    /// How often each figure was on each day, and all points together.
    fn counted(&self) -> (BTreeMap<(String, String), i64>, i64) {
        let (mut counted, mut points) = (BTreeMap::new(), 0);
        for (ticket, life) in self.lives.iter().filter(|(ticket, _)| !self.merged.contains(ticket)) {
            let answer = self.answers.iter().filter(|(of, _)| of == ticket).map(|(_, at)| at.max(&life.created_at)).min();
            let answered = answer.into_iter().flat_map(|at| [("answered", at), ("response_met", at)]);
            let answered = answered.filter(|(figure, _)| *figure == "answered" || !life.response_late);
            let met = life.met.iter().filter(|_| !life.resolution_late).map(|at| ("resolution_met", at));
            let rated = life.ratings.values().map(|(at, _)| ("rated", at));
            let told = life.told.iter().map(|(figure, at)| (*figure, at));
            for (figure, at) in told.chain(answered).chain(met).chain(rated) {
                *counted.entry((figure.to_owned(), at[..10].to_owned())).or_default() += 1;
            }
            points += life.ratings.values().map(|(_, rating)| rating).sum::<i64>();
        }
        (counted, points)
    }
}

impl Life {
    fn moves(&mut self, step: (&str, &str, &str), at: String) {
        match step {
            ("resolved", "in_progress", _) => {
                self.met = None;
                self.told.push(("reopened", at));
            }
            // That it goes on in another ticket is no end.
            ("open" | "in_progress" | "waiting_customer", "closed", reason) if reason != "merged" => {
                self.met = Some(at.clone());
                self.told.push(("closed_unresolved", at));
            }
            _ => {}
        }
    }
}

const FIGURES: [(&str, &str); 10] = [
    ("created", "/created"),
    ("answered", "/answered"),
    ("resolved", "/resolved"),
    ("reopened", "/reopened"),
    ("closed_unresolved", "/closed_unresolved"),
    ("response_met", "/response/met"),
    ("response_breached", "/response/breached"),
    ("resolution_met", "/resolution/met"),
    ("resolution_breached", "/resolution/breached"),
    ("rated", "/csat/answers"),
];

/// Somebody does something to some ticket; whatever is refused changes nothing.
async fn something((chloe, staff): (&Caller, &[&Caller]), tickets: &mut Vec<i64>, chance: &mut StdRng) {
    let agent = staff[chance.random_range(0..staff.len())];
    if tickets.len() < 2 || chance.random_bool(0.15) {
        let priority = ["low", "medium", "high", "urgent"][chance.random_range(0..4)];
        let opened = json!({ "subject": "x", "description": "x", "priority": priority });
        tickets.push(chloe.post("/api/v1/tickets", opened).await.expect(201)["id"].as_i64().expect("an id"));
        return;
    }
    let (ticket, other) = (tickets[chance.random_range(0..tickets.len())], tickets[chance.random_range(0..tickets.len())]);
    match chance.random_range(0..12) {
        0 => drop(agent.assigns(ticket, Some(agent.id)).await),
        1 => drop(agent.says(ticket, "On my way").await),
        2 => drop(agent.notes(ticket, "Hm").await),
        3 | 4 => drop(agent.sets(ticket, "resolved").await),
        5 => drop(agent.sets(ticket, "waiting_customer").await),
        6 => drop(agent.sets(ticket, "closed").await),
        7 => drop(chloe.sets(ticket, ["closed", "in_progress"][chance.random_range(0..2)]).await),
        8 => drop(chloe.says(ticket, "And?").await),
        9 => {
            let question = chloe.get(&format!("/api/v1/tickets/{ticket}/csat")).await.expect(200);
            if question["token"].is_string() {
                rates(chloe, &token(chloe, ticket).await, chance.random_range(1..=5), "").await.expect(200);
            }
        }
        10 => drop(merges(agent, ticket, other).await),
        _ => drop(parts(agent, ticket).await),
    }
}

#[tokio::test]
async fn whatever_happens_the_numbers_are_those_of_the_events_and_their_tickets_stand_behind_them() {
    let app = TestApp::start().await;
    let (chloe, boss, max) = (app.acme.customer("chloe").await, app.acme.manager("boss").await, app.acme.manager("max").await);
    let gus = app.globex.customer("gus").await;
    let (mut tickets, mut chance) = (Vec::new(), StdRng::seed_from_u64(16));
    for n in 0..400 {
        something((&chloe, &[&boss, &max]), &mut tickets, &mut chance).await;
        app.travel(TimeDelta::minutes(chance.random_range(0..90)));
        if n % 40 == 0 {
            gus.opens("Elsewhere").await;
            app.drain().await;
        }
    }
    app.drain().await;
    let mut afresh = Afresh::default();
    app.heard(&app.acme).iter().for_each(|event| afresh.hears(event));
    let (expected, points) = afresh.counted();
    for (figure, _) in FIGURES {
        assert!(expected.keys().any(|(known, _)| known == figure), "{figure} never happened: {expected:?}");
    }
    let seen = report(&boss, "overview?from=2026-03-01&to=2026-05-31").await;
    let mut found = BTreeMap::new();
    for day in seen["groups"].as_array().expect("days") {
        for (figure, pointer) in FIGURES {
            let number = day["figures"].pointer(pointer).and_then(Value::as_i64).expect(figure);
            if number > 0 {
                found.insert((figure.to_owned(), day["key"].as_str().expect("a day").to_owned()), number);
            }
        }
    }
    assert_eq!(found, expected);
    let answers = expected.iter().filter(|((figure, _), _)| figure == "rated").map(|(_, number)| number).sum::<i64>();
    assert_eq!(seen["totals"]["csat"], json!({ "answers": answers, "average": points as f64 / answers as f64 }));
    for ((figure, day), number) in &expected {
        let (rows, told) = behind(&boss, &format!("figure={figure}&from={day}&to={day}")).await;
        assert_eq!((rows.len() as i64, told), (*number, *number), "{figure} on {day}");
    }
    // The work that is left is what the tickets themselves say, and at the end of the last day as well.
    let open = app.acme.count("select count(*) from support_tickets where status in ('open', 'in_progress', 'waiting_customer')").await;
    let groups = seen["groups"].as_array().expect("days");
    assert_eq!((&seen["backlog"], &groups[groups.len() - 1]["backlog"]), (&json!(open), &json!(open)));
    sums_are_those_of_the_facts(&app).await;
    app.drain().await;
}

/// Each sum, in each dimension, against the facts.
async fn sums_are_those_of_the_facts(app: &TestApp) {
    let differing = "
        with afresh as (
            select d.dimension, f.day, f.kind, d.value, count(*) as count, sum(coalesce(f.value, 0)) as total
            from report_facts f
            cross join lateral (values ('all', ''), ('agent', coalesce(f.agent_id::text, '')), ('priority', f.priority),
                ('category', coalesce(f.category, '')), ('team', coalesce(f.team_id::text, '')), ('channel', f.channel)) d (dimension, value)
            group by 1, 2, 3, 4
        )
        select count(*)
        from afresh a
        full join (select * from report_days where dimension <> 'value') d using (dimension, day, kind, value)
        where coalesce(a.count, 0) <> coalesce(d.count, 0) or coalesce(a.total, 0) <> coalesce(d.total, 0)";
    for tenant in [&app.acme, &app.globex] {
        assert!(tenant.count("select count(*) from report_facts").await > 0);
        assert_eq!(tenant.count(differing).await, 0);
        let of_values = "select count(*) from (
                select kind, day, sum(count) as counted from report_days where dimension = 'value' group by 1, 2) d
             full join (select kind, day, count(*) as counted from report_facts where value is not null group by 1, 2) f using (kind, day)
             where coalesce(d.counted, 0) <> coalesce(f.counted, 0)";
        assert_eq!(tenant.count(of_values).await, 0);
    }
}
