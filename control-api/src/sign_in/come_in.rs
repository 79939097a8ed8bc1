//! The one door through which everybody comes who has just proved something: it decides whether
//! that is enough, asks for the second factor, or lets an admin without one do nothing but set it up.

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::{Result, act::Act, auth::amr::Amr, http::Json};
use utoipa::ToSchema;

use super::{
    model::{Next, next},
    ticket::{self, Kind},
};
use crate::{
    app::App,
    events::Whom,
    members::Member,
    sessions::{self, ClientKind, LoggedIn, SignedIn},
    tenants::Tenant,
    two_factor::{self, Factors},
};

/// What somebody hears who has proved something.
pub enum Answer {
    /// A session.
    SignedIn(Box<SignedIn>),
    /// The second factor is asked for.
    Challenge(Challenge),
    /// They may set up a second factor, and nothing else.
    Enrolment(Enrolment),
}

/// The first factor was right; the second is owed.
#[derive(Serialize, ToSchema)]
pub struct Challenge {
    /// Always true.
    two_factor_required: bool,
    /// For `POST /api/v1/auth/2fa/verify`, within ten minutes.
    challenge_token: String,
    /// What can be shown.
    methods: Factors,
}

/// An admin without a second factor: here is how to get one.
#[derive(Serialize, ToSchema)]
pub struct Enrolment {
    /// Always true.
    two_factor_enrolment_required: bool,
    /// The bearer token of `POST /api/v1/auth/2fa/setup` and `…/enable`, within ten minutes.
    enrolment_token: String,
}

/// A session, or what is missing for one: [`Answer`] as the document describes it.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum LoginAnswer {
    /// A session.
    SignedIn(LoggedIn),
    /// The second factor is owed.
    Challenge(Challenge),
    /// A second factor has to be set up.
    Enrolment(Enrolment),
}

/// What is missing for a session, and the token to give it with.
pub enum Owed<'a> {
    /// The second factor.
    Challenge(&'a str),
    /// Setting up a second factor.
    Enrolment(&'a str),
}

impl Answer {
    /// What is missing.
    pub fn owed(&self) -> Option<Owed<'_>> {
        match self {
            Self::SignedIn(_) => None,
            Self::Challenge(challenge) => Some(Owed::Challenge(&challenge.challenge_token)),
            Self::Enrolment(enrolment) => Some(Owed::Enrolment(&enrolment.enrolment_token)),
        }
    }

    /// The word under which it is counted.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::SignedIn(_) => "in",
            Self::Challenge(_) => "challenged",
            Self::Enrolment(_) => "to_enrol",
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::SignedIn(signed_in) => signed_in.into_response(),
            Self::Challenge(challenge) => Json(challenge).into_response(),
            Self::Enrolment(enrolment) => Json(enrolment).into_response(),
        }
    }
}

/// Lets a member in who has proved `how`, or says what is missing. Their factors stay as they are
/// until the act ends, so nobody slips in with one factor while the second is being set up. `403` to whom the
/// tenant is closed.
pub async fn come_in(act: &mut Act, app: &App, tenant: &Tenant, member: &Member, client: ClientKind, how: Amr) -> Result<Answer> {
    act.is_by(member.actor());
    tenant.status.door().lets_in(member.role())?;
    let factors = two_factor::held(act, Whom { tenant_id: tenant.id, user_id: member.user_id }).await?;
    let must = app.rules.needs_second_factor(member.role());
    match next(factors.any(), must, how) {
        Next::Session => {
            let opened = sessions::open(act, member, client, how).await?;
            sessions::tell_of_new_device(act, app, tenant, member).await?;
            Ok(Answer::SignedIn(Box::new(SignedIn::new(app, tenant, member.clone(), opened)?)))
        }
        Next::Challenge => {
            let challenge_token = ticket::issue(act, member, Kind::Challenge, client, how).await?;
            Ok(Answer::Challenge(Challenge { two_factor_required: true, challenge_token, methods: factors }))
        }
        Next::Enrolment => {
            let enrolment_token = ticket::issue(act, member, Kind::Enrolment, client, how).await?;
            Ok(Answer::Enrolment(Enrolment { two_factor_enrolment_required: true, enrolment_token }))
        }
    }
}
