//! Whether an import goes on that was interrupted.

use domain::values::Digest;
use sha2::{Digest as _, Sha256};
use user_files::Record;

use crate::arguments::ImportArguments;
use crate::commands::Failure;

/// What stands for everything that was read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Prefix {
    hash: [u8; 32],
    records: i64,
}

impl Prefix {
    /// One record more.
    pub(super) fn add(&mut self, record: &Record) {
        let text = Sha256::digest(record.text.as_str());
        self.hash = Sha256::new().chain_update(self.hash).chain_update(text).finalize().into();
        self.records += 1;
    }

    /// How many records there were.
    pub(super) const fn records(&self) -> i64 {
        self.records
    }

    pub(super) const fn digest(&self) -> Digest {
        Digest::new(self.hash)
    }
}

/// What stands for the source, and for how it is imported: a file is known again by its first record.
pub(super) fn source(arguments: &ImportArguments, first: Option<&Record>) -> Digest {
    let how = format!("{:?}", (&arguments.format, &arguments.map, &arguments.on_conflict));
    let text = first.map_or("", |record| record.text.as_str());
    let hash = Sha256::new().chain_update(Sha256::digest(how)).chain_update(Sha256::digest(text)).finalize();
    Digest::new(hash.into())
}

pub(super) fn another_file(records: i64) -> Failure {
    Failure::new(format!(
        "an import of a file that begins like this one was interrupted after {records} records, but up to there this file is \
         another one; --restart begins anew, with what was taken over before counting as there already"
    ))
}
