//! Signing in: the name somebody types, and how long they wait after failures.

mod failures;
mod name;

pub use failures::{FailureRun, LoginKey, LoginStanding, Place};
pub use name::LoginName;
