//! `control-api plans …`, and `control-api tenants plan`.

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use shared::{act::Author, clock::Clock, http::IfMatch};

use super::{confirm::Sure, database, print};
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
    /// Make a plan, or change what is given of it; shows the difference and asks
    Set(#[command(flatten)] Box<Set>),
}

#[derive(Args)]
pub(super) struct Set {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    sure: Sure,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Its code, as `team`
    code: String,
    #[command(flatten)]
    wish: Wish,
}

/// What is to be another way; what is not given stays, and is without limit in a new plan.
#[derive(Args)]
struct Wish {
    /// Its name; a new plan needs one
    #[arg(long)]
    name: Option<String>,
    /// How many of the staff
    #[arg(long)]
    agents: Option<i32>,
    /// How many tickets are opened in a calendar month
    #[arg(long)]
    tickets_a_month: Option<i64>,
    /// Bytes of files
    #[arg(long)]
    storage_bytes: Option<i64>,
    /// How many files
    #[arg(long)]
    storage_files: Option<i64>,
    /// How many files come in a day
    #[arg(long)]
    uploads_a_day: Option<i64>,
    /// Requests a minute of all its people and keys together
    #[arg(long)]
    requests_a_minute: Option<i32>,
    /// Connections of one instance to its database, 1 to 20
    #[arg(long)]
    connections: Option<i32>,
    /// For how many months its audit trail is kept; 60 in a new plan
    #[arg(long)]
    audit_months: Option<i32>,
    /// A month, in the currency's minor units
    #[arg(long)]
    price: Option<i64>,
    /// One ticket more than the limit; without it, none is opened
    #[arg(long)]
    extra_ticket: Option<i64>,
    /// ISO 4217; EUR in a new plan
    #[arg(long)]
    currency: Option<String>,
    /// Takes a limit away, or the price of one ticket more
    #[arg(long, value_enum)]
    without: Vec<Limit>,
    /// Whoever signs up gets it
    #[arg(long)]
    default: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Limit {
    Agents,
    TicketsAMonth,
    StorageBytes,
    StorageFiles,
    UploadsADay,
    RequestsAMinute,
    Connections,
    ExtraTicket,
}

impl Wish {
    /// The whole plan, of what is asked for and what was there.
    fn of(self, before: Option<&Plan>) -> Result<PutPlan> {
        let without = |limit| self.without.contains(&limit);
        macro_rules! limit {
            ($field:ident, $limit:ident) => {
                if without(Limit::$limit) { None } else { self.$field.or(before.and_then(|before| before.$field)) }
            };
        }
        let name = self.name.clone().or(before.map(|before| before.name.clone()));
        Ok(PutPlan {
            name: name.context("a new plan needs --name")?,
            agents: limit!(agents, Agents),
            tickets_a_month: limit!(tickets_a_month, TicketsAMonth),
            storage_bytes: limit!(storage_bytes, StorageBytes),
            storage_files: limit!(storage_files, StorageFiles),
            uploads_a_day: limit!(uploads_a_day, UploadsADay),
            requests_a_minute: limit!(requests_a_minute, RequestsAMinute),
            connections: limit!(connections, Connections),
            audit_months: self.audit_months.or(before.map(|before| before.audit_months)).unwrap_or(60),
            price: self.price.or(before.map(|before| before.price)).unwrap_or(0),
            extra_ticket: limit!(extra_ticket, ExtraTicket),
            currency: self.currency.clone().or(before.map(|before| before.currency.clone())).unwrap_or_else(|| "EUR".to_owned()),
            is_default: self.default.then_some(true),
        })
    }
}

/// What of a plan is to be another way, a line each.
fn differences(before: &Plan, to: &PutPlan) -> Result<Vec<String>> {
    let (before, to) = (serde_json::to_value(before)?, serde_json::to_value(to)?);
    let fields = to.as_object().into_iter().flatten();
    let changed = fields.filter(|(field, to)| before[field.as_str()] != **to && (*field != "is_default" || !to.is_null()));
    Ok(changed.map(|(field, to)| format!("{field}: {} becomes {to}", before[field.as_str()])).collect())
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
    let Set { database: config, sure, json, code, wish } = set;
    let db = database(&config)?;
    let before = plans::find(&mut *db.read().await?, &code).await?;
    let to = wish.of(before.as_ref())?;
    if let Some(before) = &before {
        let differences = differences(before, &to)?;
        if differences.is_empty() {
            return show(before, json);
        }
        sure.about(&format!("{}\nWhoever has the plan {code} is bound by that.", differences.join("\n")), &code)?;
    }
    let version = IfMatch::only(before.map_or(0, |before| before.version));
    let made = db.act(Author::system("command line"), &Clock::System, async |act| plans::put(act, &code, &to, &version).await);
    show(&made.await?, json)
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
    let of = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let words = format!(
        "{}\t{}\t{} agents\t{} tickets a month\t{} bytes\t{} files\t{} files a day\t{} requests a minute\t{} connections\t{} months of trail\t{} {}{}{}",
        plan.code,
        plan.name,
        of(plan.agents.map(Into::into)),
        of(plan.tickets_a_month),
        of(plan.storage_bytes),
        of(plan.storage_files),
        of(plan.uploads_a_day),
        of(plan.requests_a_minute.map(Into::into)),
        of(plan.connections.map(Into::into)),
        plan.audit_months,
        plan.price,
        plan.currency,
        plan.extra_ticket.map(|n| format!("\t{n} for each ticket more")).unwrap_or_default(),
        if plan.is_default { "\tdefault" } else { "" },
    );
    print(json, plan, words)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        wish: Wish,
    }

