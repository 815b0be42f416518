//! The layers on top of one another, and the reading of one setting from them.

use std::collections::BTreeMap;

use config::{Config, ConfigError, Map, Source, Value};

use crate::kind::{Kind, Wrong};
use crate::layers::{self, Layer};
use crate::{Environment, SettingsError, Sources};

/// For every setting the text of the highest layer that has one.
pub(crate) struct Merged {
    values: BTreeMap<String, Value>,
    /// Settings of later versions that the environment holds.
    pub(crate) later: Vec<&'static str>,
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let value = |entry: &layers::Entry| Value::new(Some(&entry.source_name), entry.text.clone());
        Ok(self.entries.iter().map(|(name, entry)| ((*name).to_owned(), value(entry))).collect())
    }
}

impl Merged {
    pub(crate) fn read_layers(sources: &Sources) -> Result<Self, SettingsError> {
        let environment = layers::environment(&sources.environment, &sources.directory)?;
        let file = match &sources.config_file {
            Some(path) => layers::config_file(path, &sources.directory)?,
            None => Layer::default(),
        };
        let dotenv = match asks_for_production(&environment).or_else(|| asks_for_production(&file)) {
            Some(true) => Layer::default(),
            _ => layers::dotenv(&sources.directory)?,
        };
        refuse_production_by_dotenv(&environment, &dotenv)?;
        let later = environment.later.clone();
        let values = Config::builder()
            .add_source(layers::defaults())
            .add_source(file)
            .add_source(dotenv)
            .add_source(environment)
            .build()
            .and_then(|config| config.collect())
            .expect("layers hold flat names and texts, which always merge");
        Ok(Self { values: values.into_iter().collect(), later })
    }

    /// Reads one setting, or says what is wrong with its text.
    pub(crate) fn read<K: Kind>(&self, name: &'static str, kind: &K) -> Result<K::Value, SettingsError> {
        kind.parse(&self.text(name)).map_err(|wrong| {
            let reason = match wrong {
                Wrong::Because(reason) => reason,
                Wrong::Value { .. } if kind.is_secret() => {
                    format!("the value is not {}; use {}", kind.what(), kind.hint())
                }
                Wrong::Value { shown } => format!("{} is not {}; use {}", quoted(&shown), kind.what(), kind.hint()),
            };
            SettingsError::WrongValue { name, source_name: self.source_name(name).to_owned(), reason }
        })
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.value(name).clone().into_string().expect("layers hold texts")
    }

    pub(crate) fn source_name(&self, name: &str) -> &str {
        self.value(name).origin().expect("layers name themselves as the origin")
    }

    pub(crate) fn is_default(&self, name: &str) -> bool {
        layers::is_default(self.source_name(name))
    }

    /// Puts in the place of a default what another setting implies.
    pub(crate) fn imply(&mut self, name: &str, text: &str, by: &str) {
        let source_name = format!("implied by {by}");
        self.values.insert(name.to_owned(), Value::new(Some(&source_name), text));
    }

    fn value(&self, name: &str) -> &Value {
        self.values.get(name).expect("the defaults have a text for every setting")
    }
}

fn asks_for_production(layer: &Layer) -> Option<bool> {
    layer.text("ENVIRONMENT").map(Environment::is_production_in)
}

/// A `.env` that asks for production would be ignored by its own word, with everything in it.
fn refuse_production_by_dotenv(environment: &Layer, dotenv: &Layer) -> Result<(), SettingsError> {
    match dotenv.entries.get("ENVIRONMENT") {
        Some(entry) if asks_for_production(environment).is_none() && Environment::is_production_in(&entry.text) => {
            Err(SettingsError::WrongValue {
                name: "ENVIRONMENT",
                source_name: entry.source_name.clone(),
                reason: "production reads no .env; set it in the environment, with all that production needs"
                    .to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// The text in quotes on one line, and no more of it than one wants to read there.
fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let start: String = text.chars().take(MOST).collect();
    if start.len() < text.len() { format!("{:?}", format!("{start}…")) } else { format!("{text:?}") }
}
