//! What people do in these tests.

use std::net::IpAddr;

use domain::access::Actor;
use domain::audit::Origin;
use domain::user::UserView;
use domain::values::SessionId;

use crate::RequestContext;
use crate::authentication::{AuthenticateError, Authenticated, Login, LoginError, Reach, TokenPair};
use crate::fixture::{World, by};

/// The password of users that tests make.
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// A request of nobody yet, from here.
pub(super) fn from(ip: &str) -> RequestContext {
    let ip = Some(ip.parse::<IpAddr>().unwrap());
    RequestContext::new(Actor::Anonymous, Origin { ip, ..Origin::default() })
}

pub(super) const HOME: &str = "203.0.113.7";
pub(super) const ELSEWHERE: &str = "198.51.100.9";

/// A request of this user by this session.
pub(super) fn by_session(user: &UserView, session: SessionId) -> RequestContext {
    let mut context = by(user);
    context.origin.session_id = Some(session.get());
    context
}

pub(super) fn login(name: &str, password: &str) -> Login {
    Login { name: name.to_owned(), password: password.into() }
}

impl World {
    /// Tries to sign in.
    pub(super) async fn try_login(&self, ip: &str, name: &str, password: &str) -> Result<TokenPair, LoginError> {
        self.authentication.login(&from(ip), login(name, password)).await
    }

    /// Signs this user in, at home.
    pub(super) async fn signed_in(&self, user: &UserView) -> TokenPair {
        self.try_login(HOME, &user.username, PASSWORD).await.unwrap()
    }

    pub(super) async fn authenticate(&self, pair: &TokenPair) -> Result<Authenticated, AuthenticateError> {
        self.authentication.authenticate(&pair.access_token, Reach::Everything).await
    }

    /// Whether the access token is good, or why it is not.
    pub(super) async fn standing(&self, pair: &TokenPair) -> &'static str {
        match self.authenticate(pair).await {
            Ok(_) => "good",
            Err(AuthenticateError::Expired) => "expired",
            Err(AuthenticateError::Invalid) => "invalid",
            Err(AuthenticateError::PasswordChangeRequired) => "password change required",
            Err(AuthenticateError::Blind) => "blind",
            Err(AuthenticateError::Storage(error)) => panic!("{error:?}"),
        }
    }
}
