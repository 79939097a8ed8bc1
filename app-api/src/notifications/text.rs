//! The texts, in French and English, each as plain text and as HTML. Values are put in, never run:
//! whatever a customer writes stays text (page 11, I17).

use minijinja::{Environment, context};
use shared::{Error, Result, mail::unlinked};

/// What a mail is about.
pub(super) struct Occasion<'a> {
    pub organisation: &'a str,
    pub firstname: &'a str,
    pub ticket_number: &'a str,
    pub subject: &'a str,
    pub url: &'a str,
    pub news: News<'a>,
}

/// The mail that a request has arrived.
pub(super) const RECEIVED: &str = "ticket_received";
/// The mail to an address that nobody has proved.
pub(super) const UNPROVED: &str = "ticket_news";

/// What has happened.
#[derive(Debug, Clone, Copy)]
pub(super) enum News<'a> {
    /// The request has arrived.
    Received,
    /// An agent has answered: their words, in Markdown and as safe HTML.
    Answered { markdown: &'a str, html: &'a str },
    /// It was resolved; where that is rated, if it can be.
    Resolved { rate_url: Option<&'a str> },
    /// A file that they had sent was taken away: there is malware in it, or the organisation refuses its content.
    FileRemoved { name: &'a str, is_infected: bool },
    /// There is something, for an address that nobody has proved: not even what it is about is said. Whoever has an account can
    /// prove it there.
    Unproved { has_account: bool },
}

impl News<'_> {
    /// The name of its mail.
    pub fn template(self) -> &'static str {
        match self {
            Self::Received => RECEIVED,
            Self::Answered { .. } => "agent_replied",
            Self::Resolved { .. } => "ticket_resolved",
            Self::FileRemoved { .. } => "file_removed",
            Self::Unproved { .. } => UNPROVED,
        }
    }
}

/// A written mail.
#[derive(Debug)]
pub(super) struct Text {
    pub subject: String,
    pub plain: String,
    pub html: String,
}

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../../mails/", $name)))
    };
}

const TEMPLATES: [(&str, &str); 20] = [
    template!("agent_replied.en.html"),
    template!("agent_replied.en.txt"),
    template!("agent_replied.fr.html"),
    template!("agent_replied.fr.txt"),
    template!("file_removed.en.html"),
    template!("file_removed.en.txt"),
    template!("file_removed.fr.html"),
    template!("file_removed.fr.txt"),
    template!("ticket_news.en.html"),
    template!("ticket_news.en.txt"),
    template!("ticket_news.fr.html"),
    template!("ticket_news.fr.txt"),
    template!("ticket_received.en.html"),
    template!("ticket_received.en.txt"),
    template!("ticket_received.fr.html"),
    template!("ticket_received.fr.txt"),
    template!("ticket_resolved.en.html"),
    template!("ticket_resolved.en.txt"),
    template!("ticket_resolved.fr.html"),
    template!("ticket_resolved.fr.txt"),
];

/// Writes the mail in the reader's language; English where theirs is not French.
pub(super) fn write(locale: &str, occasion: &Occasion<'_>) -> Result<Text> {
    let mut texts = Environment::new();
    for (name, source) in TEMPLATES {
        texts.add_template(name, source).map_err(Error::internal)?;
    }
    let language = if locale.starts_with("fr") { "fr" } else { "en" };
    let name = occasion.news.template();
    let (reply, html, rate_url) = match occasion.news {
        News::Received | News::Unproved { .. } | News::FileRemoved { .. } => ("", "", None),
        News::Answered { markdown, html } => (markdown, html, None),
        News::Resolved { rate_url } => ("", "", rate_url),
    };
    let (file, is_infected) = match occasion.news {
        News::FileRemoved { name, is_infected } => (unlinked(name), is_infected),
        _ => (String::new(), false),
    };
    let values = context! {
        file => file,
        is_infected => is_infected,
        organisation => unlinked(occasion.organisation),
        firstname => unlinked(occasion.firstname),
        number => occasion.ticket_number,
        subject => occasion.subject,
        url => occasion.url,
        reply => reply,
        rate_url => rate_url,
        has_account => matches!(occasion.news, News::Unproved { has_account: true }),
        reply_html => minijinja::Value::from_safe_string(html.to_owned()),
    };
    let render = |ending: &str| {
        let template = texts.get_template(&format!("{name}.{language}.{ending}")).map_err(Error::internal)?;
        template.render(&values).map_err(Error::internal)
    };
    let plain = render("txt")?;
    let (subject, body) = plain.split_once("\n\n").ok_or_else(|| anyhow::anyhow!("mail {name} has no subject line"))?;
    Ok(Text { subject: subject.to_owned(), plain: body.to_owned(), html: render("html")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occasion(news: News<'static>) -> Occasion<'static> {
        Occasion {
            organisation: "Atelier <Nord>",
            firstname: "Chloé",
            ticket_number: "TKT-23456789",
            subject: "{{ 7*7 }} <b>",
            url: "http://acme.localhost:8080/tickets/1",
            news,
        }
    }

    #[test]
    fn every_mail_in_both_languages() {
        let mut all = String::new();
        for locale in ["fr", "en"] {
            for news in [
                News::Received,
                News::Answered { markdown: "On **my** way", html: "<p>On <strong>my</strong> way</p>" },
                News::Resolved { rate_url: Some("http://acme.localhost:8080/rate?token=t") },
                News::Resolved { rate_url: None },
                News::FileRemoved { name: "<b>www.evil.example.pdf", is_infected: true },
                News::FileRemoved { name: "a.pdf", is_infected: false },
                News::Unproved { has_account: false },
                News::Unproved { has_account: true },
            ] {
                let text = write(locale, &occasion(news)).expect("written");
                all += &format!("== {}\n{}\n--\n{}\n", text.subject, text.plain, text.html);
            }
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn a_name_that_is_a_domain_is_no_link_in_a_mail() {
        for locale in ["fr", "en"] {
            let unproved = News::Unproved { has_account: true };
            for news in [News::Received, News::Answered { markdown: "", html: "" }, News::Resolved { rate_url: None }, unproved] {
                let named = Occasion { organisation: "evil.example", firstname: "bad.example", ..occasion(news) };
                let text = write(locale, &named).expect("written");
                for part in [&text.subject, &text.plain, &text.html] {
                    assert!(!part.contains("evil.example") && !part.contains("bad.example"), "{part}");
                }
            }
        }
    }
}
