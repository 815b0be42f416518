//! How often callers may ask, and what they are told about it (draft-ietf-httpapi-ratelimit-headers).

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpMessage, HttpRequest};
use domain::ports::{RateLimit, RateLimiter, RateStanding};

use crate::config::RateLimits;
use crate::edge::{RateFields, RequestScope};
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// What a request counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// A try to sign in, to register, or to choose a password by a token.
    Attempt,
    /// Reading.
    Read,
    /// Anything else.
    Write,
}

impl Counted {
    /// What the request of a signed-in caller counts as. HEAD is routed as GET.
    pub(super) fn of(method: &Method) -> Self {
        if *method == Method::GET || *method == Method::HEAD { Self::Read } else { Self::Write }
    }
}

/// The limits in force.
pub(crate) struct Rates {
    limiter: Arc<dyn RateLimiter>,
    attempt: Option<Rate>,
    read: Option<Rate>,
    write: Option<Rate>,
}

/// A limit, and how it is told.
struct Rate {
    limit: RateLimit,
    policy: HeaderValue,
}

impl Rates {
    /// Where nobody has to authenticate, reading and writing have no limits: behind a gateway all callers look like one.
    pub(crate) fn new(limiter: Arc<dyn RateLimiter>, limits: &RateLimits, auth_required: bool) -> Self {
        let of_callers = |limit: Option<RateLimit>| limit.filter(|_| auth_required).map(Rate::new);
        let (read, write) = (of_callers(limits.read), of_callers(limits.write));
        Self { limiter, attempt: limits.auth.map(Rate::new), read, write }
    }

    /// Whether such requests are counted at all.
    pub(super) fn counts(&self, what: Counted) -> bool {
        self.of(what).is_some()
    }

    /// Counts one request of `key`; its answer, whichever it is, says where the caller stands.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::TooManyRequests`].
    pub(super) async fn count(&self, what: Counted, key: &str, request: &HttpRequest) -> Result<(), Problem> {
        let Some(rate) = self.of(what) else { return Ok(()) };
        let standing = self.limiter.take(rate.limit, key).await;
        if let Some(scope) = request.extensions().get::<RequestScope>() {
            scope.tell_rate(RateFields { policy: rate.policy.clone(), standing: rate.tell(standing) });
        }
        if standing.is_allowed {
            return Ok(());
        }
        Err(Problem::too_soon(ErrorCode::TooManyRequests, standing.retry_after))
    }

    fn of(&self, what: Counted) -> Option<&Rate> {
        match what {
            Counted::Attempt => self.attempt.as_ref(),
            Counted::Read => self.read.as_ref(),
            Counted::Write => self.write.as_ref(),
        }
    }
}

impl Rate {
    fn new(limit: RateLimit) -> Self {
        let RateLimit { name, quota, window } = limit;
        let policy = format!("\"{name}\";q={quota};w={}", window.as_secs());
        Self { limit, policy: HeaderValue::try_from(policy).expect("the names of limits are plain words") }
    }

    fn tell(&self, standing: RateStanding) -> HeaderValue {
        let RateStanding { remaining, reset, .. } = standing;
        let standing = format!("\"{}\";r={remaining};t={}", self.limit.name, whole_seconds(reset));
        HeaderValue::try_from(standing).expect("the names of limits are plain words")
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}
