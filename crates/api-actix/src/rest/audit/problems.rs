//! What the errors of reading the trail are to a client.

use application::audit::{ExportTrailError, FollowError, ListEventsError, VerifyTrailError};

use crate::error_code::ErrorCode;
use crate::problem::{FieldProblem, Problem};

impl From<ListEventsError> for Problem {
    fn from(error: ListEventsError) -> Self {
        let wrong =
            |name: &str, code, detail: &'static str| Self::validation(vec![FieldProblem::new(name, code, detail)]);
        match error {
            ListEventsError::Forbidden => Self::of(ErrorCode::Forbidden),
            ListEventsError::UserNotFound => Self::of(ErrorCode::UserNotFound),
            ListEventsError::UnknownAction => wrong("action", "unknown_action", "Nothing of this name ever happens"),
            ListEventsError::UnknownNumber(name) => {
                wrong(name, "unknown_user", "Nobody has this number; somebody who was erased is named by their UUID")
            }
            ListEventsError::InvalidCursor => {
                wrong("cursor", "invalid_cursor", "It was not given out by this service for these conditions")
            }
            ListEventsError::Storage(error) => error.into(),
        }
    }
}

impl From<FollowError> for Problem {
    fn from(error: FollowError) -> Self {
        match error {
            FollowError::Forbidden => Self::of(ErrorCode::Forbidden),
            FollowError::Missing(_) => Self::internal(error),
            FollowError::Storage(error) => error.into(),
        }
    }
}

impl From<ExportTrailError> for Problem {
    fn from(error: ExportTrailError) -> Self {
        match error {
            ExportTrailError::Forbidden => Self::of(ErrorCode::Forbidden),
            ExportTrailError::Storage(error) => error.into(),
        }
    }
}

impl From<VerifyTrailError> for Problem {
    fn from(error: VerifyTrailError) -> Self {
        match error {
            VerifyTrailError::Forbidden => Self::of(ErrorCode::Forbidden),
            VerifyTrailError::Storage(error) => error.into(),
        }
    }
}
