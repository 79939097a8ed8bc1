//! What the mail about a new device says.

use super::Words;

/// Somebody came in with a device, or from a network, that is new.
#[derive(Debug, Clone, Copy)]
pub struct NewDevice<'a> {
    /// Where they came in.
    pub organisation: &'a str,
    /// Browser and system, in signs of no language.
    pub device: &'a str,
    /// The address; empty when it is not known.
    pub ip: &'a str,
    /// When, in UTC.
    pub at: &'a str,
    /// Where to sign in.
    pub link: &'a str,
}

impl<'a> NewDevice<'a> {
    pub(super) fn english(&self) -> Words<'a> {
        let Self { organisation, device, ip, at, link } = *self;
        Words {
            subject: format!("New sign-in to {organisation}"),
            lines: vec![
                format!("Somebody signed in to your account at {organisation} with a device or from a network that is new:"),
                format!("{device}, {ip}, {at}"),
                "If it was you, there is nothing to do. If not, sign in, end that session in your settings and change your password."
                    .into(),
            ],
            button: "Sign in",
            link,
        }
    }

    pub(super) fn french(&self) -> Words<'a> {
        let Self { organisation, device, ip, at, link } = *self;
        let not_you = "Si c’était vous, il n’y a rien à faire. Sinon, connectez-vous, fermez cette session dans vos réglages et changez de mot de passe.";
        Words {
            subject: format!("Nouvelle connexion à {organisation}"),
            lines: vec![
                format!("Quelqu’un s’est connecté à votre compte chez {organisation} avec un appareil ou depuis un réseau inconnu :"),
                format!("{device}, {ip}, {at}"),
                not_you.into(),
            ],
            button: "Se connecter",
            link,
        }
    }
}
