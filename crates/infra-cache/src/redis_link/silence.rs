//! Why Redis gave no answer.

use std::fmt;
use std::time::Duration;

use redis::RedisError;

/// Why there is no answer. Its text is for the log.
#[derive(Debug)]
pub(crate) enum Silence {
    /// None came within this time.
    Late(Duration),
    /// The connection failed, or the server refused.
    Failed(RedisError),
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late(patience) => write!(f, "no answer within {patience:?}"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}
