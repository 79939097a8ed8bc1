//! Who comes to a ticket and who goes, as the instances tell each other through Redis.

use std::time::Duration;

use futures::StreamExt;
use shared::cache::PRESENT;
use tokio_util::sync::CancellationToken;

use crate::app::App;

const PAUSE: Duration = Duration::from_secs(2);

/// Tells this instance's streams what Redis carries, until `stop`. What cannot be read is nobody's.
pub async fn hear(app: App, stop: CancellationToken) {
    let hearing = async {
        loop {
            if let Ok(told) = app.outside.cache.listen(PRESENT).await {
                let mut told = std::pin::pin!(told);
                while let Some(text) = told.next().await {
                    if let Ok(moved) = serde_json::from_str(&text) {
                        app.hubs.moved(moved);
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! { () = stop.cancelled() => {}, () = hearing => {} }
}