    fn wished(line: &[&str], before: Option<&Plan>) -> Result<PutPlan> {
        Line::try_parse_from([&["set"], line].concat())?.wish.of(before)
    }

    fn shop() -> Plan {
        Plan {
            code: "shop".into(),
            name: "Shop".into(),
            agents: Some(5),
            tickets_a_month: Some(100),
            storage_bytes: None,
            storage_files: Some(1000),
            uploads_a_day: None,
            requests_a_minute: None,
            connections: None,
            audit_months: 36,
            price: 2900,
            extra_ticket: Some(5),
            currency: "CHF".into(),
            is_default: true,
            version: 3,
        }
    }

    #[test]
    fn what_is_not_given_stays_and_what_changes_is_told() {
        let shop = shop();
        for (line, told) in [
            (&[][..], vec![]),
            (&["--agents", "5"], vec![]),
            (&["--agents", "6"], vec!["agents: 5 becomes 6"]),
            (&["--without", "extra-ticket", "--without", "agents"], vec!["agents: 5 becomes null", "extra_ticket: 5 becomes null"]),
            (&["--audit-months", "12"], vec!["audit_months: 36 becomes 12"]),
            (
                &["--without", "storage-files", "--uploads-a-day", "50"],
                vec!["storage_files: 1000 becomes null", "uploads_a_day: null becomes 50"],
            ),
            (&["--name", "Store", "--default"], vec![r#"name: "Shop" becomes "Store""#]),
        ] {
            let to = wished(line, Some(&shop)).expect("a plan");
            assert_eq!(differences(&shop, &to).expect("told"), told, "{line:?}");
        }
        let becomes = wished(&["--default"], Some(&Plan { is_default: false, ..shop.clone() })).expect("a plan");
        assert_eq!(becomes.is_default, Some(true));
        assert!(wished(&["--agents", "5"], None).is_err(), "a new plan has a name");
        let made = wished(&["--name", "New"], None).expect("a plan");
        assert_eq!((made.agents, made.audit_months, made.price, made.currency.as_str()), (None, 60, 0, "EUR"));
    }
}
