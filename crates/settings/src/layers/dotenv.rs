//! `.env` of the working directory, read without touching the process environment.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::Path;

use super::{Builder, Layer};
use crate::SettingsError;
use crate::names;

const FILE_NAME: &str = ".env";

/// Reads `.env`, if there is one.
pub(crate) fn dotenv(directory: &Path) -> Result<Layer, SettingsError> {
    let unreadable = |reason: String| SettingsError::Unreadable { what: FILE_NAME.to_owned(), reason };
    let text = match std::fs::read_to_string(directory.join(FILE_NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Layer::default()),
        Err(error) => return Err(unreadable(format!("cannot be read: {error}"))),
    };
    let lines_read = Cell::new(0);
    let mut builder = Builder::new(FILE_NAME, directory);
    for item in dotenvy::Iter::new(OneLineAtATime {
        rest: text.trim_start_matches('\u{feff}').as_bytes(),
        lines_read: &lines_read,
    }) {
        // dotenvy's own message quotes the line, which may hold a secret.
        let (name, value) = item.map_err(|_| {
            unreadable(format!(
                "line {} cannot be read; write NAME=value, a value with blanks in double quotes, one with $ or \\ in single quotes, every quote closed",
                lines_read.get()
            ))
        })?;
        if !names::belongs_to_others(&name) {
            builder.add(&name, &name, &value)?;
        }
    }
    Ok(builder.layer)
}

/// Hands out a line for each read, so that the number of the line under way is known.
struct OneLineAtATime<'a> {
    rest: &'a [u8],
    lines_read: &'a Cell<usize>,
}

impl Read for OneLineAtATime<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |newline| newline + 1);
        let (line, _) = self.rest.split_at(end.min(buffer.len()));
        let (start_of_buffer, _) = buffer.split_at_mut(line.len());
        start_of_buffer.copy_from_slice(line);
        if line.len() == end && !line.is_empty() {
            self.lines_read.set(self.lines_read.get() + 1);
        }
        self.rest = self.rest.split_at(line.len()).1;
        Ok(line.len())
    }
}
