//! `control-api`: serves the control plane (`serve`), brings its database up to date (`migrate`),
//! manages clusters, tenants and people, or prints its OpenAPI document (`openapi`).

use std::process::ExitCode;

use anyhow::{Context, Result};
use chrono::Months;
use clap::{Args, Parser, Subcommand};
use control_api::{
    app::{App, database},
    audit::{self, Scope, Trails},
    clusters::{self, NewCluster},
    config::{Config, DatabaseConfig, VaultConfig},
    operators::cli,
    provisioning, router, tenants, two_factor, worker,
};
use secrecy::{ExposeSecret, SecretString};
use shared::{act::Author, clock::Clock, shutdown::Tasks, telemetry};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tokio_util::sync::CancellationToken;

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
    /// The audit trails
    #[command(subcommand)]
    Audit(AuditCommand),
    /// People
    #[command(subcommand)]
    Identities(IdentitiesCommand),
    /// The people who run the platform
    #[command(subcommand)]
    Operators(OperatorsCommand),
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

#[derive(Subcommand)]
enum AuditCommand {
    /// Check that trails are what was sealed: prints a line of JSON for each; 0: sound, 1: tampered with, 2: not readable
    Verify {
        #[command(flatten)]
        config: Box<VaultConfig>,
        /// One tenant's trail, by its slug; without it, the control database's
        #[arg(long, conflicts_with = "all")]
        tenant: Option<String>,
        /// The control database's trail and every tenant's
        #[arg(long)]
        all: bool,
        /// For how many months rows are kept; what is younger and gone was taken
        #[arg(long, default_value_t = 60)]
        kept_months: u32,
    },
    /// Take a tenant's trail as it is, once it is known why it does not contain its kept seal, as after a restore
    Reanchor {
        #[command(flatten)]
        config: Box<VaultConfig>,
        /// Its slug
        slug: String,
    },
}

#[derive(Subcommand)]
enum IdentitiesCommand {
    /// Take all second factors from somebody who has lost them; admins set up new ones at the next sign-in
    #[command(name = "reset-2fa")]
    ResetTwoFactor {
        #[command(flatten)]
        database: DatabaseConfig,
        /// The domain that mails come from
        #[arg(long, env)]
        base_domain: String,
        /// Their e-mail address
        email: String,
    },
}

#[derive(Subcommand)]
enum OperatorsCommand {
    /// Add one, and show their first password
    Add {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Their address
        email: String,
        /// Their name
        #[arg(long)]
        name: String,
    },
    /// Show all of them
    List(#[command(flatten)] DatabaseConfig),
    /// Take one out; whatever they hold ends at once
    Remove {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Their address
        email: String,
    },
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let done = match Cli::parse().command {
        Command::Openapi => {
            println!("{}", router::document()?);
            Ok(())
        }
        Command::Audit(AuditCommand::Verify { config, tenant, all, kept_months }) => {
            return verify_trails(&config, tenant, all, Months::new(kept_months)).await;
        }
        Command::Audit(AuditCommand::Reanchor { config, slug }) => reanchor_trail(&config, &slug).await,
        Command::Serve(config) => serve(*config).await,
        Command::Migrate(config) => migrate(&config).await,
        Command::Clusters(ClustersCommand::Add(add)) => add_cluster(*add).await,
        Command::Clusters(ClustersCommand::List(config)) => list_clusters(&config).await,
        Command::Operators(command) => operators(command).await,
        Command::Tenants(TenantsCommand::Retry { database, slug }) => retry_tenant(&database, &slug).await,
        Command::Identities(IdentitiesCommand::ResetTwoFactor { database, base_domain, email }) => {
            reset_two_factor(&database, &base_domain, &email).await
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

async fn serve(config: Config) -> Result<()> {
    telemetry::start(&config.log);
    shared::start_tls();
    config.check()?;
    let tasks = Tasks::default();
    tasks.stop_on_signal()?;
    let (app, refused) = App::new(&config)?;
    worker::start(&app, &tasks);
    // Requests are still answered for a while after the word to stop, and some of them refused.
    let answered = CancellationToken::new();
    tasks.spawn("refused changes", audit::write_failures(app.clone(), refused, answered.clone()));
    let served = router::serve(&app, &config, &tasks).await;
    answered.cancel();
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

async fn verify_trails(config: &VaultConfig, tenant: Option<String>, all: bool, months: Months) -> Result<ExitCode> {
    shared::start_tls();
    let scope = tenant.map_or(if all { Scope::All } else { Scope::Control }, Scope::Tenant);
    let trails = Trails::new(config)?;
    let code = audit::check(&trails, &scope, months, |checked| {
        println!("{}", serde_json::to_string(checked).unwrap_or_else(|error| error.to_string()));
    });
    Ok(code.await?.into())
}

async fn reanchor_trail(config: &VaultConfig, slug: &str) -> Result<()> {
    shared::start_tls();
    audit::reanchor(&Trails::new(config)?, slug).await?;
    println!("the audit trail of {slug} is kept as it is now");
    Ok(())
}

async fn reset_two_factor(config: &DatabaseConfig, domain: &str, email: &str) -> Result<()> {
    shared::start_tls();
    let (db, _) = database(&config.control_database_url)?;
    let taken = two_factor::reset(&db, &Clock::System, domain, email).await?;
    println!("{email} has no second factor any more; there were {taken}");
    Ok(())
}

async fn operators(command: OperatorsCommand) -> Result<()> {
    shared::start_tls();
    match command {
        OperatorsCommand::Add { database: config, email, name } => {
            let password = cli::add(&database(&config.control_database_url)?.0, &Clock::System, &email, &name).await?;
            println!("{email} signs in with this password and sets up a second factor then:");
            println!("{password}");
        }
        OperatorsCommand::List(config) => {
            for account in cli::list(&database(&config.control_database_url)?.0).await? {
                let state = if account.enrolled { "enrolled" } else { "not enrolled" };
                println!("{}\t{}\t{}\t{state}", account.operator.id, account.operator.email, account.operator.name);
            }
        }
        OperatorsCommand::Remove { database: config, email } => {
            cli::remove(&database(&config.control_database_url)?.0, &Clock::System, &email).await?;
            println!("{email} is no operator any more");
        }
    }
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
