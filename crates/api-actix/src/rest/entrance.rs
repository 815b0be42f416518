//! Who gets in: the extractors that find out who calls, count the call, and only then let a handler see it.
//!
//! A handler says by its argument who may call it, and sees nothing of a request that may not. Authentication comes first,
//! then the count; the form of the request, and what its caller may do, are looked at behind them.

use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use application::authentication::{Authenticated, Reach};
use domain::access::Actor;
use domain::values::{SessionId, UserUuid};
use futures_util::future::{Either, LocalBoxFuture};

use super::bearer;
use super::call::{Api, Call};
use super::rates::Counted;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// A caller on the way in. Whoever needs not be looked up is in at once.
type Entering<T> = Either<Ready<Result<T, Problem>>, LocalBoxFuture<'static, Result<T, Problem>>>;

/// What a signed-in caller asks for, as far as it matters for those who must choose another password first.
pub(crate) trait Wants {
    /// That.
    const REACH: Reach;
}

/// Anything.
pub(crate) enum Anything {}

/// One's own account and password, and signing out.
pub(crate) enum OwnPassword {}

impl Wants for Anything {
    const REACH: Reach = Reach::Everything;
}

impl Wants for OwnPassword {
    const REACH: Reach = Reach::OwnPassword;
}

/// A call by somebody who showed an access token, also where nobody has to.
pub(crate) struct SignedIn<W = Anything> {
    pub(super) call: Call,
    pub(super) user: UserUuid,
    pub(super) session: SessionId,
    pub(super) must_change_password: bool,
    wants: PhantomData<W>,
}

/// A call by somebody who tries to become somebody: no token is read, and the network's tries are counted.
pub(crate) struct Attempting(pub(super) Call);

/// A call whose handler counts it, since what it is counted under stands in its body.
pub(crate) struct Uncounted(pub(super) Call);

impl FromRequest for Call {
    type Error = Problem;
    type Future = Entering<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        enter(request, |api, request| {
            if request.headers().contains_key(AUTHORIZATION) || api.auth_required {
                return later(async { Ok(sign_in::<Anything>(api, request).await?.call) });
            }
            at_once(Ok(Self::new(api, request, Actor::AnonymousAdministrator, None)))
        })
    }
}

impl<W: Wants + 'static> FromRequest for SignedIn<W> {
    type Error = Problem;
    type Future = Entering<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        enter(request, |api, request| later(sign_in(api, request)))
    }
}

impl FromRequest for Attempting {
    type Error = Problem;
    type Future = Entering<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        enter(request, |api, request| {
            let call = Call::new(api, request, Actor::Anonymous, None);
            // Before the count, or a page could use up the tries of its visitors' network.
            if let Err(problem) = call.check_page() {
                return at_once(Err(problem));
            }
            if !call.api().rates.counts(Counted::Attempt) {
                return at_once(Ok(Self(call)));
            }
            later(async {
                call.api().rates.count(Counted::Attempt, &call.network(), call.request()).await?;
                Ok(Self(call))
            })
        })
    }
}

impl FromRequest for Uncounted {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(api_of(request).map(|api| Self(Call::new(api, request.clone(), Actor::Anonymous, None))))
    }
}

async fn sign_in<W: Wants>(api: Arc<Api>, request: HttpRequest) -> Result<SignedIn<W>, Problem> {
    let found = match bearer::token(request.headers()) {
        Ok(Some(token)) => api.authentication.authenticate(token, W::REACH).await.map_err(Problem::from),
        Ok(None) => {
            let detail = "Send an access token in the header Authorization, as in `Bearer eyJ…`; signing in gives one";
            Err(Problem::new(ErrorCode::Unauthenticated, detail))
        }
        Err(problem) => Err(problem),
    };
    let Authenticated { actor, session, must_change_password, .. } = match found {
        Ok(authenticated) => authenticated,
        Err(problem) => {
            if problem.code().status() == StatusCode::UNAUTHORIZED {
                // Counted, so that they are told, under the network; that they are nobody matters more than how often they ask.
                let counted = Counted::of(request.method());
                let call = Call::new(api, request, Actor::Anonymous, None);
                let key = format!("nobody:{}", call.network());
                let _ = call.api().rates.count(counted, &key, call.request()).await;
            }
            return Err(problem);
        }
    };
    let Some(user) = actor.uuid() else { return Err(Problem::internal("a token is of no user")) };
    let mut key = uuid::Uuid::encode_buffer();
    let key = user.get().as_hyphenated().encode_lower(&mut key);
    api.rates.count(Counted::of(request.method()), key, &request).await?;
    let call = Call::new(api, request, actor, Some(session));
    Ok(SignedIn { call, user, session, must_change_password, wants: PhantomData })
}

fn enter<T>(request: &HttpRequest, entrance: impl FnOnce(Arc<Api>, HttpRequest) -> Entering<T>) -> Entering<T> {
    match api_of(request) {
        Ok(api) => entrance(api, request.clone()),
        Err(problem) => at_once(Err(problem)),
    }
}

fn api_of(request: &HttpRequest) -> Result<Arc<Api>, Problem> {
    let api = request.app_data::<web::Data<Api>>().map(|api| Arc::clone(api));
    api.ok_or_else(|| Problem::internal("the app was made without its state"))
}

fn at_once<T>(result: Result<T, Problem>) -> Entering<T> {
    Either::Left(ready(result))
}

fn later<T>(entering: impl Future<Output = Result<T, Problem>> + 'static) -> Entering<T> {
    Either::Right(Box::pin(entering))
}
