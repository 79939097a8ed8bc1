//! How a process says that it does not start, and why.

use std::{fmt, process::ExitCode};

use super::Finding;

/// What `sysexits.h` calls `EX_CONFIG`: starting again changes nothing.
const EXIT: u8 = 78;

/// All that is wrong with a configuration.
#[derive(Debug)]
pub struct Refused(pub Vec<Finding>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this configuration is refused:")?;
        self.0.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

impl std::error::Error for Refused {}

impl Refused {
    /// Nothing, when nothing is wrong.
    pub fn unless_sound(findings: Vec<Finding>) -> Result<(), Self> {
        if findings.is_empty() { Ok(()) } else { Err(Self(findings)) }
    }

    /// Says it on standard error, and gives the exit code 78.
    pub fn tell(&self) -> ExitCode {
        eprintln!("{self}");
        EXIT.into()
    }
}

/// Prints whether a configuration is sound, for `config check`: exit code 0, or 78 as at a start.
pub fn report(checked: &Result<(), Refused>, as_json: bool) -> ExitCode {
    let findings = checked.as_ref().err().map_or(&[][..], |refused| &refused.0);
    match checked {
        _ if as_json => println!("{}", serde_json::json!({ "sound": findings.is_empty(), "findings": findings })),
        Ok(()) => println!("this configuration is sound"),
        Err(refused) => println!("{refused}"),
    }
    if findings.is_empty() { ExitCode::SUCCESS } else { EXIT.into() }
}
