//! Tickets that are given out by themselves: a new one at once, if its team does so, others when somebody asks. One at a
//! time in an organisation, so that of many at once each is given with the others counted.

use shared::{Error, Result, act::Act};

use super::{
    assign::{To, hand},
    assignment::{By, Candidate, choose},
    model::Ticket,
    status::Status,
};
use crate::{
    categories,
    people::{self, PersonId, TeamId, is_away},
    teams::{self, Way},
};

/// Gives a new ticket out, if its team gives out by itself; it waits in the queue when nobody is free.
pub(super) async fn give_new(act: &mut Act, ticket: &Ticket, skills: &[String]) -> Result<()> {
    let Some(team) = ticket.team_id else { return Ok(()) };
    let way = teams::queue(act.db(), team).await?.map(|queue| queue.way).unwrap_or_default();
    if way != Way::Manual {
        give_out(act, ticket, (way, Some(team), skills), None).await?;
    }
    Ok(())
}

/// Gives a locked ticket out because somebody has asked: by its team's way, or to whoever has the least to do.
pub(super) async fn give(act: &mut Act, ticket: &Ticket, me: PersonId) -> Result<Ticket> {
    if ticket.status == Status::Closed {
        return Err(Error::conflict("ticket_closed", "A closed ticket is not changed any more."));
    }
    let way = match ticket.team_id {
        Some(team) => teams::queue(act.db(), team).await?.map(|queue| queue.way).unwrap_or_default(),
        None => Way::Manual,
    };
    let way = if way == Way::Manual { Way::LeastLoaded } else { way };
    let skills = categories::skills(act.db(), ticket.category.as_deref()).await?;
    let given = give_out(act, ticket, (way, ticket.team_id, &skills), Some(me)).await?;
    given.ok_or_else(|| Error::conflict("conflict", "Nobody who could take it is free."))
}

async fn give_out(
    act: &mut Act,
    ticket: &Ticket,
    (way, team, skills): (Way, Option<TeamId>, &[String]),
    by: Option<PersonId>,
) -> Result<Option<Ticket>> {
    people::hold_assignment(act.db()).await?;
    let by_what = if way == Way::RoundRobin { By::Turn } else { By::Load };
    let mut candidates = candidates(act, team).await?;
    while let Some(choice) = choose(by_what, skills, &candidates) {
        // Whoever has left just now is none any more.
        if !people::assignable(act.db(), choice.agent).await? {
            candidates.retain(|candidate| candidate.id != choice.agent);
            continue;
        }
        if let Some(team) = team {
            teams::next_turn(act.db(), team, choice.turn_of).await?;
        }
        let reason = if choice.agent == choice.turn_of { way.as_str().to_owned() } else { format!("substitute for {}", choice.turn_of) };
        let to = To { agent: Some(choice.agent), by, reason: Some(&reason) };
        return hand(act, ticket, &to).await.map(Some);
    }
    Ok(None)
}

async fn candidates(act: &mut Act, team: Option<TeamId>) -> Result<Vec<Candidate>> {
    let now = act.now();
    let peers = teams::peers(act.db(), team).await?;
    let candidate = |peer: teams::Peer| Candidate {
        id: peer.id,
        belongs: peer.belongs,
        away: is_away(peer.available, peer.away_until, now),
        substitute: peer.substitute_id,
        capacity: peer.capacity.map(i64::from),
        load: peer.open_tickets,
        skills: peer.skills,
        last_turn: peer.last_turn,
    };
    Ok(peers.into_iter().map(candidate).collect())
}
