//! The layers settings come from: the environment, `.env`, the configuration file and the defaults.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::SettingsError;
use crate::names::{self, Meaning};
use crate::secret_file;
use crate::table::keys;

mod config_file;
mod dotenv;

pub(crate) use config_file::config_file;
pub(crate) use dotenv::dotenv;

/// How the environment is called where a value's source is named.
pub(crate) const ENVIRONMENT: &str = "environment";
const DEFAULT: &str = "default";

/// A setting's text, and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) text: String,
    pub(crate) source_name: String,
}

/// What one source says, by the settings' own names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    pub(crate) entries: BTreeMap<&'static str, Entry>,
    /// Settings of later versions that the environment holds.
    pub(crate) later: Vec<&'static str>,
}

impl Layer {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.entries.get(name).map(|entry| entry.text.as_str())
    }
}

/// The defaults of the table.
pub(crate) fn defaults() -> Layer {
    let entry = |text: &str| Entry { text: text.to_owned(), source_name: DEFAULT.to_owned() };
    Layer { entries: keys().iter().map(|key| (key.name, entry(key.default))).collect(), later: Vec::new() }
}

pub(crate) fn is_default(source_name: &str) -> bool {
    source_name == DEFAULT
}

/// The variables of the environment that are settings; it belongs to everybody, so the others are ignored.
pub(crate) fn environment(variables: &BTreeMap<String, String>, directory: &Path) -> Result<Layer, SettingsError> {
    let mut builder = Builder::new(ENVIRONMENT, directory);
    for (name, text) in variables {
        match names::meaning(name) {
            Meaning::Later(name) => builder.layer.later.push(name),
            Meaning::Unknown => {}
            Meaning::Value(_) | Meaning::File(_) => builder.add(name, name, text)?,
        }
    }
    Ok(builder.layer)
}

/// Makes a layer of names as they are written.
struct Builder<'a> {
    source_name: &'a str,
    directory: &'a Path,
    layer: Layer,
    seen: BTreeSet<String>,
}

impl<'a> Builder<'a> {
    fn new(source_name: &'a str, directory: &'a Path) -> Self {
        Self { source_name, directory, layer: Layer::default(), seen: BTreeSet::new() }
    }

    /// Adds `name = text`; `written` is the name as its author spelt it.
    fn add(&mut self, name: &str, written: &str, text: &str) -> Result<(), SettingsError> {
        if !self.seen.insert(name.to_owned()) {
            return Err(self.set_twice(written.to_owned()));
        }
        match names::meaning(name) {
            // Compose files pass `${PORT:-}`: an empty text is a setting left unset.
            Meaning::Value(key) if text.is_empty() && !key.is_list => Ok(()),
            Meaning::Value(key) => {
                let is_alias = key.name != name;
                match self.layer.entries.contains_key(key.name) {
                    true if key.is_secret => return Err(self.set_twice(format!("{0} and {0}_FILE", key.name))),
                    // Where both are there, the setting's own name is the one that was meant.
                    true if is_alias => {}
                    _ => self.insert(key.name, text.to_owned(), is_alias.then_some(name)),
                }
                Ok(())
            }
            Meaning::File(_) if text.is_empty() => Ok(()),
            Meaning::File(key) => {
                if self.layer.entries.contains_key(key.name) {
                    return Err(self.set_twice(format!("{0} and {0}_FILE", key.name)));
                }
                let secret = secret_file::read(name, &self.directory.join(text))?;
                self.insert(key.name, secret, Some(name));
                Ok(())
            }
            Meaning::Later(name) => {
                Err(SettingsError::NotSupportedYet { name, source_name: self.source_name.to_owned() })
            }
            Meaning::Unknown => Err(SettingsError::UnknownKey {
                name: written.to_owned(),
                source_name: self.source_name.to_owned(),
                advice: names::advice(written),
            }),
        }
    }

    fn insert(&mut self, name: &'static str, text: String, other_name: Option<&str>) {
        let source_name = match other_name {
            Some(other) => format!("{} ({other})", self.source_name),
            None => self.source_name.to_owned(),
        };
        self.layer.entries.insert(name, Entry { text, source_name });
    }

    fn set_twice(&self, name: String) -> SettingsError {
        SettingsError::SetTwice { name, source_name: self.source_name.to_owned() }
    }
}
