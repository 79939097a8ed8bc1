//! Listening: the API for clients, the figures on a listener of their own.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, http::header, routing::get};
use prometheus::{Registry, TextEncoder};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{Error, shutdown::overdue};

/// How long running requests may take to finish once the process is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(1);

/// Serves `router` until `stop`, then lets running requests finish, for ten seconds at most.
pub async fn serve(address: SocketAddr, router: Router, stop: CancellationToken) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!(%address, "listening");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        done = serving.into_future() => done?,
        () = overdue(&stop, DRAIN) => tracing::warn!("stopping before every request was answered"),
    }
    Ok(())
}

/// Serves `GET /metrics` (Prometheus text) on a private address until `stop`. `refresh` updates
/// the gauges that are read, not counted.
pub async fn serve_metrics(
    address: SocketAddr,
    registry: Registry,
    refresh: impl Fn() + Clone + Send + Sync + 'static,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let page = move || {
        let (registry, refresh) = (registry.clone(), refresh.clone());
        async move {
            refresh();
            let text = TextEncoder::new().encode_to_string(&registry.gather()).map_err(Error::internal)?;
            Ok::<_, Error>(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
        }
    };
    let listener = TcpListener::bind(address).await?;
    let router = Router::new().route("/metrics", get(page));
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    // Whoever has sent half a request is not waited for.
    tokio::select! { done = serving.into_future() => Ok(done?), () = overdue(&stop, GRACE) => Ok(()) }
}
