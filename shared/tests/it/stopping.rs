//! Nobody outside can keep a process from stopping.

use std::time::Duration;

use prometheus::Registry;
use shared::http::serve_metrics;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_util::sync::CancellationToken;

use crate::world::eventually;

#[tokio::test]
async fn half_a_request_for_figures_does_not_keep_the_process_from_stopping() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let stop = CancellationToken::new();
    let serving = tokio::spawn(serve_metrics(address, Registry::new(), || (), stop.clone()));
    let mut half = eventually(async || TcpStream::connect(address).await.ok()).await;
    half.write_all(b"GET /metrics HTTP/1.1\r\nHost:").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(3), serving).await.expect("it stops").unwrap().unwrap();
}
