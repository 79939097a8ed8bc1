//! `/api/v1/agents/{me or id}/availability`: whether somebody is there, until when not, who stands in for
//! them, and how much they take. Everybody says it of themselves, managers of everybody. It decides who is
//! given a ticket by itself; by hand, anybody may be given one.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, NoQuery, Path},
};
use utoipa::ToSchema;

use super::{
    model::{PersonId, is_away},
    store,
};
use crate::{app::App, events::Setting, permissions::Permission, session::Session};

/// Capacities beyond this say nothing.
const MOST: i32 = 1000;

/// Whether somebody is there, and how much they take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Availability {
    /// Whether they are there now.
    pub available: bool,
    /// When they will be back, if they are away and have said so.
    pub away_until: Option<DateTime<Utc>>,
    /// Who gets what would be theirs while they are away.
    pub substitute_id: Option<PersonId>,
    /// Open tickets, at most, that they are given by themselves; null for any number.
    pub capacity: Option<i32>,
}

impl Availability {
    /// As it is at that time.
    fn at(self, now: DateTime<Utc>) -> Self {
        let away = is_away(self.available, self.away_until, now);
        Self { available: !away, away_until: self.away_until.filter(|_| away), ..self }
    }
}

/// What of it shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetAvailability {
    /// Whether they are there.
    available: Option<bool>,
    /// When they will be back; null for nobody knows. Only for whoever is away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    away_until: Option<Option<DateTime<Utc>>>,
    /// Who gets what would be theirs meanwhile; null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    substitute_id: Option<Option<PersonId>>,
    /// Open tickets, 0 to 1000, that they are given by themselves; null for any number.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 1000)]
    capacity: Option<Option<i32>>,
}

/// Tells a null from a field that was left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A member as the path names them.
pub(super) enum AgentRef {
    Me,
    Person(PersonId),
}

impl<'de> Deserialize<'de> for AgentRef {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_str() {
            "me" => Ok(Self::Me),
            id => id.parse().map(Self::Person).map_err(|_| serde::de::Error::custom("no person")),
        }
    }
}

impl AgentRef {
    fn id(&self, session: &Session) -> PersonId {
        match self {
            Self::Me => session.person.id,
            Self::Person(id) => *id,
        }
    }
}

/// Shows whether a member is there, and how much they take.
#[utoipa::path(get, path = "/api/v1/agents/{agent}/availability", tag = "agents",
    params(("agent" = String, Path, description = "Id or `me`")), responses((status = 200, body = Availability)))]
pub(super) async fn show_availability(
    session: Session,
    State(app): State<App>,
    Path(agent): Path<AgentRef>,
    _: NoQuery,
) -> Result<Json<Availability>> {
    session.may(Permission::SeeAgents)?;
    let found = store::availability(&mut *session.read().await?, agent.id(&session)).await?;
    Ok(Json(found.ok_or(Error::NotFound("not_found"))?.at(app.clock.now())))
}

/// Says whether a member is there, and how much they take; of others, managers and admins only. What is left
/// out stays.
#[utoipa::path(patch, path = "/api/v1/agents/{agent}/availability", tag = "agents", request_body = SetAvailability,
    params(("agent" = String, Path, description = "Id or `me`")), responses((status = 200, body = Availability)))]
pub(super) async fn set_availability(
    session: Session,
    Path(agent): Path<AgentRef>,
    Json(to): Json<SetAvailability>,
) -> Result<Json<Availability>> {
    session.may(Permission::SetAvailability)?;
    let id = agent.id(&session);
    if id != session.person.id {
        session.may(Permission::Arrange)?;
    }
    session.act(async |act| set(act, id, &to).await).await.map(Json)
}

async fn set(act: &mut Act, id: PersonId, to: &SetAvailability) -> Result<Availability> {
    let now = act.now();
    store::hold_assignment(act.db()).await?;
    let before = store::availability(act.db(), id).await?.ok_or(Error::NotFound("not_found"))?.at(now);
    let after = Availability {
        available: to.available.unwrap_or(before.available),
        away_until: to.away_until.unwrap_or(before.away_until),
        substitute_id: to.substitute_id.unwrap_or(before.substitute_id),
        capacity: to.capacity.unwrap_or(before.capacity),
    };
    // Whoever is there again is not away until anything.
    let after = Availability { away_until: after.away_until.filter(|_| !after.available || to.away_until.is_some()), ..after };
    check(act, id, &before, &after).await?;
    if after != before {
        store::set_availability(act.db(), id, &after, now).await?;
        let event = Setting::availability_changed(id, json!(after));
        act.record_change(&event, &json!(before), &json!(after)).await?;
    }
    Ok(after)
}

async fn check(act: &mut Act, id: PersonId, before: &Availability, after: &Availability) -> Result<()> {
    if let Some(until) = after.away_until
        && (after.available || until <= act.now())
    {
        return Err(Error::field("away_until", "out_of_range", "A time to come, for somebody who is away."));
    }
    if after.capacity.is_some_and(|capacity| !(0..=MOST).contains(&capacity)) {
        return Err(Error::field("capacity", "out_of_range", "0 to 1000, or null."));
    }
    if let Some(substitute) = must_stand_in(before, after)
        && (substitute == id || !store::assignable(act.db(), substitute).await?)
    {
        return Err(Error::field("substitute_id", "unknown_value", "There is no such other agent."));
    }
    Ok(())
}

/// Whoever is named anew, or has to stand in from now on. Who was named and has left meanwhile keeps nobody from coming back.
fn must_stand_in(before: &Availability, after: &Availability) -> Option<PersonId> {
    let begins = before.available && !after.available;
    after.substitute_id.filter(|_| begins || after.substitute_id != before.substitute_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substitute_must_be_there_when_they_are_named_and_when_they_begin() {
        let said = |available, substitute_id| Availability { available, substitute_id, ..Availability::default() };
        for (before, after, judged) in [
            (said(true, None), said(true, Some(7)), Some(7)),
            (said(false, Some(7)), said(false, Some(8)), Some(8)),
            (said(true, Some(7)), said(false, Some(7)), Some(7)),
            (said(false, Some(7)), said(true, Some(7)), None),
            (said(false, Some(7)), said(false, Some(7)), None),
            (said(true, Some(7)), said(true, Some(7)), None),
            (said(false, Some(7)), said(true, None), None),
        ] {
            assert_eq!(must_stand_in(&before, &after), judged, "{before:?} {after:?}");
        }
    }
}
