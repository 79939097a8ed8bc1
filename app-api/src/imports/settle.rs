//! What some records come to, all in one act: tickets that are here already are left alone, the others are brought, or would be.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use shared::{Result, act::Act, month::Month};

use super::{
    go_on::Line,
    judge::Draft,
    model::{Counts, Import, State},
    parties::Parties,
    raw::Flaw,
    store::{self, Origin},
};
use crate::{
    messages::SenderType,
    tickets::{self, Arrival, Said, Status},
};

/// How many came to what, and what is to be written down of which line.
pub(super) struct Lines {
    pub counts: Counts,
    /// Tickets of the month, where the plan has room for so many.
    pub of_month: i64,
    pub problems: Vec<Value>,
}

/// For how many tickets of the month there is room.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// What the plan allows; none for no limit.
    pub most: Option<i64>,
    /// What the check has let in before: none of it is here.
    pub taken: i64,
    /// In which the records were judged.
    pub month: Month,
}

impl Lines {
    fn note(&mut self, line: i64, flaw: &Flaw) {
        let Flaw { is_warning, field, code, message } = flaw;
        self.problems.push(json!({ "line": line, "is_warning": is_warning, "field": field, "code": code, "message": message }));
    }

    fn skip(&mut self, line: i64, origin: &Origin) {
        let Origin { external_id, ticket_number, .. } = origin;
        self.counts.skipped += 1;
        self.note(line, &Flaw::warning("external_id", "here_already", format!("{external_id} is here already, as {ticket_number}.")));
    }

    fn refuse(&mut self, line: i64, flaw: &Flaw) {
        self.counts.failed += 1;
        self.note(line, flaw);
    }
}

/// Brings what is right of these records or, in a check, says what would be brought.
pub(super) async fn settle(act: &mut Act, import: &Import, lines: &[Line], room: Room) -> Result<Lines> {
    let counts = Counts { records: lines.len() as i64, ..Counts::default() };
    let mut told = Lines { counts, of_month: 0, problems: Vec::new() };
    let mut right: Vec<(i64, &Draft, &[Flaw])> = Vec::new();
    for line in lines {
        let (draft, flaws) = &line.judged;
        match draft {
            Some(draft) => right.push((line.line, draft, flaws)),
            None => {
                told.counts.failed += 1;
                flaws.iter().for_each(|flaw| told.note(line.line, flaw));
            }
        }
    }
    let new = only_new(act, import, right, &mut told).await?;
    let is_dry = import.state == State::Checking;
    let new = within_the_plan(act, new, room, &mut told).await?;
    let drafts: Vec<&Draft> = new.iter().map(|(_, draft, _)| *draft).collect();
    let parties = if is_dry { Parties::look(act, import, &drafts).await? } else { Parties::meet(act, &drafts).await? };
    told.counts.contacts += parties.new;
    let mut arrivals = Vec::new();
    for (line, draft, flaws) in &new {
        let (arrival, more) = arrival(import, draft, &parties);
        told.counts.imported += 1;
        told.counts.warned += i64::from(!flaws.is_empty() || !more.is_empty());
        flaws.iter().chain(&more).for_each(|flaw| told.note(*line, flaw));
        arrivals.push(arrival);
    }
    if !is_dry {
        let (now, ids) = (act.now(), tickets::bring(act, &arrivals).await?);
        let came: Vec<(String, i64)> = drafts.iter().map(|draft| draft.external_id.clone()).zip(ids).collect();
        store::note_origins(act.db(), import, &came, now).await?;
    }
    told.problems.sort_by_key(|problem| problem["line"].as_i64());
    Ok(told)
}

type Right<'a> = Vec<(i64, &'a Draft, &'a [Flaw])>;

