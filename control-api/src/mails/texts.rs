//! What the mails say, in French and in English.

use shared::session::Role;

use super::{Notice, access::Access, address::Address, arrivals::NewDevice, export::ExportText, keys::KeyText, leaving::Leaving};
use crate::identities::Locale;

/// Which mail, with what belongs into it.
#[derive(Debug, Clone, Copy)]
pub enum Text<'a> {
    /// Prove that this address is yours.
    ProveAddress {
        /// The organisation one signed up or registered at.
        organisation: &'a str,
        /// Opening it proves the address.
        link: &'a str,
        /// What one is there: an admin founded it, a customer registered.
        role: Role,
    },
    /// You registered, but you are known here.
    AlreadyKnown {
        /// The organisation.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// You registered, but an admin has taken you out.
    NoLonger {
        /// The organisation.
        organisation: &'a str,
    },
    /// Somebody asks you in.
    Invitation {
        /// The organisation.
        organisation: &'a str,
        /// Who asks.
        inviter: &'a str,
        /// Opening it accepts.
        link: &'a str,
    },
    /// You came in with a device, or from a network, that is new.
    NewDevice(NewDevice<'a>),
    /// Something about your sign-in has changed.
    Security(Notice<'a>),
    /// About a password or a link to come in.
    Access(Access<'a>),
    /// About a change of address.
    Address(Address<'a>),
    /// Another way in, or one less.
    Key(KeyText<'a>),
    /// About the end of an organisation.
    Leaving(Leaving<'a>),
    /// About an archive that you asked for.
    Export(ExportText<'a>),
}

/// A mail's words.
#[derive(Debug, serde::Serialize)]
pub struct Words<'a> {
    /// The subject.
    pub subject: String,
    /// Paragraphs.
    pub lines: Vec<String>,
    /// What the link's button says; empty without a link.
    pub button: &'static str,
    /// The link.
    pub link: &'a str,
}

impl<'a> Text<'a> {
    /// The mail's name in the database.
    pub fn template(&self) -> &'static str {
        match self {
            Self::ProveAddress { .. } => "prove_address",
            Self::AlreadyKnown { .. } => "already_known",
            Self::NoLonger { .. } => "no_longer",
            Self::Invitation { .. } => "invitation",
            Self::NewDevice(_) => "new_device",
            Self::Security(notice) => notice.template(),
            Self::Access(access) => access.template(),
            Self::Address(address) => address.template(),
            Self::Key(text) => text.template(),
            Self::Leaving(text) => text.template(),
            Self::Export(text) => text.template(),
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
            Self::ProveAddress { organisation, link, role } => Words {
                subject: format!("Confirm your e-mail address for {organisation}"),
                lines: vec![
                    if role.is_staff() {
                        format!("{organisation} has been signed up with this address. Confirm it, and you can invite your team.")
                    } else {
                        format!("You registered at the support portal of {organisation}. Confirm your address, and you can sign in.")
                    },
                    "The link works once, within the next hour. If this was not you, ignore this mail: nothing happens.".into(),
                ],
                button: "Confirm this address",
                link,
            },
            Self::AlreadyKnown { organisation, link } => words(
                format!("You already have an account at {organisation}"),
                [
                    format!(
                        "Somebody registered with this address at the support portal of {organisation}, where it has an account already."
                    ),
                    "If it was you, sign in with your password. If not, there is nothing to do.".into(),
                ],
                ("Sign in", link),
            ),
            Self::NoLonger { organisation } => words(
                format!("Your registration at {organisation}"),
                [
                    format!("Somebody registered with this address at the support portal of {organisation}, which has ended its access."),
                    "Only an invitation from there can open it again. If this was not you, there is nothing to do.".into(),
                ],
                ("", ""),
            ),
            Self::Invitation { organisation, inviter, link } => words(
                format!("{inviter} invites you to {organisation}"),
                [
                    format!("{inviter} invites you to work with {organisation} on Helpdeskly."),
                    "The link works once, within the next seven days.".into(),
                ],
                ("Accept the invitation", link),
            ),
            Self::NewDevice(arrival) => arrival.english(),
            Self::Security(notice) => notice.words(Locale::En),
            Self::Access(access) => access.words(Locale::En),
            Self::Address(address) => address.words(Locale::En),
            Self::Key(text) => text.english(),
            Self::Leaving(text) => text.english(),
            Self::Export(text) => text.words(Locale::En),
        }
    }

    fn french(&self) -> Words<'a> {
        match *self {
            Self::ProveAddress { organisation, link, role } => Words {
                subject: format!("Confirmez votre adresse e-mail pour {organisation}"),
                lines: vec![
                    if role.is_staff() {
                        format!("{organisation} a été inscrite avec cette adresse. Confirmez-la et vous pourrez inviter votre équipe.")
                    } else {
                        format!(
                            "Vous vous êtes inscrit au portail d’assistance de {organisation}. Confirmez votre adresse pour vous connecter."
                        )
                    },
                    "Le lien fonctionne une fois, pendant une heure. Si ce n’était pas vous, ignorez ce message : il ne se passera rien."
                        .into(),
                ],
                button: "Confirmer cette adresse",
                link,
            },
            Self::AlreadyKnown { organisation, link } => words(
                format!("Vous avez déjà un compte chez {organisation}"),
                [
                    format!(
                        "Quelqu’un s’est inscrit avec cette adresse au portail d’assistance de {organisation}, où elle a déjà un compte."
                    ),
                    "Si c’était vous, connectez-vous avec votre mot de passe. Sinon, il n’y a rien à faire.".into(),
                ],
                ("Se connecter", link),
            ),
            Self::NoLonger { organisation } => words(
                format!("Votre inscription chez {organisation}"),
                [
                    format!(
                        "Quelqu’un s’est inscrit avec cette adresse au portail d’assistance de {organisation}, qui lui a retiré son accès."
                    ),
                    "Seule une invitation de sa part peut le rétablir. Si ce n’était pas vous, il n’y a rien à faire.".into(),
                ],
                ("", ""),
            ),
            Self::Invitation { organisation, inviter, link } => words(
                format!("{inviter} vous invite chez {organisation}"),
                [
                    format!("{inviter} vous invite à travailler avec {organisation} sur Helpdeskly."),
                    "Le lien fonctionne une fois, pendant sept jours.".into(),
                ],
                ("Accepter l’invitation", link),
            ),
            Self::NewDevice(arrival) => arrival.french(),
            Self::Security(notice) => notice.words(Locale::Fr),
            Self::Access(access) => access.words(Locale::Fr),
            Self::Address(address) => address.words(Locale::Fr),
            Self::Key(text) => text.french(),
            Self::Leaving(text) => text.french(),
            Self::Export(text) => text.words(Locale::Fr),
        }
    }
}

/// Two paragraphs and a link.
pub fn words<'a>(subject: String, lines: [String; 2], (button, link): (&'static str, &'a str)) -> Words<'a> {
    Words { subject, lines: lines.into(), button, link }
}
