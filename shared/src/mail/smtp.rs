//! The wire: SMTP, or a list for tests.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Result};

/// How long one mail may take, whatever the relay does; less than its lease.
const SEND: Duration = Duration::from_secs(30);

/// A mail as it is sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// `<…@…>`, the same at every try.
    pub message_id: String,
    /// The address.
    pub to_address: String,
    /// The person's name.
    pub to_name: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// More headers.
    pub headers: Vec<(String, String)>,
}

/// What the relay said to a letter.
pub(super) enum Answer {
    /// It has it.
    Taken,
    /// Not now.
    Later(String),
    /// The relay itself is in trouble: nor will it take the others now.
    Away(String),
    /// Never.
    Refused(String),
}

/// Sends letters.
#[derive(Clone)]
pub enum Mailer {
    /// To a relay.
    Smtp {
        /// The connection pool.
        relay: AsyncSmtpTransport<Tokio1Executor>,
        /// The sender.
        from: Mailbox,
    },
    /// Into a list, for tests.
    Memory(Arc<Mutex<Vec<Letter>>>),
}

impl Mailer {
    /// `url` as `smtp://host:port`, `smtps://user:password@host`; `from` as `Name <address>`.
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self> {
        let relay = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|e| anyhow::anyhow!("SMTP_URL: {e}"))?
            .timeout(Some(Duration::from_secs(10)))
            .build();
        let from = from.parse().map_err(|e| anyhow::anyhow!("MAIL_FROM: {e}"))?;
        Ok(Self::Smtp { relay, from })
    }

    pub(super) async fn send(&self, letter: Letter) -> Answer {
        match self {
            Self::Memory(sent) => match sent.lock() {
                Ok(mut sent) => {
                    sent.push(letter);
                    Answer::Taken
                }
                Err(_) => Answer::Later("the list is broken".into()),
            },
            Self::Smtp { relay, from } => {
                let message = match write(letter, from.clone()) {
                    Ok(message) => message,
                    Err(error) => return Answer::Refused(error.to_string()),
                };
                match tokio::time::timeout(SEND, relay.send(message)).await {
                    Ok(Ok(_)) => Answer::Taken,
                    Ok(Err(error)) if is_about_us(&error) => Answer::Away(error.to_string()),
                    Ok(Err(error)) if error.is_permanent() || error.is_client() => Answer::Refused(error.to_string()),
                    Ok(Err(error)) => Answer::Later(error.to_string()),
                    Err(_) => Answer::Away("no answer in time".into()),
                }
            }
        }
    }
}

/// Faults of the way to the relay, of our login or of the relay as a whole, not of this mail: they
/// pass when mended.
fn is_about_us(error: &lettre::transport::smtp::Error) -> bool {
    match error.status() {
        Some(code) => matches!(u16::from(code), 421 | 530 | 534 | 535 | 538 | 554),
        None => !error.is_client(),
    }
}

fn write(letter: Letter, from: Mailbox) -> Result<Message> {
    let address = letter.to_address.parse().map_err(|e| anyhow::anyhow!("address: {e}"))?;
    let to = Mailbox::new(Some(letter.to_name), address);
    let mut message = Message::builder().from(from).to(to).subject(letter.subject).message_id(Some(letter.message_id));
    for (name, value) in letter.headers {
        let name = HeaderName::new_from_ascii(name).map_err(|e| anyhow::anyhow!("header: {e}"))?;
        message = message.raw_header(HeaderValue::new(name, value));
    }
    message.multipart(MultiPart::alternative_plain_html(letter.text, letter.html)).map_err(Error::internal)
}
