//! A secret in a file of its own, as container platforms hand them over.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::SettingsError;

/// No secret is as long, and a device that is named by mistake has no end.
const MOST_BYTES: u64 = 64 * 1024;

/// Reads the file that `name` names, without one trailing newline.
pub(crate) fn read(name: &str, path: &Path) -> Result<String, SettingsError> {
    let unreadable = |reason: String| SettingsError::Unreadable { what: name.to_owned(), reason };
    let content = content(path)
        .map_err(|error| unreadable(format!("cannot read {}: {error}; name a readable file", path.display())))?;
    if content.len() as u64 > MOST_BYTES {
        return Err(unreadable(format!(
            "{} holds more than 64 KiB; name a file with the secret alone",
            path.display()
        )));
    }
    let secret = content.strip_suffix('\n').map_or(content.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if secret.is_empty() {
        return Err(unreadable(format!("{} is empty; put the secret into it", path.display())));
    }
    Ok(secret.to_owned())
}

/// The file's text, or the beginning of one that is too long.
fn content(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    Ok(text)
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

    #[test]
    fn a_file_without_an_end_is_refused() {
        let line = read("NAME_FILE", Path::new("/dev/zero")).unwrap_err().to_string();
        assert_eq!(line, "NAME_FILE: /dev/zero holds more than 64 KiB; name a file with the secret alone");
        let file = NamedTempFile::new().unwrap();
        for (length, is_read) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
            fs::write(&file, "a".repeat(length)).unwrap();
            assert_eq!(read("NAME_FILE", file.path()).is_ok(), is_read, "{length}");
        }
    }
}
