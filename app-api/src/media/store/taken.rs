//! Which files are taken, for whoever judges one.

use shared::Result;
use sqlx::PgConnection;

use crate::media::category::Category;

/// What is taken.
pub async fn categories(db: &mut PgConnection) -> Result<Vec<Category>> {
    let rows = sqlx::query_as!(
        Category,
        "select name, extensions, max_bytes, previews, staff_only from media_categories where enabled order by id limit 100",
    );
    Ok(rows.fetch_all(db).await?)
}
