//! Passwords, from a person at the terminal or from standard input.

use std::io::{IsTerminal as _, Read};

use domain::values::PasswordText;

use crate::commands::Failure;
use crate::prompt::Prompt;

/// More than the longest password takes, and a trailing newline.
const MOST_BYTES: u64 = 1024;

/// Where a password will come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A person types it, twice.
    Terminal,
    /// Standard input holds it.
    Input,
}

impl Source {
    /// The terminal, unless standard input is asked for or is none.
    pub(crate) fn choose(from_input: bool) -> Self {
        if from_input || !std::io::stdin().is_terminal() { Self::Input } else { Self::Terminal }
    }

    /// The password, exactly as it was typed or written.
    pub(crate) fn read(self) -> Result<PasswordText, Failure> {
        match self {
            Self::Terminal => ask(),
            Self::Input => from_input(std::io::stdin().lock()),
        }
    }
}

fn ask() -> Result<PasswordText, Failure> {
    let unreadable = |error| Failure::because("the password cannot be read from the terminal", &error);
    let mut prompt = Prompt::open().map_err(unreadable)?;
    let (password, again) =
        (prompt.ask("Password: ").map_err(unreadable)?, prompt.ask("The same again: ").map_err(unreadable)?);
    if password.expose() == again.expose() {
        return Ok(password);
    }
    Err(Failure::new("the two passwords are not the same; nothing was done"))
}

/// All of the input, but for one trailing newline: a password may begin or end with white space.
fn from_input(input: impl Read) -> Result<PasswordText, Failure> {
    let unreadable = |why: &str| Failure::new(format!("the password cannot be read from standard input: {why}"));
    let mut text = String::new();
    input.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(|error| unreadable(&error.to_string()))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(unreadable("there is more than a password"));
    }
    let without = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    if let Some(length) = without.map(str::len) {
        text.truncate(length);
    }
    if text.is_empty() {
        return Err(unreadable("it is empty"));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8]) -> Result<String, Failure> {
        from_input(input).map(|password| password.expose().to_owned())
    }

    #[test]
    fn one_trailing_newline_is_dropped_and_nothing_else() {
        for (input, password) in [
            ("a b", "a b"),
            ("ab\n", "ab"),
            ("ab\r\n", "ab"),
            (" ab \n\n", " ab \n"),
            ("\nab", "\nab"),
            ("ab\r", "ab\r"),
        ] {
            assert_eq!(read(input.as_bytes()).unwrap(), password, "{input:?}");
        }
    }

    #[test]
    fn what_can_be_no_password_is_refused() {
        for input in [&b""[..], b"\n", b"\xff\xfe", &[b'a'; 2000]] {
            assert!(read(input).is_err(), "{} bytes", input.len());
        }
    }
}
