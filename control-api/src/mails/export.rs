//! Mails about an archive of everything that an organisation has here.

use super::texts::{Words, words};
use crate::identities::Locale;

/// Which mail, with what belongs into it.
#[derive(Debug, Clone, Copy)]
pub struct ExportText<'a> {
    /// Whether it can be fetched; else it could not be made.
    pub is_ready: bool,
    /// The organisation.
    pub organisation: &'a str,
    /// Where to sign in.
    pub link: &'a str,
}

impl<'a> ExportText<'a> {
    /// The mail's name in the database.
    pub fn template(&self) -> &'static str {
        if self.is_ready { "export_ready" } else { "export_failed" }
    }

    pub(super) fn words(&self, locale: Locale) -> Words<'a> {
        let Self { is_ready, organisation, link } = *self;
        match (locale, is_ready) {
            (Locale::En, true) => words(
                format!("The export of {organisation} is ready"),
                [
                    format!(
                        "The archive with everything that {organisation} has in Helpdeskly can be downloaded for seven days, or until there are three newer ones."
                    ),
                    "If you did not ask for it, tell your other administrators, and change your password.".into(),
                ],
                ("Sign in", link),
            ),
            (Locale::En, false) => words(
                format!("The export of {organisation} could not be made"),
                [
                    format!("Nothing that {organisation} has in Helpdeskly is lost."),
                    "Please ask for the archive again later; if it fails again, write to us.".into(),
                ],
                ("Sign in", link),
            ),
            (Locale::Fr, true) => words(
                format!("L’export de {organisation} est prêt"),
                [
                    format!(
                        "L’archive de tout ce que {organisation} possède dans Helpdeskly peut être téléchargée pendant sept jours, ou jusqu’à ce qu’il y en ait trois plus récentes."
                    ),
                    "Si vous ne l’avez pas demandée, prévenez vos autres administrateurs et changez de mot de passe.".into(),
                ],
                ("Se connecter", link),
            ),
            (Locale::Fr, false) => words(
                format!("L’export de {organisation} n’a pas pu être fait"),
                [
                    format!("Rien de ce que {organisation} possède dans Helpdeskly n’est perdu."),
                    "Demandez l’archive à nouveau plus tard ; si cela échoue encore, écrivez-nous.".into(),
                ],
                ("Se connecter", link),
            ),
        }
    }
}
