//! Mails of the platform: decided inside the act that they tell of, sent after it. Text and HTML
//! say the same; what people typed is escaped in the HTML and can be no template, and what looks like
//! a link in it is none: mail programs make links of bare domains.

mod access;
mod address;
mod arrivals;
mod export;
mod keys;
mod leaving;
mod security;
mod texts;

use std::sync::LazyLock;

pub use access::Access;
pub use address::Address;
pub use arrivals::NewDevice;
use chrono::TimeDelta;
pub use export::ExportText;
pub use keys::KeyText;
pub use leaving::Leaving;
use minijinja::{Environment, context};
pub use security::Notice;
use shared::{
    Error, Result,
    act::Act,
    mail::{self, unlinked},
};
pub use texts::{Text, Words};
use uuid::Uuid;

use crate::{app::App, identities::Locale, members::Member};

// The name's ending decides about escaping.
static LETTERS: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut letters = Environment::new();
    for (name, source) in [("letter.txt", include_str!("letter.txt")), ("letter.html", include_str!("letter.html"))] {
        letters.add_template(name, source).expect("the letters are templates");
    }
    letters
});

/// To whom a mail goes.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// Their address.
    pub email: &'a str,
    /// Their first name; empty when it is not known.
    pub firstname: &'a str,
    /// Their language.
    pub locale: Locale,
}

impl<'a> Addressee<'a> {
    /// A member, at their address.
    pub fn of(member: &'a Member) -> Self {
        Self { email: &member.email, firstname: &member.firstname, locale: member.locale }
    }
}

/// How many mails of one kind an address gets within a time, from one tenant and from all: nobody's
/// mailbox is ours to fill, and nobody at one tenant may use up what the others are to send.
const MOST: [(TimeDelta, i64, i64); 2] = [(TimeDelta::hours(1), 5, 30), (TimeDelta::days(1), 20, 100)];
/// The header that says for whom a mail was sent.
const TENANT: &str = "X-Helpdeskly-Tenant";

/// Decides a mail that somebody else than its reader may have asked for, unless the address has had
/// enough of its kind: then the answer is no.
pub async fn send_sparingly(act: &mut Act, app: &App, tenant: Uuid, to: Addressee<'_>, text: &Text<'_>) -> Result<bool> {
    let (now, tenant) = (act.now(), tenant.to_string());
    mail::lock(act.db(), to.email, text.template()).await?;
    for (span, of_tenant, of_all) in MOST {
        let recent = mail::count(act.db(), (to.email, text.template()), (TENANT, &tenant), now - span).await?;
        if !app.rules.no_rate_limit && (recent.with_header >= of_tenant || recent.all >= of_all) {
            return Ok(false);
        }
    }
    let mut mail = write(to, text)?;
    mail.headers.push((TENANT, tenant));
    mail::queue(act.db(), &mail, &app.site.base_domain, now).await?;
    Ok(true)
}

/// Decides a mail; it goes out after the act.
pub async fn send(act: &mut Act, app: &App, to: Addressee<'_>, text: &Text<'_>) -> Result<()> {
    let mail = write(to, text)?;
    let now = act.now();
    mail::queue(act.db(), &mail, &app.site.base_domain, now).await
}

