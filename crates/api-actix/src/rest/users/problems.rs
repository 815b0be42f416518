//! What the errors of the use cases are to a client.

use application::authentication::ConfirmPasswordError;
use application::users::{
    ChangeUserError, CreateUserError, ExportUsersError, GetUserError, ListUsersError, UpdateUserError,
};
use domain::ports::{HashPasswordError, StorageError, StorageFault};
use domain::violation::FieldViolation;

use crate::error_code::ErrorCode;
use crate::problem::{FieldProblem, Problem};

/// A guess about hashing that lies further ahead is worth nothing: those who wait may be gone by then. In seconds.
const LONGEST_RETRY_AFTER: u64 = 60;

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error.fault() {
            // Retried for seconds already: whoever asks again later has a better chance than whoever waits.
            StorageFault::Retryable | StorageFault::Unavailable => Self::unavailable(error),
            // A COMMIT whose answer was lost means that the database is away, which is never a 500.
            StorageFault::UnknownOutcome => Self::outcome_unknown(error),
            StorageFault::Failed => Self::internal(error),
        }
    }
}

impl From<HashPasswordError> for Problem {
    fn from(error: HashPasswordError) -> Self {
        match error {
            HashPasswordError::Overloaded { retry_after } => {
                // Rounded up, as a client that comes early is refused again.
                let seconds = retry_after.as_secs().saturating_add(1).min(LONGEST_RETRY_AFTER);
                let detail = "Too many passwords are waiting to be checked or stored: try again in some seconds";
                Self::new(ErrorCode::Unavailable, detail).caused_by(error).retry_after(seconds)
            }
            HashPasswordError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<CreateUserError> for Problem {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::Forbidden => Self::of(ErrorCode::Forbidden),
            CreateUserError::UsernameTaken => Self::of(ErrorCode::UsernameTaken),
            CreateUserError::EmailTaken => Self::of(ErrorCode::EmailTaken),
            CreateUserError::ExternalIdTaken => Self::of(ErrorCode::ExternalIdTaken),
            CreateUserError::Invalid(found) => found.into(),
            CreateUserError::Hashing(error) => error.into(),
            CreateUserError::Storage(error) => error.into(),
        }
    }
}

impl From<GetUserError> for Problem {
    fn from(error: GetUserError) -> Self {
        match error {
            GetUserError::NotFound => Self::of(ErrorCode::UserNotFound),
            GetUserError::Forbidden => Self::of(ErrorCode::Forbidden),
            GetUserError::Storage(error) => error.into(),
        }
    }
}

impl From<ListUsersError> for Problem {
    fn from(error: ListUsersError) -> Self {
        match error {
            ListUsersError::Forbidden => Self::of(ErrorCode::Forbidden),
            ListUsersError::InvalidCursor => Self::validation(vec![FieldProblem::new(
                "cursor",
                "invalid_cursor",
                "It was not given out by this service for this filter and this order",
            )]),
            ListUsersError::Storage(error) => error.into(),
        }
    }
}

impl From<ChangeUserError> for Problem {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::NotFound => Self::of(ErrorCode::UserNotFound),
            ChangeUserError::Forbidden => Self::of(ErrorCode::Forbidden),
            ChangeUserError::PreconditionRequired => Self::of(ErrorCode::PreconditionRequired),
            ChangeUserError::PreconditionFailed => Self::of(ErrorCode::PreconditionFailed),
            ChangeUserError::LastAdministrator => Self::of(ErrorCode::LastAdministrator),
            ChangeUserError::UsernameTaken => Self::of(ErrorCode::UsernameTaken),
            ChangeUserError::EmailTaken => Self::of(ErrorCode::EmailTaken),
            ChangeUserError::ExternalIdTaken => Self::of(ErrorCode::ExternalIdTaken),
            ChangeUserError::Storage(error) => error.into(),
        }
    }
}

impl From<UpdateUserError> for Problem {
    fn from(error: UpdateUserError) -> Self {
        match error {
            UpdateUserError::Change(error) => error.into(),
            UpdateUserError::Hashing(error) => error.into(),
            UpdateUserError::Invalid(found) => found.into(),
            UpdateUserError::Confirm(error) => error.into(),
        }
    }
}

impl From<ExportUsersError> for Problem {
    fn from(error: ExportUsersError) -> Self {
        match error {
            ExportUsersError::Forbidden => Self::of(ErrorCode::Forbidden),
            ExportUsersError::Storage(error) => error.into(),
        }
    }
}

impl From<ConfirmPasswordError> for Problem {
    fn from(error: ConfirmPasswordError) -> Self {
        match error {
            ConfirmPasswordError::Wrong => Self::of(ErrorCode::CurrentPasswordWrong),
            ConfirmPasswordError::TooManyAttempts { retry_after } => Self::too_many_attempts(retry_after),
            ConfirmPasswordError::Hashing(error) => error.into(),
            ConfirmPasswordError::Storage(error) => error.into(),
        }
    }
}

impl From<Vec<FieldViolation>> for Problem {
    fn from(found: Vec<FieldViolation>) -> Self {
        let problem = |found: FieldViolation| {
            FieldProblem::new(found.pointer, found.violation.code(), found.violation.detail().to_owned())
        };
        Self::validation(found.into_iter().map(problem).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::http::header::RETRY_AFTER;

    use super::*;

    #[test]
    fn nobody_is_sent_away_for_longer_than_a_minute() {
        for (wait, told) in [(0, "1"), (8, "9"), (59, "60"), (60, "60"), (86_400, "60")] {
            let full = HashPasswordError::Overloaded { retry_after: Duration::from_secs(wait) };
            let headers: Vec<_> = Problem::from(full).headers().collect();
            let last = headers.iter().rfind(|(name, _)| *name == RETRY_AFTER).map(|(_, value)| value.to_str().unwrap());
            assert_eq!(last, Some(told), "{wait} s");
        }
    }
}
