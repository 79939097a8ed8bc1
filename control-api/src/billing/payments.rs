//! Whoever takes payments, over HTTP. A payment is asked for under the invoice's id: asked twice it is made once, and
//! after an answer that did not come it is looked for first, and nobody asks for a minute. `GET {url}/charges/{id}`
//! says what became of one (`404`: it was never asked for), `POST {url}/charges` with `Idempotency-Key` asks. Both
//! answer `{id, status, amount, currency, reason?}`, the status being `paid`, `refused` or `pending`.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    Error, Result,
    config::{Asked, Finding, Kind, told},
};
use url::Url;

use super::Invoice;

const LONGEST: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(3);
const MOST: usize = 64 * 1024;
/// For how long nobody asks after a question without an answer.
const REST: TimeDelta = TimeDelta::minutes(1);
/// Refusals that every question gets.
const FOR_ALL: [StatusCode; 4] =
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];

/// Who takes payments.
#[derive(Debug, Clone, Args)]
pub struct PaymentsConfig {
    /// Where payments are asked for, `https://…`; none: invoices are issued, and an operator notes what was paid
    #[arg(long, env)]
    pub payment_url: Option<String>,
    /// What opens that address
    #[arg(long, env, hide_env_values = true)]
    pub payment_key: Option<SecretString>,
    /// The tax on invoices, in hundredths of a percent: 2000 for 20 %
    #[arg(long, env, default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub invoice_tax_rate: u16,
}

impl PaymentsConfig {
    /// What is wrong: an address without its key, and one that others can read along, unless it is this machine's on a trial.
    pub fn findings(&self, is_production: bool) -> Vec<Finding> {
        let Some(url) = self.url() else { return Vec::new() };
        let scheme = Url::parse(url).map(|url| url.scheme().to_owned()).unwrap_or_default();
        let is_sealed = scheme == "https" || (scheme == "http" && !is_production);
        let has_key = self.key().is_some_and(|key| key.len() >= 16);
        let address = Finding::new("PAYMENT_URL", "is not https", "say it with https://");
        let key = Finding::new("PAYMENT_KEY", "is missing or shorter than 16", "ask whoever takes the payments for it");
        [(!is_sealed, address), (!has_key, key)].into_iter().filter_map(|(is_wrong, finding)| is_wrong.then_some(finding)).collect()
    }

    /// What is looked at before a process starts (SEC-21).
    pub fn asked(&self) -> Option<Asked<'_>> {
        self.key().map(|key| Asked { variable: "PAYMENT_KEY", value: key, kind: Kind::Password })
    }

    fn url(&self) -> Option<&str> {
        told(self.payment_url.as_deref())
    }

    fn key(&self) -> Option<&str> {
        told(self.payment_key.as_ref().map(ExposeSecret::expose_secret))
    }

    /// Who is asked.
    pub fn payments(&self) -> Result<Payments> {
        match (self.url(), self.key()) {
            (Some(url), Some(key)) => {
                Ok(Payments::Http(Provider::new(Url::parse(url).map_err(Error::internal)?, key.to_owned().into(), LONGEST)?))
            }
            _ => Ok(Payments::None),
        }
    }
}

/// Who takes payments.
pub enum Payments {
    /// Nobody: invoices are issued, and an operator notes what was paid.
    None,
    /// Somebody who is asked over HTTP.
    Http(Provider),
}

/// Somebody who takes payments.
pub struct Provider {
    http: Client,
    url: Url,
    key: SecretString,
    /// Nobody asks before that moment: the last one who did got no answer.
    rests: Mutex<Option<DateTime<Utc>>>,
}

/// What has become of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charged {
    /// It is made.
    Paid {
        /// How its taker names it.
        payment: String,
    },
    /// It is under way.
    Pending,
    /// It is not, and will not be.
    Refused {
        /// Why.
        reason: String,
    },
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    status: String,
    amount: i64,
    currency: String,
    reason: Option<String>,
}

fn away() -> Error {
    Error::Unavailable("payment provider")
}

impl Payments {
    /// Asks for what an invoice leaves to pay. None where nobody is asked; an error where nothing is known yet, and it
    /// is to be asked again.
    pub async fn charge(&self, invoice: &Invoice, now: DateTime<Utc>) -> Result<Option<Charged>> {
        match self {
            Self::None => Ok(None),
            Self::Http(provider) => provider.noting(provider.charge(invoice).await, now).map(Some),
        }
    }

