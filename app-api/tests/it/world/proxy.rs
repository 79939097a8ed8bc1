//! Stands before a part of the stack and can be frozen: connections stay open, nothing comes through.

use secrecy::{ExposeSecret, SecretString};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A line that can be frozen.
pub struct Proxy {
    pub url: SecretString,
    frozen: watch::Sender<bool>,
}

impl Proxy {
    pub async fn before(url: &SecretString) -> Self {
        let url = url.expose_secret();
        let authority = url.rsplit('@').next().unwrap_or(url).trim_start_matches("redis://");
        let target = authority.split('/').next().unwrap_or_default().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("an address").to_string();
        let url = url.replace(&target, &own).into();
        let frozen = watch::Sender::new(false);
        tokio::spawn(accept(listener, target, frozen.subscribe()));
        Self { url, frozen }
    }

    pub fn freeze(&self) {
        self.frozen.send_replace(true);
    }
}

async fn accept(listener: TcpListener, target: String, frozen: watch::Receiver<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (target, mut frozen) = (target.clone(), frozen.clone());
        tokio::spawn(async move {
            let freezing = async { drop(frozen.wait_for(|frozen| *frozen).await) };
            let carrying = async {
                let mut far = TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            };
            let freezes = tokio::select! { biased; () = freezing => true, _ = carrying => false };
            if freezes {
                std::future::pending::<()>().await;
            }
        });
    }
}
