//! People of the copy are those that the control plane has now.

use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{app::App, members, provisioning::target::store};

/// As many are read and written at a time.
const AT_ONCE: usize = 1000;

/// Writes down whoever came, went or changed since the copy, or the last call, knew of them. Where nobody did, that is one
/// question to each side, however many people there are.
pub async fn catch_up(app: &App, tenant: Uuid, copy: &mut PgConnection) -> Result<()> {
    let known = store::known_people(copy).await?;
    let now = members::versions(&mut *app.db.read().await?, tenant).await?;
    let is_news = |(user, version): &(i64, i64)| known.get(user).is_none_or(|known| known < version);
    let news: Vec<i64> = now.into_iter().filter(is_news).map(|(user, _)| user).collect();
    for some in news.chunks(AT_ONCE) {
        let people = members::some(&mut *app.db.read().await?, tenant, some).await?;
        store::write_people(copy, &people).await?;
    }
    Ok(())
}
