//! What mails say about ways in that come and go.

use super::texts::Words;

/// Which mail, with what belongs into it.
#[derive(Debug, Clone, Copy)]
pub enum KeyText<'a> {
    /// You have another passkey.
    PasskeyAdded {
        /// The organisation.
        organisation: &'a str,
        /// What it is called.
        name: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// You have a passkey less.
    PasskeyRemoved {
        /// The organisation.
        organisation: &'a str,
        /// What it was called.
        name: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// You can come in by the organisation's identity provider.
    ProviderLinked {
        /// The organisation.
        organisation: &'a str,
        /// What it calls its provider.
        provider: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
}

impl<'a> KeyText<'a> {
    /// The mail's name in the database.
    pub fn template(&self) -> &'static str {
        match self {
            Self::PasskeyAdded { .. } => "passkey_added",
            Self::PasskeyRemoved { .. } => "passkey_removed",
            Self::ProviderLinked { .. } => "provider_linked",
        }
    }

    /// What it says in English.
    pub fn english(&self) -> Words<'a> {
        let not_you = "If this was not you, sign in, change your password and look through your passkeys and sessions.";
        match *self {
            Self::PasskeyAdded { organisation, name, link } => Words {
                subject: format!("A passkey was added at {organisation}"),
                lines: vec![format!("The passkey “{name}” now opens your account at {organisation}."), not_you.into()],
                button: "Sign in",
                link,
            },
            Self::PasskeyRemoved { organisation, name, link } => Words {
                subject: format!("A passkey was removed at {organisation}"),
                lines: vec![format!("The passkey “{name}” no longer opens your account at {organisation}."), not_you.into()],
                button: "Sign in",
                link,
            },
            Self::ProviderLinked { organisation, provider, link } => Words {
                subject: format!("You can sign in at {organisation} with {provider}"),
                lines: vec![
                    format!("{provider} has vouched for you: from now on you can use it to sign in at {organisation}."),
                    format!("If this was not you, tell {organisation}, which decides who may sign in this way."),
                ],
                button: "Sign in",
                link,
            },
        }
    }

    /// What it says in French.
    pub fn french(&self) -> Words<'a> {
        let not_you = "Si ce n’était pas vous, connectez-vous, changez de mot de passe et vérifiez vos clés d’accès et vos sessions.";
        match *self {
            Self::PasskeyAdded { organisation, name, link } => Words {
                subject: format!("Une clé d’accès a été ajoutée chez {organisation}"),
                lines: vec![format!("La clé d’accès « {name} » ouvre désormais votre compte chez {organisation}."), not_you.into()],
                button: "Se connecter",
                link,
            },
            Self::PasskeyRemoved { organisation, name, link } => Words {
                subject: format!("Une clé d’accès a été supprimée chez {organisation}"),
                lines: vec![format!("La clé d’accès « {name} » n’ouvre plus votre compte chez {organisation}."), not_you.into()],
                button: "Se connecter",
                link,
            },
            Self::ProviderLinked { organisation, provider, link } => Words {
                subject: format!("Vous pouvez vous connecter chez {organisation} avec {provider}"),
                lines: vec![
                    format!("{provider} s’est porté garant de vous : vous pouvez désormais vous en servir chez {organisation}."),
                    format!("Si ce n’était pas vous, prévenez {organisation}, qui décide qui peut se connecter ainsi."),
                ],
                button: "Se connecter",
                link,
            },
        }
    }
}