    /// What became of it, if it was ever asked for.
    pub async fn find(&self, invoice: &Invoice, now: DateTime<Utc>) -> Result<Option<Charged>> {
        match self {
            Self::None => Ok(None),
            Self::Http(provider) => provider.noting(provider.known(invoice).await, now),
        }
    }

    /// Until when nobody is to ask, because there was no answer.
    pub fn rests(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Self::Http(provider) = self else { return None };
        provider.rests.lock().unwrap_or_else(PoisonError::into_inner).filter(|until| *until > now)
    }
}

impl Provider {
    /// One at that address, who gets so long for each answer.
    pub fn new(url: Url, key: SecretString, longest: Duration) -> Result<Self> {
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(longest)
            .connect_timeout(CONNECT)
            .user_agent("Helpdeskly")
            .build()
            .map_err(Error::internal)?;
        Ok(Self { http, url, key, rests: Mutex::new(None) })
    }

    /// What was answered. After no answer nobody asks for a while: thousands of invoices may be waiting to.
    fn noting<T>(&self, answered: Result<T>, now: DateTime<Utc>) -> Result<T> {
        if matches!(answered, Err(Error::Unavailable(_))) {
            *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = Some(now + REST);
        }
        answered
    }

    async fn charge(&self, invoice: &Invoice) -> Result<Charged> {
        match self.known(invoice).await? {
            Some(known) => Ok(known),
            None => judge(invoice, self.ask(invoice).await?),
        }
    }

    async fn known(&self, invoice: &Invoice) -> Result<Option<Charged>> {
        self.find(invoice).await?.map(|answer| judge(invoice, answer)).transpose()
    }

    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// What became of a payment that was asked for before.
    async fn find(&self, invoice: &Invoice) -> Result<Option<Answer>> {
        let asked = self.http.get(self.at(&format!("charges/{}", invoice.id))).bearer_auth(self.key.expose_secret()).send().await;
        let response = asked.map_err(|_| away())?;
        if response.status() == StatusCode::NOT_FOUND { Ok(None) } else { read(response).await.map(Some) }
    }

    async fn ask(&self, invoice: &Invoice) -> Result<Answer> {
        let body = json!({
            "amount": invoice.due, "currency": invoice.currency, "reference": invoice.number, "customer": invoice.tenant_id,
        });
        let request = self.http.post(self.at("charges")).bearer_auth(self.key.expose_secret());
        let asked = request.header("Idempotency-Key", invoice.id.to_string()).json(&body).send().await;
        read(asked.map_err(|_| away())?).await
    }
}

/// An answer of success, which is not too long.
async fn read(mut response: Response) -> Result<Answer> {
    let status = response.status();
    if !status.is_success() {
        tracing::warn!(status = status.as_u16(), "the payment provider does not answer as it should");
        // What is wrong with one question alone keeps nobody else from asking.
        let is_about_one = status.is_client_error() && !FOR_ALL.contains(&status);
        return Err(if is_about_one { Error::internal(anyhow::anyhow!("the payment provider answers {status}")) } else { away() });
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|_| away())? {
        if body.len() + part.len() > MOST {
            return Err(away());
        }
        body.extend_from_slice(&part);
    }
    serde_json::from_slice(&body).map_err(|_| away())
}

/// What an answer means. One about other money is believed in nothing.
fn judge(invoice: &Invoice, answer: Answer) -> Result<Charged> {
    if (answer.amount, answer.currency.as_str()) != (invoice.due, invoice.currency.as_str()) {
        return Err(Error::internal(anyhow::anyhow!("the payment of invoice {} is about other money", invoice.id)));
    }
    let cut = |text: String| text.chars().take(200).collect::<String>();
    match answer.status.as_str() {
        "paid" => Ok(Charged::Paid { payment: cut(answer.id) }),
        "refused" => Ok(Charged::Refused { reason: cut(answer.reason.unwrap_or_else(|| "refused".to_owned())) }),
        "pending" => Ok(Charged::Pending),
        other => Err(Error::internal(anyhow::anyhow!("the payment of invoice {} is {}", invoice.id, cut(other.to_owned())))),
    }
}
