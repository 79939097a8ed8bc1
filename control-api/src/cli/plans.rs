//! `control-api plans …`, and `control-api tenants plan`.

use anyhow::Result;
use clap::{Args, Subcommand};
use shared::{act::Author, clock::Clock};

use super::{confirm::Sure, database};
use crate::{
    config::DatabaseConfig,
    plans::{self, Plan, PutPlan},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show all plans
    List {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Print a line of JSON for each
        #[arg(long)]
        json: bool,
    },
    /// Make a plan, or say anew what it allows: a limit that is not given is none
    Set(#[command(flatten)] Box<Set>),
}

#[derive(Args)]
pub(super) struct Set {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Its code, as `team`
    code: String,
    /// Its name
    #[arg(long)]
    name: String,
    /// How many of the staff
    #[arg(long)]
    agents: Option<i32>,
    /// How many tickets are opened in a calendar month
    #[arg(long)]
    tickets_a_month: Option<i64>,
    /// Bytes of files
    #[arg(long)]
    storage_bytes: Option<i64>,
    /// Requests a minute of all its people and keys together
    #[arg(long)]
    requests_a_minute: Option<i32>,
    /// Connections of one instance to its database, 1 to 20
    #[arg(long)]
    connections: Option<i32>,
    /// For how many months its audit trail is kept
    #[arg(long, default_value_t = 60)]
    audit_months: i32,
    /// A month, in the currency's minor units
    #[arg(long, default_value_t = 0)]
    price: i64,
    /// One ticket more than the limit; without it, none is opened
    #[arg(long, requires = "tickets_a_month")]
    extra_ticket: Option<i64>,
    /// ISO 4217
    #[arg(long, default_value = "EUR")]
    currency: String,
    /// Whoever signs up gets it
    #[arg(long)]
    default: bool,
}

impl Command {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::List { database: config, json } => {
                for plan in plans::all(&mut *database(&config)?.read().await?).await? {
                    show(&plan, json)?;
                }
                Ok(())
            }
            Self::Set(set) => put(*set).await,
        }
    }
}

async fn put(set: Set) -> Result<()> {
    let Set { database: config, json, code, name, agents, tickets_a_month, storage_bytes, requests_a_minute, connections, .. } = set;
    let Set { audit_months, price, extra_ticket, currency, default: is_default, .. } = set;
    let to = PutPlan {
        name,
        agents,
        tickets_a_month,
        storage_bytes,
        requests_a_minute,
        connections,
        audit_months,
        price,
        extra_ticket,
        currency,
        is_default,
    };
    let db = database(&config)?;
    let made = db.act(Author::system("command line"), &Clock::System, async |act| plans::put(act, &code, &to).await).await;
    match made {
        Err(shared::Error::Invalid(wrong)) => {
            let told: Vec<String> = wrong.iter().map(|w| format!("{}: {}", w.field, w.message)).collect();
            anyhow::bail!("{}", told.join("\n"))
        }
        made => show(&made?, json),
    }
}

/// Gives a tenant a plan.
pub(super) async fn assign(config: &DatabaseConfig, sure: &Sure, (slug, plan): (&str, &str), json: bool) -> Result<()> {
    let db = database(config)?;
    sure.about(&format!("{slug} will have the plan {plan}, with its limits and its price."), slug)?;
    let given = db.act(Author::system("command line"), &Clock::System, async |act| plans::assign(act, slug, plan).await).await;
    let (_, plan) = given?;
    show(&plan, json)
}

fn show(plan: &Plan, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(plan)?);
        return Ok(());
    }
    let of = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    println!(
        "{}\t{}\t{} agents\t{} tickets a month\t{} bytes\t{} requests a minute\t{} connections\t{} months of trail\t{} {}{}{}",
        plan.code,
        plan.name,
        of(plan.agents.map(Into::into)),
        of(plan.tickets_a_month),
        of(plan.storage_bytes),
        of(plan.requests_a_minute.map(Into::into)),
        of(plan.connections.map(Into::into)),
        plan.audit_months,
        plan.price,
        plan.currency,
        plan.extra_ticket.map(|n| format!("\t{n} for each ticket more")).unwrap_or_default(),
        if plan.is_default { "\tdefault" } else { "" },
    );
    Ok(())
}
