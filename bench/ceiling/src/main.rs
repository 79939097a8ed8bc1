//! The bare handler beside which `scripts/bench tickets` measures app-api: what axum and sqlx cost at least for the same
//! work. It checks the token, finds the tenant's pool, asks the very statements that app-api asks, and writes the rows as
//! JSON. It knows no roles, limits, audit trail, logs or figures.

mod auth;
mod rows;
mod work;

use std::{collections::HashMap, env, fs, sync::Arc};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::net::TcpListener;

use auth::{Door, Visit};
use work::Work;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct App {
    door: Door,
    works: HashMap<String, Work>,
}

/// What is answered instead of rows.
struct Refused(StatusCode);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let database: PgConnectOptions = told("DATABASE_URL")?.parse()?;
    let database = database.options([("plan_cache_mode", "force_generic_plan"), ("timezone", "UTC")]);
    let connections = told("CEILING_CONNECTIONS")?.parse()?;
    let pool = PgPoolOptions::new().max_connections(connections).test_before_acquire(false).connect_with(database).await?;
    let works = fs::read(told("CEILING_WORKS")?)?;
    let works = work::ready(&serde_json::from_slice(&works)?, &pool).await?;
    let door = Door::new(&told("JWT_SECRET")?, told("CEILING_SLUG")?, told("CEILING_TENANT")?.parse()?, pool);
    let router = Router::new().route("/{work}/{id}", get(ask).post(act)).with_state(Arc::new(App { door, works }));
    axum::serve(TcpListener::bind(told("BIND_ADDR")?).await?, router).await?;
    Ok(())
}

fn told(name: &str) -> Result<String> {
    env::var(name).with_context(|| name.to_owned())
}

async fn ask(visit: Visit, State(app): State<Arc<App>>, Path((work, id)): Path<(String, i64)>) -> Result<Response, Refused> {
    let work = app.works.get(&work).ok_or(Refused(StatusCode::NOT_FOUND))?;
    let shown = work.done(&visit.database, id).await.map_err(|error| {
        eprintln!("{error}");
        Refused(StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], shown).into_response())
}

/// The same with a body, which is parsed: the statements hold what it says already.
async fn act(
    visit: Visit,
    app: State<Arc<App>>,
    place: Path<(String, i64)>,
    Json(_): Json<Value>,
) -> Result<(StatusCode, Response), Refused> {
    Ok((StatusCode::CREATED, ask(visit, app, place).await?))
}
