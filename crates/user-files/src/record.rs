//! What comes out of a file.

use std::fmt;

use domain::violation::FieldViolation;

use crate::user::ImportedUser;

/// One record of a file.
#[derive(Debug)]
pub struct Record {
    /// Which of the file's records it is, counted from 1; what is passed over is not counted.
    pub number: u64,
    /// The line it begins in, counted from 1.
    pub line: u64,
    /// The record as it stands in the file, for the file of rejected rows.
    pub text: RecordText,
    /// The user, or everything that is wrong, ordered by pointer. Pointers name our members, as `/email`, whatever they are
    /// called in the file; an empty one means the record as a whole.
    pub user: Result<ImportedUser, Vec<FieldViolation>>,
}

/// A record as it stands in its file: it may hold a password and does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordText(pub(crate) String);

impl RecordText {
    /// The text, without the end of its line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RecordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordText(..)")
    }
}
