//! `GET /api/v1/tickets/export`: the tickets that one sees, as a file.

use axum::{
    body::Body,
    extract::{FromRequestParts, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{Error, Result, act::Act, http::query_of};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        list::{self, Order},
        model::Ticket,
    },
    events::Exported,
    out::Out,
    walk::Walk,
    write::write,
};
use crate::{app::App, categories, permissions::Permission, session::Session};

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// A table in UTF-8 that begins with a line of names.
    #[default]
    Csv,
    /// A workbook.
    Xlsx,
    /// A list of tickets as they are shown.
    Json,
}

impl Format {
    fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AsFile {
    /// `csv`, `xlsx` or `json`; `csv` unless told.
    #[param(inline)]
    #[serde(default)]
    format: Format,
}

/// What a file is asked for: the words of the list, and how they are written.
pub(in crate::tickets) struct Asked {
    format: Format,
    list: list::Asked,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let list = query_of(parts, |name| name != "format")?;
        let AsFile { format } = query_of(parts, |name| name == "format")?;
        Ok(Self { format, list })
    }
}

/// Takes the tickets that the reader sees away as a file, the newest first unless told. It takes what the list of tickets
/// takes, but for pages, and is sorted by what never changes: `created_at` or `-created_at`. `429` while as many of the
/// organisation are being written as may be: two, or one where many are written.
#[utoipa::path(get, path = "/api/v1/tickets/export", tag = "tickets", params(AsFile, list::Asked),
    responses((status = 200, content((String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<Ticket> = "application/json")))))]
pub(in crate::tickets) async fn export_tickets(session: Session, State(app): State<App>, asked: Asked) -> Result<Response> {
    session.may(Permission::ExportTickets)?;
    session.must_belong()?;
    let Asked { format, list } = asked;
    let (filter, order) = list.narrowed(&session).await?;
    if !order.is_steady() {
        return Err(Error::field("sort", "unknown_value", "created_at or -created_at: what a ticket keeps while the file is written."));
    }
    let turn = app.turns.take(session.tenant.id)?;
    let event = Exported { by: session.person.id, format: format.as_str(), filter: serde_json::to_value(&filter)? };
    session.act(async |act: &mut Act| act.record(&event).await.map(drop)).await?;
    let keys = categories::keys(&mut *session.read().await?).await?;
    // A filter that cannot be answered is told while there is still a status to tell it with.
    let mut walk = Walk::new(app, session, (filter, order));
    let first = walk.next().await?;
    let (out, file) = Out::new(turn);
    tokio::spawn(async move { write(format, &keys, (first, walk), out).await });
    let name = format!("attachment; filename=\"tickets.{}\"", format.as_str());
    let headers = [(header::CONTENT_TYPE, format.media_type().to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(file)).into_response())
}

/// The order of a file whose tickets come and go meanwhile: each that is there all the time is in it once.
impl Order {
    fn is_steady(self) -> bool {
        self.column() == "t.created_at"
    }
}
