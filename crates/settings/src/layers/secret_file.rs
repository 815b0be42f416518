//! A secret in a file of its own, as container platforms hand them over.

use std::path::Path;

use crate::SettingsError;

/// Reads the file that `name` names, without one trailing newline.
pub(super) fn read(name: &str, path: &Path) -> Result<String, SettingsError> {
    let unreadable = |reason: String| SettingsError::Unreadable { what: name.to_owned(), reason };
    let content = std::fs::read_to_string(path)
        .map_err(|error| unreadable(format!("cannot read {}: {error}; name a readable file", path.display())))?;
    let secret = content.strip_suffix('\n').map_or(content.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if secret.is_empty() {
        return Err(unreadable(format!("{} is empty; put the secret into it", path.display())));
    }
    Ok(secret.to_owned())
}
