//! The one list of every route, and the OpenAPI document made from the same lines.

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    routing::get,
};
use prometheus::{IntGauge, Registry};
use shared::{
    Error, Result,
    health::{Health, probe},
    http::{Edge, HttpMetrics, document::complete, layered, page_policy, problem::Problem, rate_limit::Limits, serve_metrics},
    shutdown::Tasks,
};
use sqlx::migrate::Migrator;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    address_change, api_keys, app::App, audit, backups, billing, clusters, config::Config, deletion, exports, fleet, identities,
    invitations, jobs, limits, magic_link, members, moves, operators, passkeys, passwords, plans, sessions, sign_in, sign_up, sso, support,
    tenants, two_factor,
};

/// What the control database consists of.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/control");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Helpdeskly: control plane",
        description = "Who the tenants and the people are. The tenant is named by the host or by X-Tenant."
    ),
    components(schemas(Problem))
)]
struct Document;

fn routes() -> OpenApiRouter<App> {
    let mut routes = OpenApiRouter::with_openapi(Document::openapi())
        .merge(sign_up::routes())
        .merge(tenants::routes())
        .merge(deletion::routes())
        .merge(sign_in::routes())
        .merge(sessions::routes())
        .merge(two_factor::routes())
        .merge(passkeys::routes())
        .merge(sso::routes())
        .merge(identities::routes())
        .merge(passwords::routes())
        .merge(address_change::routes())
        .merge(magic_link::routes())
        .merge(invitations::routes())
        .merge(members::routes())
        .merge(audit::routes())
        .merge(operators::routes())
        .merge(jobs::routes())
        .merge(clusters::routes())
        .merge(moves::routes())
        .merge(backups::routes())
        .merge(fleet::routes())
        .merge(exports::routes())
        .merge(plans::routes())
        .merge(billing::routes())
        .merge(support::routes())
        .merge(api_keys::routes())
        .routes(routes!(health))
        .routes(routes!(alive))
        .routes(routes!(ready));
    complete(routes.get_openapi_mut(), |path| !path.starts_with("/api/v1/tenants") && !path.starts_with("/api/v1/operator"));
    routes
}

/// The OpenAPI document, as JSON.
pub fn document() -> anyhow::Result<String> {
    Ok(routes().split_for_parts().1.to_pretty_json()?)
}

/// The whole API, inside the edge.
pub fn router(app: App, edge: Edge) -> Router {
    let swagger = app.site.enable_swagger;
    let (router, document) = routes().split_for_parts();
    let text = document.to_json().unwrap_or_default();
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut router = router.route("/openapi.json", get(async move || (json, text))).with_state(app);
    if swagger {
        let pages: Router = SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/openapi.json")).into();
        router = router.merge(pages.layer(page_policy()));
    }
    layered(router, edge)
}

/// Serves API and figures until the process is told to stop.
pub async fn serve(app: &App, config: &Config, tasks: &Tasks) -> anyhow::Result<()> {
    let limits = if app.rules.no_rate_limit { Limits::off() } else { limits(app) };
    let (registry, metrics, connections) = figures(app, &limits)?;
    let edge = Edge {
        metrics,
        trusted: config.site.trusted_proxies.clone().into(),
        failures: app.failures.clone(),
        cors: config.site.cors_origins.iter().filter(|o| !o.is_empty()).map(|o| o.parse()).collect::<Result<_, _>>()?,
        limits,
        slow: &[],
        country: config.site.country_header.clone(),
    };
    let (figures, address, stop) = (app.clone(), config.listen.metrics_addr, tasks.stop());
    tasks.spawn("figures", async move {
        let refresh = move || connections.set(figures.db.connections() as i64);
        if let Err(error) = serve_metrics(address, registry, refresh, stop).await {
            tracing::error!(%error, "no figures");
        }
    });
    shared::http::serve(config.listen.bind_addr, router(app.clone(), edge), tasks.stop()).await
}

/// All that /metrics shows; with it what counts requests, and the gauge of connections that are held open.
pub fn figures(app: &App, limits: &Limits) -> anyhow::Result<(Registry, HttpMetrics, IntGauge)> {
    let registry = Registry::new();
    let metrics = HttpMetrics::register(&registry)?;
    limits.register(&registry)?;
    app.figures.register(&registry)?;
    registry.register(Box::new(app.outside.tenants.heavy_reads()))?;
    registry.register(Box::new(app.failures.dropped.clone()))?;
    registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
    let connections = IntGauge::new("control_database_connections", "Connections held open to the control database")?;
    registry.register(Box::new(connections.clone()))?;
    Ok((registry, metrics, connections))
}

/// Counts requests as this plane's table says.
pub fn limits(app: &App) -> Limits {
    Limits::new(limits::TABLE, app.keys.tokens.clone(), app.clock.clone(), app.outside.cache.clone())
}

/// The process is alive.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Health)))]
async fn alive() -> Health {
    Health::of(Vec::new())
}

/// Requests can be served: the control database answers and is up to date, and Vault has given what is needed of it, where
/// there is one.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn ready(State(app): State<App>) -> Health {
    let (database, keeper) = tokio::join!(probe("database", true, up_to_date(&app)), app.keys.ring.probe());
    Health::of([database].into_iter().chain(keeper).collect())
}

/// Each part that the service stands on, with its latency.
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn health(State(app): State<App>) -> Health {
    let outside = &app.outside;
    let (database, redis, broker, storage, keeper) = tokio::join!(
        probe("database", true, up_to_date(&app)),
        probe("redis", false, outside.cache.ping()),
        probe("broker", false, outside.broker.ping()),
        probe("storage", false, outside.storage.ping()),
        app.keys.ring.probe(),
    );
    Health::of([database, redis, broker, storage].into_iter().chain(keeper).collect())
}

async fn up_to_date(app: &App) -> Result<()> {
    let latest = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or_default();
    let ask = async {
        let applied = tenants::schema_version(&mut *app.db.read().await?).await?;
        if applied >= latest { Ok(()) } else { Err(Error::Unavailable("control database")) }
    };
    tokio::time::timeout(std::time::Duration::from_secs(1), ask).await.unwrap_or(Err(Error::Unavailable("control database")))
}