/// Writes a mail.
pub fn write(to: Addressee<'_>, text: &Text<'_>) -> Result<mail::Mail> {
    let Words { subject, lines, button, link } = text.words(to.locale);
    let (hello, footer) = match to.locale {
        Locale::En => ("Hello", "Helpdeskly sent this mail because somebody used this address. You cannot reply to it."),
        Locale::Fr => ("Bonjour", "Helpdeskly a envoyé ce message car quelqu’un a utilisé cette adresse. On ne peut pas y répondre."),
    };
    let greeting = if to.firstname.is_empty() { format!("{hello},") } else { format!("{hello} {},", to.firstname) };
    let (subject, greeting) = (unlinked(&subject), unlinked(&greeting));
    let lines: Vec<String> = lines.iter().map(|line| unlinked(line)).collect();
    let lang = to.locale.as_str();
    let words = context! { subject => &subject, lines, button, link, greeting, footer, lang };
    let render = |name: &str| LETTERS.get_template(name).and_then(|letter| letter.render(&words)).map_err(Error::internal);
    Ok(mail::Mail {
        template: text.template(),
        to_address: to.email.to_owned(),
        to_name: to.firstname.to_owned(),
        text: render("letter.txt")?,
        html: render("letter.html")?,
        subject,
        headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::session::Role;

    fn all(organisation: &'static str) -> Vec<Text<'static>> {
        let link = "http://acme.localhost:8080/verify?token=abc";
        let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        vec![
            Text::ProveAddress { organisation, link, role: Role::Admin },
            Text::ProveAddress { organisation, link, role: Role::Customer },
            Text::AlreadyKnown { organisation, link },
            Text::NoLonger { organisation },
            Text::Invitation { organisation, inviter: "Ana Lopez", link },
            Text::NewDevice(NewDevice { organisation, device: "Firefox · Linux", ip: "203.0.113.7", at: "2026-03-02 09:00 UTC", link }),
            Text::Security(Notice::SessionEnded { organisation, link }),
            Text::Security(Notice::SecondFactorOn { organisation, link }),
            Text::Security(Notice::SecondFactorOff { organisation, link }),
            Text::Security(Notice::RecoveryCodeUsed { organisation, link, left: 9 }),
            Text::Security(Notice::WrongProofs { organisation, link }),
            Text::Security(Notice::RecoveryCodesRenewed { organisation, link }),
            Text::Security(Notice::SecondFactorReset),
            Text::Access(Access::NewPassword { organisation, link }),
            Text::Access(Access::TooShort { organisation, link }),
            Text::Access(Access::PasswordChanged { organisation, link }),
            Text::Access(Access::SignIn { organisation, link }),
            Text::Access(Access::UsePassword { organisation, link }),
            Text::Address(Address::Confirm { organisation, link }),
            Text::Address(Address::Taken { organisation }),
            Text::Address(Address::Changed { organisation, link }),
            Text::Address(Address::Restored { organisation, link }),
            Text::Key(KeyText::PasskeyAdded { organisation, name: "Phone", link }),
            Text::Key(KeyText::PasskeyRemoved { organisation, name: "Phone", link }),
            Text::Leaving(Leaving::Asked { organisation, link, at }),
            Text::Leaving(Leaving::TakenBack { organisation, link }),
            Text::Key(KeyText::ProviderLinked { organisation, provider: "Acme ID", link }),
            Text::Export(ExportText { is_ready: true, organisation, link }),
            Text::Export(ExportText { is_ready: false, organisation, link }),
        ]
    }

    #[test]
    fn every_mail_in_both_languages() {
        let mut mails = String::new();
        for locale in [Locale::En, Locale::Fr] {
            for text in all("Acme") {
                let mail = write(Addressee { email: "ana@example.com", firstname: "Ana", locale }, &text).expect("a mail");
                let linked = mail.html.contains("http://acme.localhost:8080/verify?token=abc");
                let unlinked = matches!(
                    text,
                    Text::NoLonger { .. } | Text::Security(Notice::SecondFactorReset) | Text::Address(Address::Taken { .. })
                );
                assert_eq!(linked, !unlinked, "{}", mail.html);
                mails += &format!("# {} ({})\n{}\n\n{}\n", mail.template, locale.as_str(), mail.subject, mail.text);
            }
        }
        insta::assert_snapshot!(mails);
    }

    #[test]
    fn what_people_typed_stays_what_it_is() {
        let to = Addressee { email: "ana@example.com", firstname: "<b>{{7*7}}</b>", locale: Locale::En };
        for text in all("<script>alert(1)</script> {{ link }}") {
            let mail = write(to, &text).expect("a mail");
            assert!(!mail.html.contains("<script>") && !mail.html.contains("<b>"), "{}", mail.html);
            assert!(mail.html.contains("{{7*7}}") && mail.text.contains("<b>{{7*7}}</b>"), "{}", mail.text);
        }
    }

    #[test]
    fn a_name_that_is_a_domain_is_no_link_in_a_mail() {
        let to = Addressee { email: "ana@example.com", firstname: "evil.example", locale: Locale::En };
        for text in all("bad.example") {
            let mail = write(to, &text).expect("a mail");
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(!part.contains("evil.example") && !part.contains("bad.example"), "{part}");
            }
        }
    }
}
