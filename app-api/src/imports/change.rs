//! `PATCH /api/v1/imports/{import}`: how its file is read.

use serde::Deserialize;
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, Path},
};
use utoipa::ToSchema;

use super::{
    mapping::Mapping,
    model::{Delimiter, Encoding, Import},
    store,
    upload::read_head,
};
use crate::{
    events::{Deed, Noun, Setting},
    people::PersonId,
    permissions::Permission,
    session::Session,
};

/// What of an import shall be another way; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeImport {
    /// What each column is, all of it.
    mapping: Option<Mapping>,
    /// How its letters are written; its columns are read anew.
    encoding: Option<Encoding>,
    /// What stands between its cells; its columns are read anew.
    #[schema(value_type = Option<String>)]
    delimiter: Option<Delimiter>,
}

/// Changes how a file is read that waits to be checked or run. A checked one is to be checked again. `422` for what it cannot be
/// read with: it stays as it was.
#[utoipa::path(patch, path = "/api/v1/imports/{import}", tag = "imports", request_body = ChangeImport,
    params(("import" = i64, Path, description = "Its id")), responses((status = 200, body = Import)))]
pub(super) async fn change_import(session: Session, Path(id): Path<i64>, Json(to): Json<ChangeImport>) -> Result<Json<Import>> {
    session.may(Permission::ImportTickets)?;
    let me = session.person.id;
    session.act(async |act| change(act, me, id, &to).await).await.map(Json)
}

async fn change(act: &mut Act, me: PersonId, id: i64, to: &ChangeImport) -> Result<Import> {
    let (now, stored) = (act.now(), store::lock(act.db(), id).await?);
    if !stored.import.state.waits() {
        return Err(Error::conflict("conflict", "It is not waiting to be checked or run."));
    }
    let mut import = stored.import;
    if to.encoding.is_some() || to.delimiter.is_some() {
        import.encoding = to.encoding.or(import.encoding);
        import.delimiter = to.delimiter.or(import.delimiter);
        // Other columns, other names: what was said of them before means nothing.
        import.mapping = Mapping::default();
        read_head(act, &import).await?.map_err(|reason| unreadable(to, reason))?;
        import = store::find(act.db(), id).await?;
    }
    if let Some(mapping) = &to.mapping {
        mapping.check(import.kind, &import.columns)?;
        store::set_mapping(act.db(), id, mapping, now).await?;
    }
    let after = store::find(act.db(), id).await?;
    let what = json!({ "mapping": after.mapping, "encoding": after.encoding, "delimiter": after.delimiter, "state": after.state });
    act.record(&Setting::kept(Noun::Import, Deed::Changed, id, me, what)).await?;
    Ok(after)
}

/// A file cannot be read in the way that was said of it.
fn unreadable(to: &ChangeImport, reason: &str) -> Error {
    let is_letters = reason == "encoding" || to.delimiter.is_none();
    let (field, what) = if is_letters { ("encoding", "letters") } else { ("delimiter", "columns") };
    Error::field(field, "invalid", format!("The file's {what} cannot be read in this way: {reason}."))
}
