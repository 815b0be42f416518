//! How a file is to be read.

use domain::values::PasswordPolicy;

use crate::column::ColumnMap;
use crate::format::ImportFormat;
use crate::hashes::{FirebaseScrypt, looks_like_a_hash};

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// What kind of file it is.
    pub format: ImportFormat,
    /// What its columns or members are called, where they have other names; for CSV and NDJSON only.
    pub columns: ColumnMap,
    /// What plain passwords must have.
    pub password_policy: PasswordPolicy,
    /// How the Firebase project hashes; without it, users of Firebase with a password are rejected.
    pub firebase: Option<FirebaseScrypt>,
    /// Whether a password could ever fit a hash: one that the verifier cannot read would make an account that nobody can
    /// enter. By default it is asked for no more than the beginning of a known form.
    pub hash_is_readable: fn(&str) -> bool,
}

impl ReadOptions {
    /// Everything as usual.
    pub fn new(format: ImportFormat) -> Self {
        Self {
            format,
            columns: ColumnMap::default(),
            password_policy: PasswordPolicy::default(),
            firebase: None,
            hash_is_readable: looks_like_a_hash,
        }
    }
}
