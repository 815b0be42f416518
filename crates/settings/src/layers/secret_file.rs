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

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::NamedTempFile;

    use super::*;

    #[test]
    fn one_newline_is_dropped_and_nothing_else() {
        let file = NamedTempFile::new().unwrap();
        for (content, secret) in [(" a\tb ", " a\tb "), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("\na", "\na")]
        {
            fs::write(&file, content).unwrap();
            assert_eq!(read("NAME_FILE", file.path()).unwrap(), secret);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let file = NamedTempFile::new().unwrap();
        fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(read("NAME_FILE", file.path()).unwrap_err().to_string().contains("valid UTF-8"));
    }
}
