//! `control-api clusters …`.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};
use shared::{
    act::Author,
    clock::Clock,
    config::{AppEnv, Asked, Kind, Refused, weak},
};

use super::{cluster_check::Check, confirm::Sure, database, print};
use crate::{
    clusters::{self, AtMost, Change, Listed, NewCluster},
    config::{DatabaseConfig, SealConfig},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a server or tell one anew, and prepare its template
    Add(#[command(flatten)] Box<Add>),
    /// Show the servers
    List(#[command(flatten)] Shown),
    /// Show one
    Show {
        #[command(flatten)]
        shown: Shown,
        /// Its name
        name: String,
    },
    /// Open or close one to new tenants, or limit how much it holds
    Set(#[command(flatten)] Set),
    /// Take a closed one that holds nothing out of the books
    Remove {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        sure: Sure,
        /// Print JSON: the server as it was
        #[arg(long)]
        json: bool,
        /// Its name
        name: String,
    },
    /// Compare the servers with the books; exit code 1 when something is wrong
    Check(#[command(flatten)] Box<Check>),
}

#[derive(Args)]
pub(super) struct Shown {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Print a line of JSON for each
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Add {
    #[command(flatten)]
    seal: SealConfig,
    /// Where the service runs: for real, a password that everybody knows or guesses is refused
    #[arg(long, env, value_enum, default_value = "production")]
    app_env: AppEnv,
    /// Its name, made of a-z, 0-9 and -
    #[arg(long)]
    name: String,
    /// A role there that may make roles and databases, `postgres://…`
    #[arg(long, env = "CLUSTER_ADMIN_URL", hide_env_values = true)]
    admin_url: SecretString,
    /// The host of its PgBouncer
    #[arg(long, requires = "pooled_port")]
    pooled_host: Option<String>,
    /// The port of its PgBouncer
    #[arg(long, requires = "pooled_host")]
    pooled_port: Option<u16>,
    /// The host of its standby, for what only reads
    #[arg(long, requires = "replica_port")]
    replica_host: Option<String>,
    /// The port of its standby
    #[arg(long, requires = "replica_host")]
    replica_port: Option<u16>,
    /// Let no tenants come before it is opened; one that is known stays as it is
    #[arg(long)]
    closed: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Set {
    #[command(flatten)]
    shown: Shown,
    /// Its name
    name: String,
    /// Let new tenants come
    #[arg(long, conflicts_with = "closed")]
    accepting: bool,
    /// Let none come
    #[arg(long)]
    closed: bool,
    /// How many tenants it may hold, or `none`
    #[arg(long, value_parser = limit::<100_000>)]
    max_tenants: Option<Limit<100_000>>,
    /// How many bytes its databases may have together, or `none`
    #[arg(long, value_parser = limit::<{ 1 << 50 }>)]
    max_bytes: Option<Limit<{ 1 << 50 }>>,
}

/// A limit, or that there is none.
#[derive(Debug, Clone, Copy)]
struct Limit<const N: i64>(Option<AtMost<N>>);

fn limit<const N: i64>(text: &str) -> Result<Limit<N>, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    let number: i64 = text.parse().map_err(|_| "a number, or none".to_owned())?;
    AtMost::try_from(number).map(|n| Limit(Some(n)))
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Add(add) => return enter(*add).await,
            Self::List(shown) => {
                for cluster in clusters::list(&mut *database(&shown.database)?.read().await?).await? {
                    show(&shown, &cluster)?;
                }
            }
            Self::Show { shown, name } => {
                let found = clusters::by_name(&mut *database(&shown.database)?.read().await?, &name).await?;
                show(&shown, &found)?;
            }
            Self::Set(set) => change(set).await?,
            Self::Remove { database, sure, json, name } => remove(&database, &sure, &name, json).await?,
            Self::Check(check) => return check.run().await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    /// Refuses what `serve` refuses of its own addresses (SEC-21): this role may enter every tenant's database.
    fn check(&self) -> Result<(), Refused> {
        let url = Asked { variable: "CLUSTER_ADMIN_URL", value: self.admin_url.expose_secret(), kind: Kind::Urls };
        Refused::unless_sound(weak(&[url], self.app_env == AppEnv::Production))
    }
}

async fn enter(add: Add) -> Result<ExitCode> {
    if let Err(refused) = add.check() {
        return Ok(refused.tell());
    }
    let db = database(&add.seal.database)?;
    let cluster = NewCluster {
        name: add.name,
        admin_url: add.admin_url,
        pooled: add.pooled_host.zip(add.pooled_port),
        replica: add.replica_host.zip(add.replica_port),
        is_closed: add.closed,
    };
    clusters::add(&db, &add.seal.ring()?, &Clock::System, &cluster).await?;
    if add.json {
        println!("{}", serde_json::to_string(&clusters::by_name(&mut *db.read().await?, &cluster.name).await?)?);
    } else {
        println!("cluster {} is ready", cluster.name);
    }
    let open = clusters::open_to_everybody(&cluster).await?;
    if !open.is_empty() {
        let some: Vec<&str> = open.iter().take(10).map(String::as_str).collect();
        eprintln!("tenants' roles may enter {} databases that are not theirs, as {}", open.len(), some.join(", "));
        eprintln!("as a superuser: revoke connect, temporary on database … from public");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(shown: &Shown, cluster: &Listed) -> Result<()> {
    let c = cluster;
    let of = |most: Option<String>| most.map(|most| format!(" of {most}")).unwrap_or_default();
    let number = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let words = format!(
        "{}\t{}:{}\t{}\t{}\t{} tenants{}\t{} bytes{}\t{} connections{}\t{} spares\t{}",
        c.name,
        c.host,
        c.port,
        c.pooled.as_deref().unwrap_or("-"),
        if c.accepting { "accepting" } else { "closed" },
        c.tenants,
        of(c.max_tenants.map(|n| n.to_string())),
        number(c.bytes),
        of(c.max_bytes.map(|n| n.to_string())),
        number(c.connections.map(Into::into)),
        of(c.max_connections.map(|n| n.to_string())),
        c.spares,
        c.trouble.as_deref().unwrap_or("answers"),
    );
    print(shown.json, cluster, words)
}

async fn change(set: Set) -> Result<()> {
    let to = Change {
        accepting: if set.accepting { Some(true) } else { set.closed.then_some(false) },
        max_tenants: set.max_tenants.map(|limit| limit.0),
        max_bytes: set.max_bytes.map(|limit| limit.0),
    };
    ensure!(to != Change::default(), "say what to set: --accepting, --closed, --max-tenants or --max-bytes");
    let db = database(&set.shown.database)?;
    let author = Author::system("command line");
    let changed = db.act(author, &Clock::System, async |act| clusters::change(act, &set.name, &to).await).await?;
    show(&set.shown, &changed)
}

async fn remove(config: &DatabaseConfig, sure: &Sure, name: &str, json: bool) -> Result<()> {
    let db = database(config)?;
    sure.about(&format!("Cluster {name} will not be known any more."), name)?;
    let removed = db.act(Author::system("command line"), &Clock::System, async |act| {
        let known = clusters::by_name(act.db(), name).await?;
        clusters::remove(act, name).await?;
        Ok(known)
    });
    let known = removed.await?;
    print(json, &known, format_args!("cluster {name} is removed"))
}
