//! The one list of every route, and the OpenAPI document made from the same lines.

use std::time::Duration;

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use prometheus::Registry;
use shared::{
    Error, Result,
    health::{Health, Pools, probe},
    http::{Edge, HttpMetrics, document::complete, layered, page_policy, problem::Problem, rate_limit::Limits, serve_metrics},
    shutdown::Tasks,
};
use sqlx::migrate::Migrator;
use utoipa::{OpenApi, openapi::security::SecurityRequirement};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    app::App, articles, attachments, categories, config::Config, figures::Figures, imports, limits, live, macros, media_settings,
    notifications, people, reports, satisfaction, search, settings, sla, teams, tickets,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Helpdeskly: app plane",
        description = "Tickets from a tenant's own database. The tenant is named by the host or by X-Tenant."
    ),
    components(schemas(Problem))
)]
struct Document;

fn routes() -> OpenApiRouter<App> {
    let mut routes = OpenApiRouter::with_openapi(Document::openapi())
        .merge(tickets::routes())
        .merge(search::routes())
        .merge(satisfaction::routes())
        .merge(articles::routes())
        .merge(reports::routes())
        .merge(macros::routes())
        .merge(imports::routes())
        .merge(attachments::routes())
        .merge(media_settings::routes())
        .merge(people::routes())
        .merge(sla::routes())
        .merge(notifications::routes())
        .merge(teams::routes())
        .merge(categories::routes())
        .merge(settings::routes())
        .merge(live::routes())
        .routes(routes!(health))
        .routes(routes!(alive))
        .routes(routes!(ready));
    let document = routes.get_openapi_mut();
    // An operation wants a token unless it says otherwise.
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    complete(document, |_| true);
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
    let mut router = router
        .route("/openapi.json", get(async move || ([(header::CONTENT_TYPE, "application/json")], text).into_response()))
        .with_state(app);
    if swagger {
        let pages: Router = SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/openapi.json")).into();
        router = router.merge(pages.layer(page_policy()));
    }
    layered(router, edge)
}

/// Serves API and figures until the process is told to stop.
pub async fn serve(app: &App, config: &Config, tasks: &Tasks) -> anyhow::Result<()> {
    let limits = if config.no_rate_limit { Limits::off() } else { limits(app) };
    let (registry, metrics, figures) = figures(app, &limits)?;
    let edge = Edge {
        metrics,
        trusted: config.site.trusted_proxies.clone().into(),
        failures: app.audit.failures.clone(),
        cors: config.site.cors_origins.iter().filter(|o| !o.is_empty()).map(|o| o.parse()).collect::<Result<_, _>>()?,
        limits,
        slow: limits::SLOW,
        country: config.site.country_header.clone(),
    };
    tasks.spawn("queue figures", figures.clone().follow_queues(tasks.stop()));
    let refresh = move || figures.refresh();
    let (address, stop) = (config.listen.metrics_addr, tasks.stop());
    tasks.spawn("figures", async move {
        if let Err(error) = serve_metrics(address, registry, refresh, stop).await {
            tracing::error!(%error, "no figures");
        }
    });
    let (hubs, stop) = (app.hubs.clone(), tasks.stop());
    tasks.spawn("streams", async move {
        stop.cancelled().await;
        hubs.close();
    });
    shared::http::serve(config.listen.bind_addr, router(app.clone(), edge), tasks.stop()).await
}

/// All that /metrics shows; with it what counts requests, and what is read now and then.
pub fn figures(app: &App, limits: &Limits) -> anyhow::Result<(Registry, HttpMetrics, Figures)> {
    let registry = Registry::new();
    let metrics = HttpMetrics::register(&registry)?;
    limits.register(&registry)?;
    let figures = Figures::register(&registry, app)?;
    app.audit.figures.register(&registry)?;
    app.outside.orders.register(&registry)?;
    registry.register(Box::new(app.audit.failures.dropped.clone()))?;
    registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
    Ok((registry, metrics, figures))
}

/// Counts requests as this plane's table says.
pub fn limits(app: &App) -> Limits {
    Limits::new(limits::TABLE, app.tokens.clone(), app.clock.clone(), app.outside.cache.clone())
}

/// The process is alive.
#[utoipa::path(get, path = "/health/live", tag = "health", security(()), responses((status = 200, body = Health)))]
async fn alive() -> Health {
    Health::of(Vec::new())
}

/// Requests can be served: the control database answers and has the migrations that we know, it is known whose access has
/// ended, and Vault has answered, where there is one. A tenant's database that lacks one is served all the same: `degraded`.
#[utoipa::path(get, path = "/health/ready", tag = "health", security(()), responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn ready(State(app): State<App>) -> Health {
    let (database, access, keeper) =
        tokio::join!(probe("database", true, control(&app)), probe("access", true, app.access.known()), app.tenants.ring().probe());
    let schemas = probe("tenant_schemas", false, tenant_schemas(&app)).await;
    Health::of([database, access, schemas].into_iter().chain(keeper).collect())
}

/// Each part that the service stands on, with its latency.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn health(State(app): State<App>) -> Health {
    let outside = &app.outside;
    let (database, redis, broker, storage, scanner, schemas, keeper) = tokio::join!(
        probe("database", true, control(&app)),
        probe("redis", false, outside.cache.ping()),
        probe("broker", false, outside.broker.ping()),
        probe("storage", false, outside.storage.ping()),
        probe("malware_scanner", false, app.media.scanner.ping()),
        probe("tenant_schemas", false, tenant_schemas(&app)),
        app.tenants.ring().probe(),
    );
    let (open, connections) = app.tenants.open();
    let scanner = app.media.scanner.looks().then_some(scanner);
    let parts = [database, redis, broker, storage, schemas].into_iter().chain(scanner).chain(keeper).collect();
    Health::of(parts).with_pools(Pools { open, connections, max: app.tenants.limit() })
}

/// The control database's schema, as far as this plane knows it.
static CONTROL: Migrator = sqlx::migrate!("../migrations/control");

async fn control(app: &App) -> Result<()> {
    let away = || Error::Unavailable("control database");
    let ask = sqlx::query_scalar::<_, Option<i64>>("select app_schema()").fetch_one(&app.outside.control);
    let applied = tokio::time::timeout(Duration::from_secs(1), ask).await.map_err(|_| away())??;
    if applied >= CONTROL.iter().map(|m| m.version).max() { Ok(()) } else { Err(away()) }
}

async fn tenant_schemas(app: &App) -> Result<()> {
    if app.tenants.behind() == 0 { Ok(()) } else { Err(Error::Unavailable("migration of a tenant")) }
}
