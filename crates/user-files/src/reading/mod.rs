//! Reading: from bytes to records, in constant memory.

mod cells;
mod csv_rows;
mod encoding;
pub(crate) mod json_scan;
mod json_values;
mod window;

use std::io::Read;

use self::csv_rows::CsvRows;
use self::json_values::JsonValues;
use self::window::Window;
use crate::broken::{BrokenFile, Trouble};
use crate::format::ImportFormat;
use crate::options::ReadOptions;
use crate::record::Record;
use crate::writing::RejectedRows;

/// The most bytes of a record. It bounds the memory that reading takes: about twice as much.
pub const RECORD_LIMIT: usize = 1024 * 1024;

/// Reads users from a file, one at a time.
///
/// It reads ahead, so wrapping the input into a buffer gains nothing. What it gives ends with the file or with the first
/// [`BrokenFile`]; nothing follows behind either.
pub struct UserReader<R> {
    window: Window<R>,
    records: Records,
    options: ReadOptions,
    number: u64,
    passed_over: u64,
    is_over: bool,
}

enum Records {
    Csv(CsvRows),
    Json(JsonValues),
}

/// What stands next in a file.
enum Next {
    Record(Box<Record>),
    PassedOver,
    End,
}

impl<R: Read> UserReader<R> {
    /// Begins to read a file: looks at its first bytes, and of CSV reads the header.
    ///
    /// # Errors
    ///
    /// [`BrokenFile::Unreadable`], and [`BrokenFile::At`] where the beginning of the file shows that it is of no use: what
    /// is no text at all, a header that is none, or `--map` for a format without columns.
    pub fn open(input: R, options: ReadOptions) -> Result<Self, BrokenFile> {
        let mut window = Window::new(input);
        window.read_up_to(4)?;
        if let Some(trouble) = encoding::recognise(window.bytes()) {
            return Err(trouble.at(1));
        }
        if window.bytes().starts_with(b"\xef\xbb\xbf") {
            window.take(3);
        }
        let is_mappable = matches!(options.format, ImportFormat::Csv | ImportFormat::Ndjson);
        if !is_mappable && !options.columns.is_empty() {
            return Err(Trouble::NotMappable.at(1));
        }
        let records = match options.format {
            ImportFormat::Csv => Records::Csv(CsvRows::with_header(&mut window, &options.columns)?),
            ImportFormat::Firebase if !json_values::begins_as_json(&mut window)? => {
                Records::Csv(CsvRows::of_firebase())
            }
            format => Records::Json(JsonValues::open(&mut window, format)?),
        };
        Ok(Self { window, records, options, number: 0, passed_over: 0, is_over: false })
    }

    /// How many bytes of the file lie behind, for a progress bar.
    pub fn bytes_read(&self) -> u64 {
        self.window.taken()
    }

    /// How many records were passed over because they are something else than users: other tables of Django, accounts of
    /// services in Keycloak.
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// What writes this file's rejected records so that they can be mended and read again.
    pub fn rejected_rows(&self) -> RejectedRows {
        match &self.records {
            Records::Csv(rows) => rows.rejected_rows(),
            Records::Json(_) => RejectedRows::json(),
        }
    }

    fn read_next(&mut self) -> Result<Option<Record>, BrokenFile> {
        loop {
            let next = match &mut self.records {
                Records::Csv(rows) => rows.next(&mut self.window, &self.options, self.number + 1)?,
                Records::Json(values) => values.next(&mut self.window, &self.options, self.number + 1)?,
            };
            match next {
                Next::Record(record) => {
                    self.number += 1;
                    return Ok(Some(*record));
                }
                Next::PassedOver => self.passed_over += 1,
                Next::End => return Ok(None),
            }
        }
    }
}

impl<R: Read> Iterator for UserReader<R> {
    type Item = Result<Record, BrokenFile>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.read_next().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The text at the beginning of the window.
///
/// # Errors
///
/// What is no text, with its line.
fn text_of<R: Read>(window: &Window<R>, length: usize) -> Result<&str, BrokenFile> {
    let bytes = window.bytes().get(..length).unwrap_or_default();
    encoding::text(bytes).map_err(|(at, trouble)| trouble.at(line_at(window, at)))
}

/// The line of a byte in the window.
fn line_at<R: Read>(window: &Window<R>, at: usize) -> u64 {
    window.line() + window::line_feeds(window.bytes().get(..at).unwrap_or_default())
}

/// The trouble with a record that does not end, unless there may be more of it: then it is read.
fn read_more_of_record<R: Read>(window: &mut Window<R>) -> Result<(), BrokenFile> {
    if window.bytes().len() > RECORD_LIMIT {
        return Err(too_long(window));
    }
    Ok(window.read_on()?)
}

fn too_long<R: Read>(window: &Window<R>) -> BrokenFile {
    Trouble::TooLong { limit: RECORD_LIMIT }.at(window.line())
}
