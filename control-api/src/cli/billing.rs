//! `control-api billing …`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde::Serialize;
use shared::{act::Author, clock::Clock, db::Db, month::Month};
use uuid::Uuid;

use super::{confirm::Sure, database, print};
use crate::{
    billing::{self, CreditKind, EnterCredit, Entry, Invoice},
    config::DatabaseConfig,
    plans, tenants,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show what was put into a tenant's credits and taken out, the newest first
    Ledger {
        #[command(flatten)]
        shown: Shown,
        /// Its slug
        slug: String,
    },
    /// Put something into a tenant's credits; the same reference is entered once
    Credit(#[command(flatten)] Box<Credit>),
    /// Show invoices, the newest first
    Invoices {
        #[command(flatten)]
        shown: Shown,
        /// Only those of this tenant, by its slug
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Note that an issued invoice is paid
    Pay {
        #[command(flatten)]
        shown: Shown,
        /// Its id
        id: Uuid,
        /// How the payment is known, as the number of a transfer
        #[arg(long)]
        payment: String,
    },
    /// Say that an issued invoice is not to be paid; its credits come back
    Void {
        #[command(flatten)]
        shown: Shown,
        #[command(flatten)]
        sure: Sure,
        /// Its id
        id: Uuid,
    },
    /// Note that what was paid for an invoice that is not owed has been given back
    Returned {
        #[command(flatten)]
        shown: Shown,
        /// The invoice's id
        id: Uuid,
        /// The payment, as `check` shows it
        #[arg(long)]
        payment: String,
        /// How it was given back
        #[arg(long)]
        note: String,
    },
    /// Begin the invoices of past months that are not there yet; the service does so by itself
    Run {
        #[command(flatten)]
        shown: Shown,
        /// Only those of this month, as 2026-11
        #[arg(long, value_parser = month)]
        month: Option<Month>,
        /// Only that of this tenant, by its slug; one that was voided is made anew
        #[arg(long, requires = "month")]
        tenant: Option<String>,
    },
    /// Add everything up; exit code 1 when something does not come to what it says
    Check(#[command(flatten)] Shown),
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
pub(super) struct Credit {
    #[command(flatten)]
    shown: Shown,
    /// The tenant's slug
    slug: String,
    /// How much, in minor units; a correction may be below zero
    #[arg(allow_negative_numbers = true)]
    amount: i64,
    /// Why
    #[arg(long, value_enum, default_value = "purchase")]
    kind: CreditKind,
    /// ISO 4217; that of the tenant's plan, if it has a price
    #[arg(long)]
    currency: Option<String>,
    /// What it is for, as the number of a transfer
    #[arg(long)]
    reference: String,
    /// In your words
    #[arg(long)]
    note: Option<String>,
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Ledger { shown, slug } => ledger(&shown, &slug).await?,
            Self::Credit(credit) => enter(*credit).await?,
            Self::Invoices { shown, tenant } => {
                let db = database(&shown.database)?;
                for invoice in billing::newest_invoices(&mut *db.read().await?, tenant.as_deref()).await? {
                    print(shown.json, &invoice, told(&invoice))?;
                }
            }
            Self::Pay { shown, id, payment } => {
                let (db, author) = (database(&shown.database)?, Author::system("command line"));
                let paid = db.act(author, &Clock::System, async |act| billing::pay(act, id, &payment).await).await?;
                print(shown.json, &paid, told(&paid))?;
            }
            Self::Void { shown, sure, id } => {
                sure.about("The invoice is not to be paid, and stays so.", &id.to_string())?;
                let (db, author) = (database(&shown.database)?, Author::system("command line"));
                let voided = db.act(author, &Clock::System, async |act| billing::void(act, id).await).await?;
                print(shown.json, &voided, told(&voided))?;
            }
            Self::Returned { shown, id, payment, note } => {
                let (db, author) = (database(&shown.database)?, Author::system("command line"));
                let back = db.act(author, &Clock::System, async |act| billing::returned(act, (id, &payment), &note).await).await?;
                print(shown.json, &back, format_args!("{}\t{}\t{} {}", back.invoice_id, back.payment, back.amount, back.currency))?;
            }
            Self::Run { shown, month, tenant } => {
                let begun = run(&database(&shown.database)?, month, tenant).await?;
                print(shown.json, &serde_json::json!({ "begun": begun }), format_args!("{begun} invoices are being made"))?;
            }
            Self::Check(shown) => return check(&shown).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn ledger(shown: &Shown, slug: &str) -> Result<()> {
    let db = database(&shown.database)?;
    let mut db = db.read().await?;
    let tenant = tenants::by_slug(&mut db, slug).await?.context("there is no such tenant")?;
    for entry in billing::newest_entries(&mut db, tenant.id).await? {
        print(shown.json, &entry, entered(&entry))?;
    }
    Ok(())
}

async fn enter(credit: Credit) -> Result<()> {
    let Credit { shown, slug, amount, kind, currency, reference, note } = credit;
    anyhow::ensure!(kind != CreditKind::Spend, "invoices alone spend; a correction may take out");
    let db = database(&shown.database)?;
    let tenant = tenants::by_slug(&mut *db.read().await?, &slug).await?.context("there is no such tenant")?;
    let plan = plans::of(&mut *db.read().await?, tenant.id).await?;
    let currency = currency.or(plan.costs().then_some(plan.currency)).context("say --currency: the tenant's plan has no price")?;
    let new = EnterCredit { kind, amount, currency, reference, note };
    let author = Author::system("command line");
    let entry = db.act(author, &Clock::System, async |act| billing::enter(act, tenant.id, &new).await).await?;
    print(shown.json, &entry, entered(&entry))
}

async fn run(db: &Db, month: Option<Month>, tenant: Option<String>) -> Result<usize> {
    let Some(month) = month else { return Ok(billing::begin_due(db, &Clock::System).await?) };
    let only = match tenant {
        Some(slug) => Some(tenants::by_slug(&mut *db.read().await?, &slug).await?.context("there is no such tenant")?.id),
        None => None,
    };
    anyhow::ensure!(month.ends() <= Clock::System.now(), "that month is not over");
    Ok(billing::begin_month(db, &Clock::System, month, only).await?)
}

fn month(text: &str) -> Result<Month, String> {
    text.parse().map_err(|_| "a month, as 2026-11".to_owned())
}

async fn check(shown: &Shown) -> Result<ExitCode> {
    let db = database(&shown.database)?;
    let found = billing::check(&mut *db.read().await?).await?;
    for trouble in &found {
        print(shown.json, trouble, format_args!("{}\t{}", trouble.of, trouble.what))?;
    }
    if found.is_empty() && !shown.json {
        println!("everything adds up");
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn word(of: &impl Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn entered(e: &Entry) -> String {
    format!("{}\t{}\t{} {}\tleaves {}\t{}\t{}", e.number, word(&e.kind), e.amount, e.currency, e.balance, e.reference, e.made_at)
}

fn told(i: &Invoice) -> String {
    let number = i.number.as_deref().unwrap_or("-");
    format!("{}\t{number}\t{}\t{}\t{} {}\tdue {}", i.id, i.period.format("%Y-%m"), word(&i.state), i.total, i.currency, i.due)
}
