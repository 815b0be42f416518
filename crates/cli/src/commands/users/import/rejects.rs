//! The file of rejected records, or what is told of them where there is none.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use domain::violation::FieldViolation;
use user_files::{Record, RejectedRows};

use crate::commands::Failure;
use crate::terminal::visible;

/// So many reasons are told on the terminal; a file holds all of them.
const TOLD: usize = 20;

/// So many bytes of rows one part has at most, but for the oddest.
const TAIL: u64 = 16 << 20;

/// Where rejected records go.
pub(super) struct Rejects {
    to: Option<To>,
    told: Mutex<Vec<String>>,
    error: Mutex<Option<Failure>>,
}

struct To {
    file: Mutex<File>,
    rows: RejectedRows,
    name: String,
    /// What an earlier run wrote last: the rows of a part that it did not store any more come again.
    tail: Vec<u8>,
    /// Where that ends.
    resumed_at: u64,
}

impl Rejects {
    pub(super) fn none() -> Self {
        Self { to: None, told: Mutex::default(), error: Mutex::default() }
    }

    /// Begins the file anew, or goes on with it.
    pub(super) fn open(path: Option<&Path>, rows: RejectedRows, is_resumed: bool) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::none()) };
        let name = path.display().to_string();
        let failed = |error| Failure::because(&format!("{name} cannot be written"), &error);
        let mut options = OpenOptions::new();
        // It holds what the records held, passwords included.
        options.mode(0o600);
        let mut file = options.create(true).truncate(!is_resumed).read(true).write(true).open(path).map_err(failed)?;
        let tail = read_tail(&mut file).map_err(failed)?;
        let resumed_at = file.seek(SeekFrom::End(0)).map_err(failed)?;
        if resumed_at == 0 {
            let mut header = Vec::new();
            rows.header(&mut header);
            file.write_all(&header).map_err(failed)?;
        }
        Ok(Self { to: Some(To { file: Mutex::new(file), rows, name, tail, resumed_at }), ..Self::none() })
    }

    /// Where the next rows begin: how many bytes, and how many reasons.
    pub(super) fn position(&self) -> (u64, usize) {
        let bytes = self.to.as_ref().map_or(0, |to| {
            let mut file = to.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.stream_position().unwrap_or_default()
        });
        (bytes, self.told.lock().unwrap_or_else(PoisonError::into_inner).len())
    }

    /// Writes rows from there on, durably; whether it could.
    pub(super) fn write<'r>(
        &self,
        (bytes, told): (u64, usize),
        rejected: impl Iterator<Item = (&'r Record, &'r [FieldViolation])>,
    ) -> bool {
        let mut reasons = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.truncate(told);
        let mut rows = Vec::new();
        for (record, why) in rejected {
            if let Some(to) = &self.to {
                to.rows.row(&record.text, why, &mut rows);
            } else if reasons.len() < TOLD {
                let why: Vec<_> = why.iter().map(ToString::to_string).collect();
                reasons.push(format!("line {}: {}", record.line, why.join("; ")));
            }
        }
        let Some(to) = &self.to else { return true };
        let mut file = to.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = if bytes == to.resumed_at { already_written(&to.tail, &rows) } else { 0 };
        let rows = rows.get(written..).unwrap_or_default();
        let mut write = || {
            file.set_len(bytes)?;
            file.seek(SeekFrom::Start(bytes))?;
            file.write_all(rows)?;
            if rows.is_empty() { Ok(()) } else { file.sync_data() }
        };
        let Err(error) = write() else { return true };
        let failure = Failure::because(&format!("{} cannot be written", to.name), &error);
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        false
    }

    /// Why rows could not be written, if so.
    pub(super) fn take_error(&self) -> Result<(), Failure> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }

    /// What it means in the end that so many were rejected.
    pub(super) fn verdict(&self, rejected: u64, path: Option<&Path>) -> Result<(), Failure> {
        if rejected == 0 {
            return Ok(());
        }
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for reason in told.iter() {
            super::eprint_line(&visible(reason));
        }
        Err(Failure::new(match path {
            Some(path) => format!("{rejected} records were rejected; they are in {}", path.display()),
            None => format!("{rejected} records were rejected; --rejected FILE writes them down"),
        }))
    }
}

/// As much of the end of a file as the rows of one part may take.
fn read_tail(file: &mut File) -> std::io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(tail)
}

/// How many bytes of the rows, from their beginning, the file ends with: a run that was killed wrote them, or a part of
/// them, before it could store what they belong to.
fn already_written(tail: &[u8], rows: &[u8]) -> usize {
    let longest = tail.len().min(rows.len());
    (1..=longest).rev().find(|length| rows.get(..*length).is_some_and(|start| tail.ends_with(start))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_a_killed_run_wrote_are_not_written_again() {
        assert_eq!(already_written(b"head\na\nb\n", b"a\nb\n"), 4);
        assert_eq!(already_written(b"head\na\nb", b"a\nb\n"), 3, "and of a row that was cut off the rest is");
        assert_eq!(already_written(b"head\n", b"a\nb\n"), 0);
        assert_eq!(already_written(b"", b"a\n"), 0);
    }
}