/// Leaves out what is here already, and what stands in the file twice.
async fn only_new<'a>(act: &mut Act, import: &Import, right: Right<'a>, told: &mut Lines) -> Result<Right<'a>> {
    let ids: Vec<String> = right.iter().map(|(_, draft, _)| draft.external_id.clone()).collect();
    let here = store::origins(act.db(), &import.source, &ids).await?;
    let here: HashMap<&str, &Origin> = here.iter().map(|origin| (origin.external_id.as_str(), origin)).collect();
    let first: Option<HashSet<String>> = match import.state {
        State::Checking => {
            let keys: Vec<String> = ids.iter().map(|id| format!("ticket {id}")).collect();
            Some(store::note_keys(act.db(), import, &keys).await?.into_iter().collect())
        }
        _ => None,
    };
    let mut met = HashSet::new();
    let mut new = Vec::new();
    for one in right {
        let (line, draft, _) = one;
        let id = draft.external_id.as_str();
        let is_first = met.insert(id) && first.as_ref().is_none_or(|first| first.contains(&format!("ticket {id}")));
        match here.get(id) {
            Some(origin) if was_here(origin, import) => told.skip(line, origin),
            None if is_first => new.push(one),
            _ => told.refuse(line, &Flaw::error("external_id", "duplicate", "A line before this one is the same ticket.")),
        }
    }
    Ok(new)
}

/// Whether another import has brought it, or this one when it was run before.
fn was_here(origin: &Origin, import: &Import) -> bool {
    origin.import_id != import.id || import.started_at.is_some_and(|began| origin.brought_at < began)
}

/// Leaves out tickets of this month for which the organisation's plan has no room just now.
async fn within_the_plan<'a>(act: &mut Act, new: Right<'a>, room: Room, told: &mut Lines) -> Result<Right<'a>> {
    let is_of_now = |draft: &Draft| draft.created_at >= room.month.starts();
    if !new.iter().any(|(_, draft, _)| is_of_now(draft)) {
        return Ok(new);
    }
    let Some(left) = tickets::room(act, room.most, room.month).await? else { return Ok(new) };
    let mut left = left - room.taken;
    let mut kept = Vec::new();
    for one in new {
        if is_of_now(one.1) {
            if left <= 0 {
                told.refuse(one.0, &Flaw::error("created_at", "quota_exceeded", "The plan has no room for more tickets of this month."));
                continue;
            }
            left -= 1;
            told.of_month += 1;
        }
        kept.push(one);
    }
    Ok(kept)
}

/// The ticket that a draft becomes, and what of it is another way than it stood there.
fn arrival(import: &Import, draft: &Draft, parties: &Parties) -> (Arrival, Vec<Flaw>) {
    let mut flaws = Vec::new();
    let agent = draft.assignee.as_ref().map(|agent| parties.of(&agent.email).filter(|found| found.works_here));
    if agent == Some(None) {
        flaws.push(Flaw::warning("assignee_email", "unknown_value", "Nobody works here under that address: the ticket is nobody's."));
    }
    let assigned_to = agent.flatten().map(|found| found.id);
    let status = tickets::standing(draft.status, assigned_to);
    if status != draft.status {
        let why = if status == Status::Open { "Nobody works on it: it is open." } else { "Somebody works on it: it is in progress." };
        flaws.push(Flaw::warning("status", "changed", why));
    }
    // Whoever is not known was met before; a check brings nobody.
    let user_id = parties.of(&draft.requester.email).map(|found| found.id).unwrap_or_default();
    let messages = draft.messages.iter().map(|said| {
        let author = said.author.as_ref().and_then(|author| parties.of(&author.email));
        let sender_type = match author {
            None => SenderType::System,
            Some(author) if author.id == user_id => SenderType::Customer,
            Some(author) if author.works_here => SenderType::Agent,
            Some(_) => said.side,
        };
        Said { sender_id: author.map(|author| author.id), sender_type, text: said.text.clone(), is_internal: said.is_internal, at: said.at }
    });
    let arrival = Arrival {
        user_id,
        subject: draft.subject.clone(),
        description: draft.description.clone(),
        priority: draft.priority,
        status,
        category: draft.category.as_ref().map(|category| category.name.clone()),
        team_id: draft.category.as_ref().and_then(|category| category.team_id),
        assigned_to,
        order_id: draft.order_id.clone(),
        channel: draft.channel.clone(),
        tags: draft.tags.clone(),
        custom_fields: draft.custom_fields.clone(),
        created_at: draft.created_at,
        updated_at: draft.updated_at,
        resolved_at: draft.resolved_at,
        closed_at: draft.closed_at,
        messages: messages.collect(),
        origin: (import.source.clone(), draft.external_id.clone()),
    };
    (arrival, flaws)
}
