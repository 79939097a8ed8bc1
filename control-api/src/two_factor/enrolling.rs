//! Who sets up a second factor: somebody with a session, or an admin who has none yet and whose
//! enrolment token opens nothing else.

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{
    Error, Result,
    act::{Act, Author},
    auth::{amr::Amr, token::hash},
    http::Client,
    session::shown,
};

use crate::{
    app::App,
    members::{self, Member},
    session::Session,
    sign_in::ticket::{self, Kind, Ticket},
    tenants::{Entrance, Tenant},
};

/// Whoever may set up a second factor.
pub struct Enrolling {
    /// Where they are.
    pub tenant: Tenant,
    /// Who they are.
    pub member: Member,
    /// By what right.
    pub by: By,
    app: App,
    author: Author,
}

/// By what right somebody sets up a second factor.
pub enum By {
    /// They are signed in.
    Session(Box<Session>),
    /// They must, before they are.
    Ticket(Ticket),
}

impl Enrolling {
    /// `403 step_up_required` with a session that has not proved itself of late; a ticket has.
    pub fn must_be_fresh(&self) -> Result<()> {
        match &self.by {
            By::Session(session) => session.must_be_fresh(),
            By::Ticket(_) => Ok(()),
        }
    }

    /// What they have proved.
    pub fn amr(&self) -> Amr {
        match &self.by {
            By::Session(session) => session.amr,
            By::Ticket(ticket) => ticket.amr,
        }
    }

    /// Runs `work` as one act of this person.
    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        self.app.db.act(self.author.clone(), &self.app.clock, work).await
    }
}

impl FromRequestParts<App> for Enrolling {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        // A session's token is a JWT, whose parts are told by dots; a ticket has none.
        let token = shown(&parts.headers).filter(|token| !token.contains('.')).map(hash);
        let (tenant, member, by) = match token {
            None => {
                let session = Session::from_request_parts(parts, app).await?;
                (session.tenant.clone(), session.member.clone(), By::Session(Box::new(session)))
            }
            Some(hash) => by_ticket(parts, app, &hash).await?,
        };
        let client = Client::from_request_parts(parts, app).await?;
        let author = client.author(member.actor());
        Ok(Self { tenant, member, by, app: app.clone(), author })
    }
}

async fn by_ticket(parts: &mut Parts, app: &App, hash: &[u8]) -> Result<(Tenant, Member, By)> {
    let nobody = || Error::Unauthenticated("unauthenticated");
    let Entrance(tenant) = Entrance::from_request_parts(parts, app).await?;
    let mut db = app.db.read().await?;
    let ticket = ticket::find(&mut db, hash, Kind::Enrolment, app.clock.now()).await?;
    let ticket = ticket.filter(|ticket| ticket.tenant_id == tenant.id).ok_or_else(nobody)?;
    let member = members::find(&mut db, tenant.id, ticket.user_id).await?.filter(Member::is_active).ok_or_else(nobody)?;
    Ok((tenant, member, By::Ticket(ticket)))
}
