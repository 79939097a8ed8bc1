//! What the mails about a change of address say.

use super::texts::{Words, words};
use crate::identities::Locale;

/// Which mail, with what belongs into it.
#[derive(Debug, Clone, Copy)]
pub enum Address<'a> {
    /// Somebody wants this to be the address of their account.
    Confirm {
        /// The organisation at which it was asked for.
        organisation: &'a str,
        /// It says yes.
        link: &'a str,
    },
    /// Somebody wants this to be the address of their account, but it has one.
    Taken {
        /// The organisation at which it was asked for.
        organisation: &'a str,
    },
    /// Your account has left this address.
    Changed {
        /// The organisation at which it happened.
        organisation: &'a str,
        /// It leads back.
        link: &'a str,
    },
    /// Your account is back at this address, and needs a new password.
    Restored {
        /// The organisation.
        organisation: &'a str,
        /// Where to choose one.
        link: &'a str,
    },
}

impl<'a> Address<'a> {
    /// The mail's name in the database.
    pub fn template(&self) -> &'static str {
        match self {
            Self::Confirm { .. } => "new_address",
            Self::Taken { .. } => "address_taken",
            Self::Changed { .. } => "address_changed",
            Self::Restored { .. } => "address_restored",
        }
    }

    /// What it says.
    pub fn words(&self, locale: Locale) -> Words<'a> {
        match locale {
            Locale::En => self.english(),
            Locale::Fr => self.french(),
        }
    }

    fn english(&self) -> Words<'a> {
        match *self {
            Self::Confirm { organisation, link } => words(
                "Confirm your new e-mail address".into(),
                [
                    format!("Somebody wants to use this address for their account at {organisation} from now on. If it was you, confirm it."),
                    "The link works once, within the next hour. If this was not you, ignore this mail: nothing happens.".into(),
                ],
                ("Confirm this address", link),
            ),
            Self::Taken { organisation } => words(
                "This address has an account already".into(),
                [
                    format!("Somebody wants to use this address for their account at {organisation}, but it has an account of its own."),
                    "If it was you, sign in with this address. If not, there is nothing to do.".into(),
                ],
                ("", ""),
            ),
            Self::Changed { organisation, link } => words(
                "Your account has a new e-mail address".into(),
                [
                    format!("Your account, which you use at {organisation}, has another e-mail address from now on."),
                    "If this was not you, this link undoes it, within the next seven days. Your sessions end then, and you choose a new password."
                        .into(),
                ],
                ("Undo this", link),
            ),
            Self::Restored { organisation, link } => words(
                "Your account has its old e-mail address again".into(),
                [
                    format!("Your account, which you use at {organisation}, is back at this address. All its sessions have ended."),
                    "Its password does not work any more. Choose a new one with this link, within the next hour.".into(),
                ],
                ("Choose a new password", link),
            ),
        }
    }

    fn french(&self) -> Words<'a> {
        match *self {
            Self::Confirm { organisation, link } => words(
                "Confirmez votre nouvelle adresse e-mail".into(),
                [
                    format!("Quelqu’un veut utiliser cette adresse pour son compte chez {organisation}. Si c’est vous, confirmez-la."),
                    "Le lien fonctionne une fois, pendant une heure. Si ce n’était pas vous, ignorez ce message : il ne se passera rien."
                        .into(),
                ],
                ("Confirmer cette adresse", link),
            ),
            Self::Taken { organisation } => words(
                "Cette adresse a déjà un compte".into(),
                [
                    format!("Quelqu’un veut utiliser cette adresse pour son compte chez {organisation}, mais elle a déjà un compte."),
                    "Si c’était vous, connectez-vous avec cette adresse. Sinon, il n’y a rien à faire.".into(),
                ],
                ("", ""),
            ),
            Self::Changed { organisation, link } => words(
                "Votre compte a une nouvelle adresse e-mail".into(),
                [
                    format!("Votre compte, que vous utilisez chez {organisation}, a désormais une autre adresse e-mail."),
                    "Si ce n’était pas vous, ce lien l’annule, pendant sept jours. Vos sessions seront fermées et vous choisirez un nouveau mot de passe."
                        .into(),
                ],
                ("Annuler", link),
            ),
            Self::Restored { organisation, link } => words(
                "Votre compte a retrouvé son adresse e-mail".into(),
                [
                    format!("Votre compte, que vous utilisez chez {organisation}, a retrouvé cette adresse. Toutes ses sessions sont fermées."),
                    "Son mot de passe ne fonctionne plus. Choisissez-en un nouveau avec ce lien, pendant une heure.".into(),
                ],
                ("Choisir un mot de passe", link),
            ),
        }
    }
}
