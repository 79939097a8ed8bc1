//! The texts, in French and English, each as plain text and as HTML. Values are put in, never run:
//! whatever a customer writes stays text (page 11, I17).

use minijinja::{Environment, context};
use shared::{Error, Result};

/// What a mail is about.
pub(super) struct Occasion<'a> {
    pub organisation: &'a str,
    pub firstname: &'a str,
    pub ticket_number: &'a str,
    pub subject: &'a str,
    pub url: &'a str,
    /// The agent's words, in Markdown and as safe HTML; none when the request has just arrived.
    pub reply: Option<(&'a str, &'a str)>,
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

const TEMPLATES: [(&str, &str); 8] = [
    template!("agent_replied.en.html"),
    template!("agent_replied.en.txt"),
    template!("agent_replied.fr.html"),
    template!("agent_replied.fr.txt"),
    template!("ticket_received.en.html"),
    template!("ticket_received.en.txt"),
    template!("ticket_received.fr.html"),
    template!("ticket_received.fr.txt"),
];

/// Writes the mail in the reader's language; English where theirs is not French.
pub(super) fn write(locale: &str, occasion: &Occasion<'_>) -> Result<Text> {
    let mut texts = Environment::new();
    for (name, source) in TEMPLATES {
        texts.add_template(name, source).map_err(Error::internal)?;
    }
    let language = if locale.starts_with("fr") { "fr" } else { "en" };
    let name = if occasion.reply.is_some() { "agent_replied" } else { "ticket_received" };
    let (markdown, html) = occasion.reply.unwrap_or_default();
    let values = context! {
        organisation => occasion.organisation,
        firstname => occasion.firstname,
        number => occasion.ticket_number,
        subject => occasion.subject,
        url => occasion.url,
        reply => markdown,
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

    fn occasion(reply: Option<(&'static str, &'static str)>) -> Occasion<'static> {
        Occasion {
            organisation: "Atelier <Nord>",
            firstname: "Chloé",
            ticket_number: "TKT-23456789",
            subject: "{{ 7*7 }} <b>",
            url: "http://acme.localhost:8080/tickets/1",
            reply,
        }
    }

    #[test]
    fn every_mail_in_both_languages() {
        let mut all = String::new();
        for locale in ["fr", "en"] {
            for reply in [None, Some(("On **my** way", "<p>On <strong>my</strong> way</p>"))] {
                let text = write(locale, &occasion(reply)).expect("written");
                all += &format!("== {}\n{}\n--\n{}\n", text.subject, text.plain, text.html);
            }
        }
        insta::assert_snapshot!(all);
    }
}
