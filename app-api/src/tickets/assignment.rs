//! Who is given a ticket by itself. Whoever is away hands their turn to whoever stands in for them, and on from there;
//! whoever has as many tickets as they take is passed over; so is whoever lacks what the category asks for. Whoever
//! stands in for somebody needs no more than to be there: they were named for it.

use std::collections::BTreeSet;

use crate::people::PersonId;

/// Somebody who could be given a ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Their id.
    pub id: PersonId,
    /// Whether it is their queue.
    pub belongs: bool,
    /// Whether they are away now.
    pub away: bool,
    /// Who stands in for them.
    pub substitute: Option<PersonId>,
    /// How many open tickets they take; any number unless told.
    pub capacity: Option<i64>,
    /// How many they have.
    pub load: i64,
    /// What they know.
    pub skills: Vec<String>,
    /// The number of their last turn.
    pub last_turn: i64,
}

impl Candidate {
    fn is_free(&self) -> bool {
        !self.away && self.capacity.is_none_or(|most| self.load < most)
    }
}

/// By what the next one is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whose last turn is the longest ago.
    Turn,
    /// Who has the fewest open tickets.
    Load,
}

/// Who gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// They do.
    pub agent: PersonId,
    /// It was their turn: somebody else's than the agent's where one stands in for the other.
    pub turn_of: PersonId,
}

/// Who gets a ticket for which one must know `skills`, if anybody is free.
pub fn choose(by: By, skills: &[String], candidates: &[Candidate]) -> Option<Choice> {
    let knows = |candidate: &&Candidate| candidate.belongs && skills.iter().all(|skill| candidate.skills.contains(skill));
    let standing = candidates.iter().filter(knows).filter_map(|turn| Some((turn, stands_in(turn, candidates)?)));
    let (turn_of, agent) = standing.filter(|(_, agent)| agent.is_free()).min_by_key(|(turn, agent)| match by {
        By::Turn => (turn.last_turn, false, 0, turn.id),
        // Of two as busy, whoever stands for themselves comes first.
        By::Load => (agent.load, turn.id != agent.id, turn.last_turn, turn.id),
    })?;
    Some(Choice { agent: agent.id, turn_of: turn_of.id })
}

/// Whoever is there in that one's place: themselves, or the first of those who stand in who is not away.
fn stands_in<'a>(first: &'a Candidate, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
    let (mut one, mut seen) = (first, BTreeSet::new());
    while one.away {
        if !seen.insert(one.id) {
            return None;
        }
        let next = one.substitute?;
        one = candidates.iter().find(|candidate| candidate.id == next)?;
    }
    Some(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: PersonId, load: i64, last_turn: i64) -> Candidate {
        Candidate { id, belongs: true, load, last_turn, ..Candidate::default() }
    }

    fn away(substitute: Option<PersonId>, of: Candidate) -> Candidate {
        Candidate { away: true, substitute, ..of }
    }

    fn full(of: Candidate) -> Candidate {
        Candidate { capacity: Some(of.load), ..of }
    }

    fn knowing(skill: &str, of: Candidate) -> Candidate {
        Candidate { skills: vec![skill.into()], ..of }
    }

    fn outside(id: PersonId) -> Candidate {
        Candidate { id, ..Candidate::default() }
    }

    #[test]
    fn who_is_given_a_ticket() {
        let (one, two, three) = (member(1, 5, 1), member(2, 3, 2), member(3, 4, 3));
        let us = [one.clone(), two.clone(), three.clone()];
        let none: &[&str] = &[];
        for (what, candidates, skills, by_turn, by_load) in [
            ("each in turn, the least busy", us.to_vec(), none, Some((1, 1)), Some((2, 2))),
            ("nobody", vec![], none, None, None),
            ("of equals the first", vec![member(2, 0, 0), member(1, 0, 0)], none, Some((1, 1)), Some((1, 1))),
            ("nobody who is away", vec![away(None, one.clone()), away(None, two.clone()), three.clone()], none, Some((3, 3)), Some((3, 3))),
            ("nobody who is full", vec![full(one.clone()), full(two.clone()), three.clone()], none, Some((3, 3)), Some((3, 3))),
            ("nobody at all, rather than too much", us.iter().cloned().map(full).collect(), none, None, None),
            ("whoever knows it", vec![one.clone(), two.clone(), knowing("sql", three.clone())], &["sql"], Some((3, 3)), Some((3, 3))),
            ("nobody who does not", us.to_vec(), &["sql"], None, None),
            ("who stands in", vec![away(Some(9), one.clone()), two.clone(), outside(9)], none, Some((9, 1)), Some((9, 1))),
            ("who stands in and is one of us", vec![away(Some(2), one.clone()), two.clone()], none, Some((2, 1)), Some((2, 2))),
            (
                "who stands in need not know it",
                vec![away(Some(9), knowing("sql", one.clone())), outside(9)],
                &["sql"],
                Some((9, 1)),
                Some((9, 1)),
            ),
            (
                "who stands in for who stands in",
                vec![away(Some(2), one.clone()), away(Some(9), two.clone()), outside(9)],
                none,
                Some((9, 1)),
                Some((9, 1)),
            ),
            ("nobody in a circle", vec![away(Some(2), one.clone()), away(Some(1), two.clone())], none, None, None),
            ("nobody through somebody unknown", vec![away(Some(7), one.clone())], none, None, None),
            (
                "not who stands in and is full",
                vec![away(Some(2), one.clone()), full(two.clone()), three.clone()],
                none,
                Some((3, 3)),
                Some((3, 3)),
            ),
            ("nobody from outside on their own", vec![outside(9)], none, None, None),
        ] {
            let skills: Vec<String> = skills.iter().map(|skill| (*skill).to_owned()).collect();
            let chosen = |by| choose(by, &skills, &candidates).map(|choice| (choice.agent, choice.turn_of));
            assert_eq!((chosen(By::Turn), chosen(By::Load)), (by_turn, by_load), "{what}");
        }
    }

    #[test]
    fn turns_spread_tickets_evenly_whoever_joins_or_is_away_meanwhile() {
        let (mut us, mut given) = (vec![member(1, 0, 0), member(2, 0, 0), member(3, 0, 0)], [0; 5]);
        for n in 0..40 {
            us[1].away = n >= 30;
            if n == 20 {
                us.push(member(4, 0, 0));
            }
            let choice = choose(By::Turn, &[], &us).expect("somebody is there");
            given[choice.agent as usize] += 1;
            let last = us.iter().map(|one| one.last_turn).max().unwrap_or_default();
            us.iter_mut().filter(|one| one.id == choice.turn_of).for_each(|one| one.last_turn = last + 1);
        }
        assert_eq!(given[1..].iter().sum::<i32>(), 40);
        assert!(given[1] - given[3] <= 1 && given[4] >= 5 && given[2] >= 9, "{given:?}");
    }
}
