//! What the mails about the end of an organisation say. Each of its admins gets them.

use chrono::{DateTime, Utc};

use super::{Words, texts::words};

/// Which mail, with what belongs into it.
#[derive(Debug, Clone, Copy)]
pub enum Leaving<'a> {
    /// The organisation is to be deleted.
    Asked {
        /// The organisation.
        organisation: &'a str,
        /// Where to sign in and take it back.
        link: &'a str,
        /// When its data goes.
        at: DateTime<Utc>,
    },
    /// It is not to be deleted any more.
    TakenBack {
        /// The organisation.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
}

impl<'a> Leaving<'a> {
    /// The mail's name in the database.
    pub fn template(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "tenant_deletion_asked",
            Self::TakenBack { .. } => "tenant_deletion_taken_back",
        }
    }

    pub(super) fn english(&self) -> Words<'a> {
        match *self {
            Self::Asked { organisation, link, at } => words(
                format!("{organisation} will be deleted on {}", day(at)),
                [
                    format!(
                        "Somebody asked for the deletion of {organisation}. Nobody else can sign in any more. On {} all its tickets, \
                         files and accounts will be deleted for good.",
                        moment(at)
                    ),
                    "Until then you can take this back: sign in, and choose to keep the organisation. Everything is as it was then.".into(),
                ],
                ("Sign in", link),
            ),
            Self::TakenBack { organisation, link } => words(
                format!("{organisation} will not be deleted"),
                [
                    format!("The deletion of {organisation} was taken back. Nothing was deleted."),
                    "Everybody else whose session ended signs in again.".into(),
                ],
                ("Sign in", link),
            ),
        }
    }

    pub(super) fn french(&self) -> Words<'a> {
        match *self {
            Self::Asked { organisation, link, at } => words(
                format!("{organisation} sera supprimée le {}", day(at)),
                [
                    format!(
                        "La suppression de {organisation} a été demandée. Plus personne d’autre ne peut se connecter. Le {}, tous ses \
                         tickets, fichiers et comptes seront supprimés définitivement.",
                        moment(at)
                    ),
                    "D’ici là, vous pouvez revenir sur cette décision : connectez-vous et choisissez de conserver l’organisation. Tout sera comme avant."
                        .into(),
                ],
                ("Se connecter", link),
            ),
            Self::TakenBack { organisation, link } => words(
                format!("{organisation} ne sera pas supprimée"),
                [
                    format!("La suppression de {organisation} a été annulée. Rien n’a été supprimé."),
                    "Les autres personnes, dont la session a été fermée, se connectent à nouveau.".into(),
                ],
                ("Se connecter", link),
            ),
        }
    }
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
