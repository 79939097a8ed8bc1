//! A piece of work: statements one after the other, as `bench/capture.py` has written them down from app-api's own.

use std::collections::HashMap;

use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value as Json;
use sqlx::{
    Arguments, AssertSqlSafe, Decode, Either, Encode, Executor, PgConnection, PgPool, Postgres, Row, SqlSafeStr, SqlStr, Statement, Type,
    TypeInfo,
    postgres::{PgArguments, PgRow},
};
use uuid::Uuid;

use crate::rows;

/// A piece of work as it is written down.
#[derive(Deserialize)]
pub struct Told {
    /// How its transaction begins, if it has one.
    begin: Option<String>,
    steps: Vec<ToldStep>,
    /// Whether it is kept.
    commits: bool,
}

#[derive(Deserialize)]
struct ToldStep {
    sql: String,
    values: Vec<Value>,
    /// Whether its first row begins with the ticket that the rest is about.
    opens: bool,
}

/// A value of a statement: a text as PostgreSQL reads it, nothing, or another one each time.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Said(Option<String>),
    Drawn { draw: Draw },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Draw {
    /// The ticket's id.
    Id,
    /// A number that no ticket has.
    Number,
    /// An id that nothing has.
    Uuid,
}

/// What differs from one time to the next.
struct Time {
    id: i64,
    drawn: Uuid,
}

type Bind = Box<dyn Fn(&mut PgArguments, &Time) -> Result<(), sqlx::Error> + Send + Sync>;

/// A piece of work that is ready to be done.
pub struct Work {
    begin: Option<SqlStr>,
    steps: Vec<Step>,
    commits: bool,
}

struct Step {
    sql: SqlStr,
    binds: Vec<Bind>,
    opens: bool,
}

/// Reads each value once, as the type that its statement takes.
pub async fn ready(told: &HashMap<String, Told>, pool: &PgPool) -> Result<HashMap<String, Work>> {
    let (mut database, mut works) = (pool.acquire().await?, HashMap::new());
    for (name, work) in told {
        let mut steps = Vec::new();
        for step in &work.steps {
            steps.push(Step::ready(step, &mut database).await.with_context(|| format!("{name}: {}", step.sql))?);
        }
        let begin = work.begin.as_ref().map(|sql| AssertSqlSafe(sql.clone()).into_sql_str());
        works.insert(name.clone(), Work { begin, steps, commits: work.commits });
    }
    Ok(works)
}

impl Work {
    /// Does it for a ticket; the rows of all statements as JSON. Unless it is kept, the pool takes it back afterwards.
    pub async fn done(&self, pool: &PgPool, id: i64) -> Result<Vec<u8>> {
        let time = Time { id, drawn: Uuid::now_v7() };
        let Some(begin) = &self.begin else { return rows::json(&self.walked(&mut *pool.acquire().await?, time).await?) };
        let mut transaction = pool.begin_with(begin.clone()).await?;
        let found = self.walked(&mut transaction, time).await?;
        if self.commits {
            transaction.commit().await?;
        }
        rows::json(&found)
    }

    async fn walked(&self, database: &mut PgConnection, mut time: Time) -> Result<Vec<PgRow>> {
        let mut found = Vec::new();
        for step in &self.steps {
            let mut values = PgArguments::default();
            for bind in &step.binds {
                bind(&mut values, &time)?;
            }
            let rows = sqlx::query_with(step.sql.clone(), values).fetch_all(&mut *database).await?;
            if step.opens {
                time.id = rows.first().ok_or_else(|| anyhow!("nothing was opened"))?.try_get(0)?;
            }
            found.extend(rows);
        }
        Ok(found)
    }
}

impl Step {
    async fn ready(told: &ToldStep, database: &mut PgConnection) -> Result<Self> {
        let sql = AssertSqlSafe(told.sql.clone()).into_sql_str();
        let types: Vec<String> = match database.prepare(sql.clone()).await?.parameters() {
            Some(Either::Left(types)) => types.iter().map(|type_info| type_info.name().to_owned()).collect(),
            _ => Vec::new(),
        };
        let mut binds = Vec::new();
        for (value, kind) in told.values.iter().zip(&types) {
            binds.push(match value {
                Value::Said(text) => said(database, kind, text.as_deref()).await?,
                Value::Drawn { draw } => drawn(*draw, kind),
            });
        }
        anyhow::ensure!(binds.len() == types.len(), "it takes {} values", types.len());
        Ok(Self { sql, binds, opens: told.opens })
    }
}

fn drawn(draw: Draw, kind: &str) -> Bind {
    match (draw, kind) {
        (Draw::Id, "TEXT") => Box::new(|values, time| add(values, time.id.to_string())),
        (Draw::Id, _) => Box::new(|values, time| add(values, time.id)),
        (Draw::Number, _) => Box::new(|values, time| add(values, format!("TKT-{:016X}", time.drawn.as_u64_pair().1))),
        (Draw::Uuid, _) => Box::new(|values, time| add(values, time.drawn)),
    }
}

async fn said(database: &mut PgConnection, kind: &str, text: Option<&str>) -> Result<Bind> {
    match kind {
        "BOOL" => constant::<bool>(database, kind, text).await,
        "INT2" => constant::<i16>(database, kind, text).await,
        "INT4" => constant::<i32>(database, kind, text).await,
        "INT8" => constant::<i64>(database, kind, text).await,
        "INT8[]" => constant::<Vec<i64>>(database, kind, text).await,
        "FLOAT4" => constant::<f32>(database, kind, text).await,
        "FLOAT8" => constant::<f64>(database, kind, text).await,
        "JSONB" => constant::<Json>(database, kind, text).await,
        "TEXT" => constant::<String>(database, kind, text).await,
        "TEXT[]" => constant::<Vec<String>>(database, kind, text).await,
        "TIMESTAMPTZ" => constant::<DateTime<Utc>>(database, kind, text).await,
        "UUID" => constant::<Uuid>(database, kind, text).await,
        _ => Err(anyhow!("no value of a statement has been of the type {kind} so far")),
    }
}

async fn constant<T>(database: &mut PgConnection, kind: &str, text: Option<&str>) -> Result<Bind>
where
    T: Clone + Send + Sync + Unpin + Type<Postgres> + for<'a> Decode<'a, Postgres> + for<'a> Encode<'a, Postgres> + 'static,
{
    let read = sqlx::query_scalar::<_, Option<T>>(AssertSqlSafe(format!("select $1::text::{kind}"))).bind(text);
    let value = read.fetch_one(database).await?;
    Ok(Box::new(move |values, _| add(values, value.clone())))
}

fn add<T>(values: &mut PgArguments, value: T) -> Result<(), sqlx::Error>
where
    T: for<'a> Encode<'a, Postgres> + Type<Postgres>,
{
    values.add(value).map_err(sqlx::Error::Encode)
}
