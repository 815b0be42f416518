//! Files of users, as they come from other systems and as they are written here.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod broken;
mod mended;
mod round_trip;
mod streaming;
mod systems;
mod tables;

use domain::input::Change;
use domain::violation::FieldViolation;
use user_files::{BrokenFile, Credential, ImportFormat, ImportedUser, ReadOptions, Record, UserReader};

/// Every record of a file that is not broken.
fn records(format: ImportFormat, file: &[u8]) -> Vec<Record> {
    read(ReadOptions::new(format), file).expect("the file is whole")
}

/// Every record of a file, or what breaks it.
fn read(options: ReadOptions, file: &[u8]) -> Result<Vec<Record>, BrokenFile> {
    UserReader::open(file, options)?.collect()
}

fn user(record: &Record) -> &ImportedUser {
    match &record.user {
        Ok(user) => user,
        Err(reasons) => panic!("record {} was rejected: {}", record.number, sentences(reasons)),
    }
}

/// Where records are wrong and why, as `/email invalid_email`.
fn reasons(record: &Record) -> Vec<String> {
    let found = record.user.as_ref().expect_err("the record is wrong");
    found.iter().map(|found| format!("{} {}", found.pointer, found.violation.code())).collect()
}

fn sentences(reasons: &[FieldViolation]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn hash(user: &ImportedUser) -> Option<&str> {
    match user.credential.as_ref()? {
        Credential::Hash(hash) => Some(hash.expose()),
        Credential::Password(password) => Some(password.expose_typed()),
    }
}

/// The text of a member that may be cleared.
fn text<T>(change: &Change<T>, as_str: impl Fn(&T) -> &str) -> Option<&str> {
    match change {
        Change::Set(value) => Some(as_str(value)),
        Change::Keep | Change::Clear => None,
    }
}
