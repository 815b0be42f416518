//! Why a file cannot be read any further.

use std::io;

/// A file that is broken from some line on: nothing behind it can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum BrokenFile {
    /// There is something in the file that does not belong there.
    #[error("line {line}: {trouble}")]
    At {
        /// The line, counted from 1.
        line: u64,
        /// What is there.
        trouble: Trouble,
    },
    /// The file does not let itself be read.
    #[error("the file cannot be read")]
    Unreadable(#[from] io::Error),
}

impl BrokenFile {
    /// The line, if it is the file's contents that are broken.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::At { line, .. } => Some(*line),
            Self::Unreadable(_) => None,
        }
    }
}

/// What breaks a file. None of the texts repeats a value of the file, save for the names of columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// It is in an old encoding of one byte for each character.
    #[error(
        "this is not UTF-8; it looks like Windows-1252 (a spreadsheet's plain \"CSV\"): save it as \"CSV UTF-8\", or \
         convert it with `iconv -f WINDOWS-1252 -t UTF-8`"
    )]
    Windows1252,
    /// It is in UTF-16, as spreadsheets call "Unicode text".
    #[error(
        "this is not UTF-8; it looks like UTF-16 (a spreadsheet's \"Unicode text\"): save it as \"CSV UTF-8\", or \
         convert it with `iconv -f UTF-16 -t UTF-8`"
    )]
    Utf16,
    /// It is not text in UTF-8.
    #[error("this is not UTF-8 (byte 0x{byte:02X})")]
    NotUtf8 {
        /// The byte that cannot stand there.
        byte: u8,
    },
    /// It is no text at all.
    #[error("this is {what}: {advice}")]
    NotText {
        /// What it is.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A NUL character.
    #[error("there is a NUL character, which no text has: the file is damaged or of another kind")]
    Nul,
    /// A record that would have to be kept in memory.
    #[error("the record that begins here is longer than {} KiB; is a closing quote missing?", limit / 1024)]
    TooLong {
        /// The most bytes.
        limit: usize,
    },
    /// A cell whose quote is never closed.
    #[error("the quoted cell that begins here is not closed")]
    QuoteNotClosed,
    /// Something between a closing quote and the next separator.
    #[error(
        "there is something behind the closing quote of a cell; a quote inside of a quoted cell is written twice (\"\")"
    )]
    BehindQuote,
    /// A quote inside of a cell that is not quoted.
    #[error("there is a quote inside of a cell that is not quoted; quote the cell, and write its quotes twice (\"\")")]
    QuoteInCell,
    /// A carriage return alone.
    #[error("there is a carriage return without a line feed; lines end with either LF or CRLF")]
    CarriageReturn,
    /// Nothing to read.
    #[error("the file is empty; {expected}")]
    Empty {
        /// What should stand there.
        expected: &'static str,
    },
    /// A first line that holds none of our names.
    #[error("the first line is not a header: it names none of our columns ({columns})")]
    NoHeader {
        /// Our columns.
        columns: String,
    },
    /// Names in the header that mean nothing to us.
    #[error("unknown {}: {}", plural(.0, "column", "columns"), .0.join("; "))]
    UnknownColumns(
        /// Each of them, with what to do about it.
        Vec<String>,
    ),
    /// Two columns that mean the same.
    #[error("the column {0} is there more than once; `--map -=NAME` passes one over")]
    DuplicateColumn(
        /// Our name of it.
        String,
    ),
    /// A header without a column that every user has.
    #[error("there is no column {0}; `--map {0}=NAME` says which of the others it is")]
    MissingColumn(
        /// Our name of it.
        &'static str,
    ),
    /// A mapping of a column that is not there.
    #[error("there is no column `{0}`, which --map names")]
    UnmappedColumn(
        /// The name as mapped.
        String,
    ),
    /// A mapping for a format whose members have fixed names.
    #[error("--map is for CSV and NDJSON; in this format every member has its name")]
    NotMappable,
    /// What is not JSON.
    #[error("this is not valid JSON ({problem}{})", at_column(*.column))]
    Json {
        /// What the trouble is.
        problem: &'static str,
        /// In which column of the line, counted from 1, if known.
        column: Option<usize>,
    },
}

impl Trouble {
    pub(crate) fn at(self, line: u64) -> BrokenFile {
        BrokenFile::At { line, trouble: self }
    }
}

fn plural<'a, T>(of: &[T], one: &'a str, many: &'a str) -> &'a str {
    if of.len() == 1 { one } else { many }
}

fn at_column(column: Option<usize>) -> String {
    column.map(|column| format!(" at column {column}")).unwrap_or_default()
}
