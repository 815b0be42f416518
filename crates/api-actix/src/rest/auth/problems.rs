//! What the errors of the use cases are to a client.

use application::authentication::{
    AuthenticateError, ChangePasswordError, LoginError, RefreshError, RegisterError, ResetPasswordError, SessionError,
    SpendResetError,
};
use domain::ports::{SignTokenError, StorageFault};

use crate::error_code::ErrorCode;
use crate::problem::Problem;

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Expired => {
                let detail = "The access token has expired, or the user's rights have changed: refresh it";
                Self::new(ErrorCode::TokenExpired, detail)
            }
            AuthenticateError::Invalid => {
                let detail =
                    "The access token is not one of ours, or its session has ended: refresh it once, or sign in again";
                Self::new(ErrorCode::TokenInvalid, detail)
            }
            AuthenticateError::PasswordChangeRequired => Self::of(ErrorCode::PasswordChangeRequired),
            AuthenticateError::Blind => Self::unavailable(error),
            AuthenticateError::Storage(error) => error.into(),
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => Self::of(ErrorCode::InvalidCredentials),
            LoginError::TooManyAttempts { retry_after } => Self::too_many_attempts(retry_after),
            LoginError::Hashing(error) => error.into(),
            LoginError::Signing(error) => error.into(),
            LoginError::Storage(error) => error.into(),
        }
    }
}

impl From<SignTokenError> for Problem {
    fn from(error: SignTokenError) -> Self {
        Self::internal(error)
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => {
                let detail = "The refresh token is not one of ours, was spent, or its session has ended: sign in again";
                Self::new(ErrorCode::TokenInvalid, detail)
            }
            RefreshError::Signing(error) => error.into(),
            RefreshError::Storage(error) if error.fault() == StorageFault::UnknownOutcome => {
                let detail = "The database went away while it stored the new tokens: send the same refresh token again";
                Self::new(ErrorCode::Unavailable, detail).caused_by(error)
            }
            RefreshError::Storage(error) => error.into(),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::SwitchedOff => Self::of(ErrorCode::RegistrationDisabled),
            RegisterError::Create(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Confirm(error) => error.into(),
            ChangePasswordError::Invalid(found) => found.into(),
            ChangePasswordError::Change(error) => error.into(),
            ChangePasswordError::Hashing(error) => error.into(),
        }
    }
}

impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::NotFound => Self::of(ErrorCode::UserNotFound),
            ResetPasswordError::Forbidden => Self::of(ErrorCode::Forbidden),
            ResetPasswordError::Storage(error) => error.into(),
        }
    }
}

impl From<SpendResetError> for Problem {
    fn from(error: SpendResetError) -> Self {
        match error {
            SpendResetError::InvalidToken => Self::of(ErrorCode::ResetTokenInvalid),
            SpendResetError::Invalid(found) => found.into(),
            SpendResetError::Hashing(error) => error.into(),
            SpendResetError::Storage(error) => error.into(),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::UserNotFound => Self::of(ErrorCode::UserNotFound),
            SessionError::NotFound => Self::of(ErrorCode::SessionNotFound),
            SessionError::Forbidden => Self::of(ErrorCode::Forbidden),
            SessionError::Storage(error) => error.into(),
        }
    }
}
