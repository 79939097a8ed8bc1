//! What is not exchanged, because it does not open: it keeps nothing else from being exchanged, and the job from being
//! done.

use std::fmt::Display;

use shared::{Error, Result};

/// Of so many the log says which they are.
const SAID: usize = 20;

/// What was left behind in one walk over keys and values.
#[derive(Debug, Default)]
pub struct Stuck {
    count: usize,
    last: Option<Error>,
}

impl Stuck {
    /// Notes that something does not open. What passes by itself is an error at once, as when Vault does not answer: the
    /// next walk finds it gone.
    pub fn note(&mut self, what: impl Display, error: Error) -> Result<()> {
        let Error::Internal { .. } = error else { return Err(error) };
        if self.count < SAID {
            tracing::warn!(%what, %error, "it stays under its former key: it does not open");
        }
        self.count += 1;
        self.last = Some(error);
        Ok(())
    }

    /// An error where anything was left behind.
    pub fn told(self) -> Result<()> {
        let Some(last) = self.last else { return Ok(()) };
        Err(anyhow::anyhow!("{} do not open, all others are exchanged; as: {last}", self.count).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_open_is_told_in_the_end_and_what_passes_at_once() {
        let mut stuck = Stuck::default();
        for n in 1..=2 {
            stuck.note(n, anyhow::anyhow!("value {n}").into()).expect("noted");
        }
        assert!(matches!(stuck.note("database", Error::Unavailable("database")), Err(Error::Unavailable(_))));
        let told = stuck.told().expect_err("told").to_string();
        assert_eq!(told, "2 do not open, all others are exchanged; as: value 2");
        assert!(Stuck::default().told().is_ok());
    }
}
