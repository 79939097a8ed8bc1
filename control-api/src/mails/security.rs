//! What the mails about somebody's sign-in say: whatever changes there, its owner hears of it.

use super::Words;
use crate::identities::Locale;

/// Which mail, with what belongs into it.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// A session was ended because its token was used twice.
    SessionEnded {
        /// Where it was.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// A second factor was added.
    SecondFactorOn {
        /// Where it was done.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// A second factor was taken away.
    SecondFactorOff {
        /// Where it was done.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// Somebody came in with a recovery code.
    RecoveryCodeUsed {
        /// Where it was used.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
        /// How many are left.
        left: i64,
    },
    /// Somebody was wrong about the second factor as often as anybody may be.
    WrongProofs {
        /// Where it was tried.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// There are new recovery codes.
    RecoveryCodesRenewed {
        /// Where it was done.
        organisation: &'a str,
        /// Where to sign in.
        link: &'a str,
    },
    /// An operator took all second factors away.
    SecondFactorReset,
}

impl<'a> Notice<'a> {
    /// The mail's name in the database.
    pub fn template(&self) -> &'static str {
        match self {
            Self::SessionEnded { .. } => "session_ended",
            Self::SecondFactorOn { .. } => "second_factor_on",
            Self::SecondFactorOff { .. } => "second_factor_off",
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
            Self::WrongProofs { .. } => "wrong_proofs",
            Self::RecoveryCodesRenewed { .. } => "recovery_codes_renewed",
            Self::SecondFactorReset => "second_factor_reset",
        }
    }

    /// What it says.
    pub fn words(&self, locale: Locale) -> Words<'a> {
        let (subject, lines) = match locale {
            Locale::En => self.english(),
            Locale::Fr => self.french(),
        };
        let link = self.link();
        let button = match locale {
            _ if link.is_empty() => "",
            Locale::En => "Sign in",
            Locale::Fr => "Se connecter",
        };
        Words { subject, lines, button, link }
    }

    fn link(&self) -> &'a str {
        match self {
            Self::SessionEnded { link, .. }
            | Self::SecondFactorOn { link, .. }
            | Self::SecondFactorOff { link, .. }
            | Self::RecoveryCodeUsed { link, .. }
            | Self::WrongProofs { link, .. }
            | Self::RecoveryCodesRenewed { link, .. } => link,
            Self::SecondFactorReset => "",
        }
    }

    fn english(&self) -> (String, Vec<String>) {
        let not_you = "If this was not you, change your password at once and tell an administrator of your organisation.".to_owned();
        match *self {
            Self::SessionEnded { organisation, .. } => (
                format!("A session at {organisation} was ended"),
                vec![
                    format!("One of your sessions at {organisation} was continued from two places. To be safe we ended it."),
                    "Sign in again. If you do not know why this happened, change your password.".into(),
                ],
            ),
            Self::SecondFactorOn { organisation, .. } => (
                format!("A second factor was added to your account at {organisation}"),
                vec!["From now on you need it whenever you sign in. Your other sessions were ended.".into(), not_you],
            ),
            Self::SecondFactorOff { organisation, .. } => (
                format!("A second factor was removed from your account at {organisation}"),
                vec!["It is no longer asked for when you sign in. Your other sessions were ended.".into(), not_you],
            ),
            Self::RecoveryCodeUsed { organisation, left, .. } => (
                format!("A recovery code was used at {organisation}"),
                vec![
                    format!("Somebody proved with one of your recovery codes that they are you. Codes left: {left}."),
                    "If you have lost your phone, set up the new one in your security settings.".into(),
                    not_you,
                ],
            ),
            Self::WrongProofs { organisation, .. } => (
                format!("Wrong proofs for your account at {organisation}"),
                vec![
                    "Somebody showed several wrong codes or passwords where your account asks for a proof. None was accepted, \
                     and for a while no more are looked at."
                        .into(),
                    "If this was not you, change your password, and end the sessions that you do not know in your account.".into(),
                ],
            ),
            Self::RecoveryCodesRenewed { organisation, .. } => (
                format!("You have new recovery codes at {organisation}"),
                vec!["The former codes no longer work.".into(), not_you],
            ),
            Self::SecondFactorReset => (
                "Your second factor was reset".into(),
                vec![
                    "Helpdeskly’s operators have removed the second factor from your account, because somebody asked for it. All your sessions were ended.".into(),
                    "If you did not ask for this, change your password at once and tell an administrator of your organisation.".into(),
                ],
            ),
        }
    }

    fn french(&self) -> (String, Vec<String>) {
        let not_you =
            "Si ce n’était pas vous, changez tout de suite votre mot de passe et prévenez un administrateur de votre organisation."
                .to_owned();
        match *self {
            Self::SessionEnded { organisation, .. } => (
                format!("Une session chez {organisation} a été fermée"),
                vec![
                    format!("Une de vos sessions chez {organisation} a été poursuivie depuis deux endroits. Par sécurité, nous l’avons fermée."),
                    "Reconnectez-vous. Si vous n’en connaissez pas la raison, changez de mot de passe.".into(),
                ],
            ),
            Self::SecondFactorOn { organisation, .. } => (
                format!("Un second facteur a été ajouté à votre compte chez {organisation}"),
                vec!["Il vous sera demandé à chaque connexion. Vos autres sessions ont été fermées.".into(), not_you],
            ),
            Self::SecondFactorOff { organisation, .. } => (
                format!("Un second facteur a été retiré de votre compte chez {organisation}"),
                vec!["Il n’est plus demandé à la connexion. Vos autres sessions ont été fermées.".into(), not_you],
            ),
            Self::RecoveryCodeUsed { organisation, left, .. } => (
                format!("Un code de secours a été utilisé chez {organisation}"),
                vec![
                    format!("Quelqu’un a prouvé votre identité avec un de vos codes de secours. Codes restants : {left}."),
                    "Si vous avez perdu votre téléphone, configurez le nouveau dans vos réglages de sécurité.".into(),
                    not_you,
                ],
            ),
            Self::WrongProofs { organisation, .. } => (
                format!("Preuves erronées pour votre compte chez {organisation}"),
                vec![
                    "Quelqu’un a donné plusieurs codes ou mots de passe erronés là où votre compte demande une preuve. Aucun n’a \
                     été accepté, et pour un moment aucun autre n’est examiné."
                        .into(),
                    "Si ce n’était pas vous, changez votre mot de passe et terminez les sessions que vous ne connaissez pas.".into(),
                ],
            ),
            Self::RecoveryCodesRenewed { organisation, .. } => (
                format!("Vous avez de nouveaux codes de secours chez {organisation}"),
                vec!["Les anciens codes ne fonctionnent plus.".into(), not_you],
            ),
            Self::SecondFactorReset => (
                "Votre second facteur a été réinitialisé".into(),
                vec![
                    "Les opérateurs de Helpdeskly ont retiré le second facteur de votre compte, car quelqu’un l’a demandé. Toutes vos sessions ont été fermées.".into(),
                    "Si vous ne l’avez pas demandé, changez tout de suite votre mot de passe et prévenez un administrateur de votre organisation.".into(),
                ],
            ),
        }
    }
}
