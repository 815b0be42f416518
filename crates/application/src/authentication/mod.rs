//! Signing in, staying signed in and being signed out, a file for each use case.
//!
//! Slow work, hashing, stands in methods called `prepare_…`, which change nothing: a caller who does not wait for the end
//! drops them. What they return is handed to a method that changes something and has to be seen through to its end.

mod attempts;
mod authenticate;
mod bootstrap;
mod change_password;
mod clean_up;
mod login;
mod logout;
mod refresh;
mod register;
mod reset_password;
mod sessions;
mod tail;
#[cfg(test)]
mod tests;
mod token_pair;
mod unanswered;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::session::SessionLifetime;

use crate::{Ports, Users};

pub use attempts::ConfirmPasswordError;
pub(crate) use attempts::{Confirmed, confirm_password, name_digest};
pub use authenticate::{AuthenticateError, Authenticated, Reach};
pub use bootstrap::BootstrapError;
pub use change_password::{ChangePassword, ChangePasswordError, PreparedPasswordChange};
pub use clean_up::CleanedUp;
pub use login::{Login, LoginError, PreparedLogin};
pub use refresh::RefreshError;
pub use register::RegisterError;
pub use reset_password::{PreparedReset, ResetPasswordError, ResetToken, SpendResetError};
pub(crate) use sessions::revoke_all;
pub use sessions::{ListedSession, SessionError};
pub use tail::Tail;
pub use token_pair::TokenPair;

use unanswered::Unanswered;

/// Rules of signing in that an operator sets.
#[derive(Debug, Clone)]
pub struct AuthenticationPolicy {
    /// How long an access token is good.
    pub access_token: TimeDelta,
    /// How long sessions last.
    pub session: SessionLifetime,
    /// Whether people may make accounts for themselves.
    pub allow_registration: bool,
}

impl Default for AuthenticationPolicy {
    fn default() -> Self {
        Self {
            access_token: TimeDelta::minutes(15),
            session: SessionLifetime { idle: TimeDelta::days(7), absolute: TimeDelta::days(90) },
            allow_registration: false,
        }
    }
}

/// Everything that has to do with being signed in.
#[derive(Clone)]
pub struct Authentication {
    ports: Ports,
    policy: AuthenticationPolicy,
    users: Users,
    unanswered: Arc<Unanswered>,
}

impl Authentication {
    /// The use cases, under these rules. Accounts are made and changed through `users`, on whose ports they stand.
    pub fn new(users: Users, policy: AuthenticationPolicy) -> Self {
        Self { ports: users.ports.clone(), policy, users, unanswered: Arc::default() }
    }
}
