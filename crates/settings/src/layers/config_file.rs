//! The TOML file of `--config`.

use std::path::Path;

use config::{ConfigError, File, FileFormat, Source, Value, ValueKind};

use super::{Builder, Layer};
use crate::SettingsError;
use crate::names::{self, Meaning};

/// Reads the file: settings at the top level, in small or capital letters, lists as arrays or between commas.
pub(crate) fn config_file(path: &Path, directory: &Path) -> Result<Layer, SettingsError> {
    let source_name = path.display().to_string();
    let unreadable = |reason: String| SettingsError::Unreadable { what: source_name.clone(), reason };
    let text = std::fs::read_to_string(path)
        .map_err(|error| unreadable(format!("cannot be read: {error}; name a readable file with --config")))?;
    let table = File::from_str(&text, FileFormat::Toml).collect().map_err(|error| unreadable(syntax(&error)))?;

    let mut builder = Builder::new(&source_name, directory);
    // In alphabetical order, so that of two mistakes the same one is told each time.
    let mut pairs: Vec<_> = table.into_iter().collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (written, value) in pairs {
        let name = written.to_ascii_uppercase();
        let text = text_of(&name, value, &source_name)?;
        builder.add(&name, &written, &text)?;
    }
    Ok(builder.layer)
}

/// What is wrong with the file's syntax: where, and the reason, without the line itself, which may hold a secret.
fn syntax(error: &ConfigError) -> String {
    let full = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    let mut lines = full.lines();
    let first = lines.next().unwrap_or_default();
    match lines.next_back() {
        Some(reason) => format!("{first}: {reason}"),
        None => first.to_owned(),
    }
}

fn text_of(name: &str, value: Value, source_name: &str) -> Result<String, SettingsError> {
    let (shape, items) = match value.kind {
        ValueKind::Array(items) => ("a list", items),
        ValueKind::Table(_) => ("a table", Vec::new()),
        _ => return Ok(value.into_string().unwrap_or_default()),
    };
    let Meaning::Value(key) = names::meaning(name) else {
        return Ok(String::new());
    };
    let wrong = || SettingsError::WrongValue {
        name: key.name,
        source_name: source_name.to_owned(),
        reason: format!("{shape} is not a value of this setting; use {}", key.hint),
    };
    if shape == "a table" || !key.is_list {
        return Err(wrong());
    }
    let texts: Option<Vec<_>> = items.into_iter().map(|item| item.into_string().ok()).collect();
    Ok(texts.ok_or_else(wrong)?.join(","))
}
