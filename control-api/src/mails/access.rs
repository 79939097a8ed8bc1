//! What the mails about passwords and links to come in say.

use super::texts::{Words, words};
use crate::identities::Locale;

/// Which mail, with what belongs into it.
#[derive(Debug, Clone, Copy)]
pub enum Access<'a> {
    /// You asked for a new password.
    NewPassword {
        /// The organisation at which it was asked for.
        organisation: &'a str,
        /// Where to choose one.
        link: &'a str,
    },
    /// Your password is too short for what you are there.
    TooShort {
        /// The organisation.
        organisation: &'a str,
        /// Where to choose another.
        link: &'a str,
    },
    /// Your password was changed.
    PasswordChanged {
        /// The organisation at which it happened.
        organisation: &'a str,
        /// Where to ask for a new one.
        link: &'a str,
    },
    /// You asked for a link to come in.
    SignIn {
        /// The organisation.
        organisation: &'a str,
        /// It lets them in.
        link: &'a str,
    },
    /// You asked for a link to come in, but you have a password for that.
    UsePassword {
        /// The organisation.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
}

impl<'a> Access<'a> {
    /// The mail's name in the database.
    pub fn template(&self) -> &'static str {
        match self {
            Self::NewPassword { .. } => "new_password",
            Self::TooShort { .. } => "password_too_short",
            Self::PasswordChanged { .. } => "password_changed",
            Self::SignIn { .. } => "sign_in_link",
            Self::UsePassword { .. } => "use_password",
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
            Self::NewPassword { organisation, link } => words(
                format!("A new password for {organisation}"),
                [
                    format!("Somebody asked for a new password for your account at {organisation}. Choose it with this link."),
                    "The link works once, within the next hour. If this was not you, ignore this mail: your password stays.".into(),
                ],
                ("Choose a new password", link),
            ),
            Self::TooShort { organisation, link } => words(
                format!("Choose a longer password for {organisation}"),
                [
                    format!("You work with {organisation} now, and your password is shorter than 12 characters. Choose a longer one."),
                    "The link works once, within the next hour.".into(),
                ],
                ("Choose a new password", link),
            ),
            Self::PasswordChanged { organisation, link } => words(
                "Your password was changed".into(),
                [
                    format!("The password of your account, which you use at {organisation}, was changed. Your other sessions have ended."),
                    "If this was not you, ask for a new password now and tell your administrator.".into(),
                ],
                ("Ask for a new password", link),
            ),
            Self::SignIn { organisation, link } => words(
                format!("Sign in to {organisation}"),
                [
                    format!("With this link you sign in at the support portal of {organisation}, without a password."),
                    "It works once, within the next 15 minutes. If you did not ask for it, ignore this mail.".into(),
                ],
                ("Sign in", link),
            ),
            Self::UsePassword { organisation, link } => words(
                format!("Sign in to {organisation} with your password"),
                [
                    format!(
                        "Somebody asked for a link to sign in to {organisation} with this address. You sign in with your password there."
                    ),
                    "If this was not you, there is nothing to do.".into(),
                ],
                ("Sign in", link),
            ),
        }
    }

    fn french(&self) -> Words<'a> {
        match *self {
            Self::NewPassword { organisation, link } => words(
                format!("Un nouveau mot de passe pour {organisation}"),
                [
                    format!("Quelqu’un a demandé un nouveau mot de passe pour votre compte chez {organisation}. Ce lien permet de le choisir."),
                    "Le lien fonctionne une fois, pendant une heure. Si ce n’était pas vous, ignorez ce message : votre mot de passe reste le même."
                        .into(),
                ],
                ("Choisir un mot de passe", link),
            ),
            Self::TooShort { organisation, link } => words(
                format!("Choisissez un mot de passe plus long pour {organisation}"),
                [
                    format!(
                        "Vous travaillez désormais avec {organisation} et votre mot de passe a moins de 12 caractères. Choisissez-en un plus long."
                    ),
                    "Le lien fonctionne une fois, pendant une heure.".into(),
                ],
                ("Choisir un mot de passe", link),
            ),
            Self::PasswordChanged { organisation, link } => words(
                "Votre mot de passe a été changé".into(),
                [
                    format!(
                        "Le mot de passe de votre compte, que vous utilisez chez {organisation}, a été changé. Vos autres sessions sont fermées."
                    ),
                    "Si ce n’était pas vous, demandez tout de suite un nouveau mot de passe et prévenez votre administrateur.".into(),
                ],
                ("Demander un mot de passe", link),
            ),
            Self::SignIn { organisation, link } => words(
                format!("Connexion à {organisation}"),
                [
                    format!("Ce lien vous connecte au portail d’assistance de {organisation}, sans mot de passe."),
                    "Il fonctionne une fois, pendant 15 minutes. Si vous ne l’avez pas demandé, ignorez ce message.".into(),
                ],
                ("Se connecter", link),
            ),
            Self::UsePassword { organisation, link } => words(
                format!("Connectez-vous à {organisation} avec votre mot de passe"),
                [
                    format!(
                        "Quelqu’un a demandé un lien de connexion à {organisation} avec cette adresse. Vous vous y connectez avec votre mot de passe."
                    ),
                    "Si ce n’était pas vous, il n’y a rien à faire.".into(),
                ],
                ("Se connecter", link),
            ),
        }
    }
}
