//! Settings that have been read, and where each came from.

use crate::Settings;
use crate::merged::Merged;
use crate::table::keys;

/// The settings with their provenance.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Settings of later versions that the environment holds; they have no effect, which the start should say.
    pub not_supported_yet: Vec<&'static str>,
    shown: Vec<ShownSetting>,
}

/// A setting as `config show` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownSetting {
    /// Its name.
    pub key: &'static str,
    /// Its value, `[redacted]` where it is secret, empty where it is not set.
    pub value: String,
    /// `environment`, `.env`, the configuration file's name or `default`, with the name in brackets by which it was
    /// set if that is another one.
    pub source: String,
}

impl Loaded {
    /// Every setting with its value and source, in the order of the documents; shows no secret.
    pub fn describe(&self) -> Vec<ShownSetting> {
        self.shown.clone()
    }
}

pub(crate) fn new(settings: Settings, merged: &Merged) -> Loaded {
    let shown = keys()
        .into_iter()
        .map(|key| ShownSetting {
            key: key.name,
            value: (key.show)(&merged.text(key.name)),
            source: merged.source_name(key.name).to_owned(),
        })
        .collect();
    Loaded { settings, not_supported_yet: merged.later.clone(), shown }
}
