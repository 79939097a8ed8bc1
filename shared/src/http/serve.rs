//! Listening: the API for clients, the figures on a listener of their own.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, http::header, routing::get};
use prometheus::{Registry, TextEncoder};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Error;

/// How long running requests may take to finish once the process is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves `router` until `stop`, then lets running requests finish, for ten seconds at most.
pub async fn serve(address: SocketAddr, router: Router, stop: CancellationToken) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!(%address, "listening");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let drained = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        done = serving.into_future() => done?,
        () = drained => tracing::warn!("stopping before every request was answered"),
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
    axum::serve(listener, Router::new().route("/metrics", get(page))).with_graceful_shutdown(stop.cancelled_owned()).await?;
    Ok(())
}
