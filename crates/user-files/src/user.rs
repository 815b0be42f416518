//! A user as a file tells of them.

pub use domain::input::{Credential, ImportedUser};
