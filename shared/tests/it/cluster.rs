//! Two Redis servers that are one cluster, each with half of the keys.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures::StreamExt;
use redis::{Client, cmd};
use shared::{
    cache::Cache,
    http::rate_limit::{Asker, Bucket, Policy, Rate, buckets, buckets_of_key},
};
use uuid::Uuid;

use crate::{
    rates::{instance, let_in},
    world::eventually,
};

/// One server; it ends with the test.
struct Node {
    process: Child,
    folder: PathBuf,
    ports: [u16; 2],
}

impl Node {
    fn start() -> Self {
        let free = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = free.each_ref().map(|listener| listener.local_addr().unwrap().port());
        drop(free);
        let folder = std::env::temp_dir().join(Uuid::now_v7().to_string());
        std::fs::create_dir(&folder).unwrap();
        let text = |port: u16| port.to_string();
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--cluster-enabled", "yes"])
            .args(["--port", &text(ports[0]), "--cluster-port", &text(ports[1])])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server");
        Self { process, folder, ports }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.ports[0])
    }

    async fn say(&self, command: &redis::Cmd) -> Option<String> {
        let mut connection = Client::open(self.url()).unwrap().get_multiplexed_async_connection().await.ok()?;
        command.query_async(&mut connection).await.ok()
    }

    async fn holds(&self, first: u16, last: u16) {
        eventually(async || self.say(&cmd("PING")).await).await;
        self.say(cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(first).arg(last)).await.expect("slots");
    }

    async fn agrees(&self) {
        let whole = |info: &String| info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384");
        eventually(async || self.say(cmd("CLUSTER").arg("INFO")).await.filter(whole)).await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A cluster, and the addresses of its nodes.
async fn cluster() -> ([Node; 2], String) {
    let nodes = [Node::start(), Node::start()];
    nodes[0].holds(0, 8191).await;
    nodes[1].holds(8192, 16383).await;
    let [port, bus] = nodes[1].ports;
    nodes[0].say(cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(port).arg(bus)).await.expect("they meet");
    for node in &nodes {
        node.agrees().await;
    }
    let urls = format!("{}, {}", nodes[0].url(), nodes[1].url());
    (nodes, urls)
}

#[tokio::test]
async fn a_cluster_counts_whoever_asks_as_exactly_as_one_server() {
    let (_nodes, urls) = cluster().await;
    let prefix = Uuid::now_v7();
    let (here, there) = (instance(&urls.clone().into(), prefix), instance(&urls.into(), prefix));
    let (narrow, wide) = (Rate::a_minute(5), Rate::a_minute(6000));
    for n in 0..20 {
        let (tenant, network) = (Uuid::now_v7(), format!("198.51.100.{n}"));
        let person = Asker::Person { tenant, user: 7, staff: true };
        for asked in [
            buckets(Policy::Door("sign-in", narrow), Asker::Nobody, &network, wide),
            buckets(Policy::Dear("export", narrow), person, &network, wide),
            buckets_of_key(Policy::Dear("export", narrow), (tenant, 7), wide),
        ] {
            // Counted by each for itself, it would be twice as many.
            let (a, b) = tokio::join!(let_in(&here, &asked, 20), let_in(&there, &asked, 20));
            assert_eq!(a + b, 5, "{asked:?}");
        }
        let of_key = buckets_of_key(Policy::Usual, (Uuid::now_v7(), 7), wide).into_iter();
        let of_key: Vec<_> = of_key.map(|bucket| Bucket { rate: narrow, ..bucket }).collect();
        let (a, b) = tokio::join!(let_in(&here, &of_key, 20), let_in(&there, &of_key, 20));
        assert_eq!(a + b, 5, "{of_key:?}");
    }
}

#[tokio::test]
async fn a_cluster_keeps_texts_and_carries_what_is_told() {
    let (_nodes, urls) = cluster().await;
    let (here, there) = (Cache::new(&urls.clone().into(), "a").unwrap(), Cache::new(&urls.into(), "a").unwrap());
    eventually(async || here.ping().await.ok()).await;
    for n in 0..20 {
        let key = format!("route:{n}");
        eventually(async || {
            here.put(&key, "text", Duration::from_secs(60)).await;
            there.get(&key).await.filter(|text| text == "text")
        })
        .await;
    }
    let mut heard = std::pin::pin!(there.listen("changed").await.unwrap());
    assert!(here.tell("changed", "acme").await);
    let heard = tokio::time::timeout(Duration::from_secs(10), heard.next()).await.unwrap();
    assert_eq!(heard.as_deref(), Some("acme"));
}
