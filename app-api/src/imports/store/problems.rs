//! The table `import_problems`.

use serde_json::Value;
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;

use super::super::model::{LineProblem, MOST_PROBLEMS, MOST_WARNINGS};

macro_rules! select_problem {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            LineProblem,
            "select p.id, p.line, p.is_warning, p.field, p.code, p.message from import_problems p " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// What is wrong with which line of an import, in the order in which it was read.
pub(in crate::imports) async fn list(db: &mut PgConnection, import: i64, part: &Part<'_, i64>) -> Result<Vec<LineProblem>> {
    Ok(select_part!(part, db, select_problem!("where p.import_id = $3", "p.id", import))?)
}

/// The same behind that one, so many at most.
pub(in crate::imports) async fn after(db: &mut PgConnection, import: i64, last: i64, most: i64) -> Result<Vec<LineProblem>> {
    Ok(select_problem!("where p.import_id = $1 and p.id > $2 order by p.id limit $3", import, last, most).fetch_all(db).await?)
}

/// How many there are.
pub(in crate::imports) async fn count(db: &mut PgConnection, import: i64) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from import_problems where import_id = $1"#, import);
    Ok(count.fetch_one(db).await?)
}

/// Writes down what is wrong, as far as there is room; for warnings there is less.
pub(in crate::imports) async fn add(db: &mut PgConnection, import: i64, problems: Vec<Value>) -> Result<()> {
    sqlx::query!(
        "insert into import_problems (import_id, line, is_warning, field, code, message)
         select $1, told.line, told.is_warning, told.field, told.code, left(told.message, 1000)
         from (
            select one.n, r.*, count(*) filter (where r.is_warning) over (order by one.n) as warnings
            from jsonb_array_elements($2::jsonb) with ordinality as one (value, n),
                jsonb_to_record(one.value) as r (line bigint, is_warning boolean, field text, code text, message text)
         ) told
         where not told.is_warning
            or told.warnings <= $4 - (select count(*) from import_problems where import_id = $1 and is_warning)
         order by told.n
         limit greatest(0, $3 - (select count(*) from import_problems where import_id = $1))",
        import,
        Value::Array(problems),
        MOST_PROBLEMS,
        MOST_WARNINGS,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what was wrong.
pub(in crate::imports) async fn forget(db: &mut PgConnection, import: i64) -> Result<()> {
    sqlx::query!("delete from import_problems where import_id = $1", import).execute(db).await?;
    Ok(())
}
