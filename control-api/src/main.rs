//! `control-api`: serves the control plane (`serve`), brings its database up to date (`migrate`),
//! manages clusters and tenants, or prints its OpenAPI document (`openapi`).

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use control_api::{
    app::{App, database},
    clusters::{self, NewCluster},
    config::{Config, DatabaseConfig, VaultConfig},
    provisioning, router, tenants, worker,
};
use secrecy::{ExposeSecret, SecretString};
use shared::{act::Author, clock::Clock, shutdown::Tasks, telemetry};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The control plane of Helpdeskly: who the tenants and the people are
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and do the background work
    Serve(#[command(flatten)] Box<Config>),
    /// Bring the control database up to date
    Migrate(#[command(flatten)] DatabaseConfig),
    /// The servers that hold tenants' databases
    #[command(subcommand)]
    Clusters(ClustersCommand),
    /// Tenants
    #[command(subcommand)]
    Tenants(TenantsCommand),
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Subcommand)]
enum ClustersCommand {
    /// Add a server or tell one anew, and prepare its template
    Add(#[command(flatten)] Box<AddCluster>),
    /// Show the servers
    List(#[command(flatten)] DatabaseConfig),
}

#[derive(Args)]
struct AddCluster {
    #[command(flatten)]
    vault: VaultConfig,
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
}

#[derive(Subcommand)]
enum TenantsCommand {
    /// Try again to provision a tenant that was given up
    Retry {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Its slug
        slug: String,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Openapi => {
            println!("{}", router::document()?);
            Ok(())
        }
        Command::Serve(config) => serve(*config).await,
        Command::Migrate(config) => migrate(&config).await,
        Command::Clusters(ClustersCommand::Add(add)) => add_cluster(*add).await,
        Command::Clusters(ClustersCommand::List(config)) => list_clusters(&config).await,
        Command::Tenants(TenantsCommand::Retry { database, slug }) => retry_tenant(&database, &slug).await,
    }
}

async fn serve(config: Config) -> Result<()> {
    telemetry::start(&config.log);
    shared::start_tls();
    config.check()?;
    let tasks = Tasks::default();
    tasks.stop_on_signal()?;
    let app = App::new(&config)?;
    worker::start(&app, &tasks);
    let served = router::serve(&app, &config, &tasks).await;
    tasks.finish().await;
    served
}

async fn migrate(config: &DatabaseConfig) -> Result<()> {
    shared::start_tls();
    // Not the API's connection: a migration may take longer than any of its statements.
    let options: PgConnectOptions = config.control_database_url.expose_secret().parse()?;
    let mut connection = options.options([("lock_timeout", "10s")]).connect().await.context("the control database does not answer")?;
    router::MIGRATIONS.run(&mut connection).await.context("migrating the control database")?;
    println!("the control database is up to date");
    Ok(())
}

async fn add_cluster(add: AddCluster) -> Result<()> {
    shared::start_tls();
    let (db, _) = database(&add.vault.database.control_database_url)?;
    let cluster = NewCluster { name: add.name, admin_url: add.admin_url, pooled: add.pooled_host.zip(add.pooled_port) };
    clusters::add(&db, &add.vault.sealer()?, &Clock::System, &cluster).await?;
    println!("cluster {} is ready", cluster.name);
    let open = clusters::open_to_everybody(&cluster).await?;
    if !open.is_empty() {
        let some: Vec<&str> = open.iter().take(10).map(String::as_str).collect();
        eprintln!("tenants' roles may enter {} databases that are not theirs, as {}", open.len(), some.join(", "));
        eprintln!("as a superuser: revoke connect, temporary on database … from public");
    }
    Ok(())
}

async fn list_clusters(config: &DatabaseConfig) -> Result<()> {
    shared::start_tls();
    let (db, _) = database(&config.control_database_url)?;
    for cluster in clusters::list(&mut *db.read().await?).await? {
        let state = if cluster.accepting { "accepting" } else { "closed" };
        println!(
            "{}\t{}:{}\t{}\t{state}\t{} tenants",
            cluster.name,
            cluster.host,
            cluster.port,
            cluster.pooled.unwrap_or_default(),
            cluster.tenants
        );
    }
    Ok(())
}

async fn retry_tenant(config: &DatabaseConfig, slug: &str) -> Result<()> {
    shared::start_tls();
    let (db, _) = database(&config.control_database_url)?;
    let tenant = tenants::by_slug(&mut *db.read().await?, slug).await?.context("there is no such tenant")?;
    db.act(Author::system("operator"), &Clock::System, async |act| provisioning::retry(act, tenant.id).await).await?;
    println!("{slug} will be provisioned again");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
