//! Where settings are looked for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::SettingsError;
use crate::names;

/// The places that [`Settings::load`](crate::Settings::load) reads; a value, so that tests need no process environment.
#[derive(Clone, Default)]
pub struct Sources {
    /// The environment's variables; those that are no settings are ignored.
    pub environment: BTreeMap<String, String>,
    /// The TOML file of `--config`.
    pub config_file: Option<PathBuf>,
    /// The directory whose `.env` is read, and that relative names of secrets' files start from.
    pub directory: PathBuf,
}

impl Sources {
    /// Takes the settings among this process's environment variables, and `.env` of its working directory.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Unreadable`] if a setting's value is not UTF-8.
    pub fn from_process(config_file: Option<PathBuf>) -> Result<Self, SettingsError> {
        let mut environment = BTreeMap::new();
        // `vars_os`, because `vars` panics when any variable, ours or not, is not UTF-8.
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| names::is_ours(name)) else {
                continue;
            };
            let value = value.into_string().map_err(|_| SettingsError::Unreadable {
                what: name.to_owned(),
                reason: "the value is not UTF-8; use UTF-8".to_owned(),
            })?;
            environment.insert(name.to_owned(), value);
        }
        // An empty path stands for the working directory, and keeps file names in messages short.
        Ok(Self { environment, config_file, directory: PathBuf::new() })
    }
}
