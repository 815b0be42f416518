//! What is wrong with the settings, in one line.

/// Why the settings cannot be used; displays as exactly one line and never shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A value is not what its setting takes.
    #[error("{}", one_line(&format!("{name}{}: {reason}", place(source_name))))]
    WrongValue {
        /// The setting.
        name: &'static str,
        /// Where the value came from, as `config show` says it.
        source_name: String,
        /// What is wrong and what would do.
        reason: String,
    },
    /// `.env` or the configuration file has a key that is no setting.
    #[error("{}", one_line(&format!("{name} in {source_name}: no such setting; {advice}")))]
    UnknownKey {
        /// The key as written.
        name: String,
        /// The file.
        source_name: String,
        /// What may have been meant.
        advice: String,
    },
    /// `.env` or the configuration file has a setting of a later version.
    #[error("{name} in {source_name}: not supported yet; remove it")]
    NotSupportedYet {
        /// The setting.
        name: &'static str,
        /// The file.
        source_name: String,
    },
    /// One layer sets the same thing twice.
    #[error("{}", one_line(&format!("{name}{}: set twice; keep one of the two", place(source_name))))]
    SetTwice {
        /// What is set twice; `NAME and NAME_FILE` where both are there.
        name: String,
        /// The layer.
        source_name: String,
    },
    /// A file of settings or a secret's file cannot be read or understood.
    #[error("{}", one_line(&format!("{what}: {reason}")))]
    Unreadable {
        /// The file, or the setting that names it.
        what: String,
        /// What is wrong and what would do.
        reason: String,
    },
    /// Values that are fine alone do not go together.
    #[error("{names}: {reason}")]
    Refused {
        /// The settings concerned.
        names: String,
        /// Why, and what would do.
        reason: String,
    },
}

/// Everyone looks in the environment first, so only the other places are worth naming.
fn place(source_name: &str) -> String {
    if source_name.starts_with(crate::layers::ENVIRONMENT) { String::new() } else { format!(" in {source_name}") }
}

/// Names of files and keys may hold anything; a log line may not.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}
