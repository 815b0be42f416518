//! The commands, a file each.

mod audit;
mod completions;
mod config;
mod doctor;
mod healthcheck;
mod keys;
mod migrate;
mod openapi;
mod serve;
mod users;

use std::error::Error;
use std::fmt;
use std::fmt::Write as _;
use std::io::Write as _;

use settings::{Loaded, Settings, SettingsError, Sources};

use crate::arguments::{Arguments, Command};
use crate::terminal::visible;

/// Why a command failed: one line for standard error.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A failure that says what could not be done, and why down to the root cause.
    pub(crate) fn because(what: &str, cause: &dyn Error) -> Self {
        Self(format!("{what}: {}", causes(cause)))
    }

    /// Prints the failure.
    pub(crate) fn report(&self) {
        let _ = writeln!(std::io::stderr(), "error: {}", visible(&self.0));
    }
}

/// An error and what lies behind it in one line, the nearest first.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Drivers' errors repeat their sources.
        if !text.ends_with(&cause_text) {
            let _ = write!(text, ": {cause_text}");
        }
        next = cause.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self(error.to_string())
    }
}

/// Does what the command line asks for.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    // Whoever installs it has no settings yet.
    if let Some(Command::Completions { shell }) = arguments.command {
        return completions::run(shell);
    }
    let loaded: Loaded = Settings::load(&Sources::from_process(arguments.config)?)?;
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Completions { shell } => completions::run(shell),
        Command::Doctor { repair, full, json } => doctor::run(&loaded, doctor::Thoroughness { repair, full }, json),
        Command::Users(command) => users::run(&loaded, command),
        Command::Serve => serve::run(&loaded),
        Command::Migrate(command) => migrate::run(&loaded.settings, command),
        Command::Audit(command) => audit::run(&loaded, command),
        Command::Keys(command) => keys::run(&loaded, command),
        Command::Config(command) => config::run(&loaded, command),
        Command::Openapi => openapi::run(&loaded.settings),
        Command::Healthcheck => healthcheck::run(&loaded.settings),
    }
}

/// Prints to standard output; a reader that went away is no failure of ours.
fn print(text: &str) -> Result<(), Failure> {
    print_while_read(text).map(|_| ())
}

/// Prints to standard output, and says whether anybody reads it.
fn print_while_read(text: &str) -> Result<bool, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::because("standard output cannot be written", &error)),
    }
}

/// Says something beside what is printed, for people.
fn remark(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
