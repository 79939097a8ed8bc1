//! Asks before something that cannot be undone.

use std::io::{IsTerminal, Write, stderr, stdin};

use anyhow::{Result, bail};
use clap::Args;

/// Whether one is sure.
#[derive(Args)]
pub(super) struct Sure {
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

impl Sure {
    /// Passes when told `--yes`, or when `word` is typed after `what`; where nobody can be asked, it does not.
    pub(super) fn about(&self, what: &str, word: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        if !stdin().is_terminal() {
            bail!("{what} Say --yes to do it.");
        }
        // Not to stdout: that may be for a program.
        eprint!("{what} Type {word} to do it: ");
        stderr().flush()?;
        let mut typed = String::new();
        stdin().read_line(&mut typed)?;
        if typed.trim() == word { Ok(()) } else { bail!("nothing was done") }
    }
}
