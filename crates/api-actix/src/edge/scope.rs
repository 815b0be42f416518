//! What handlers can learn from the edge about the request they answer.

use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use tokio::time::Instant;

use super::request_id::RequestId;
use crate::problem::Problem;

static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The id and the deadline of the request in hand. Cloning is cheap and shares the deadline.
#[derive(Debug, Clone)]
pub struct RequestScope(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    id: RequestId,
    deadline: Cell<Instant>,
    writes: Cell<bool>,
    rate: RefCell<Option<RateFields>>,
}

/// What an answer says about how often its caller may ask (draft-ietf-httpapi-ratelimit-headers).
#[derive(Debug)]
pub(crate) struct RateFields {
    /// The limit, for `RateLimit-Policy`.
    pub(crate) policy: HeaderValue,
    /// Where the caller stands, for `RateLimit`.
    pub(crate) standing: HeaderValue,
}

impl RequestScope {
    pub(super) fn new(id: RequestId, deadline: Instant) -> Self {
        Self(Rc::new(Inner { id, deadline: Cell::new(deadline), writes: Cell::new(false), rate: RefCell::new(None) }))
    }

    /// The request's id.
    pub fn id(&self) -> &RequestId {
        &self.0.id
    }

    /// When the answer must stand.
    pub fn deadline(&self) -> Instant {
        self.0.deadline.get()
    }

    /// Notes that a change begins, which runs to its end whoever waits, and leaves at least `time` for its answer.
    pub fn begin_write(&self, time: Duration) {
        self.0.writes.set(true);
        self.0.deadline.set(self.deadline().max(Instant::now() + time));
    }

    /// Whether a change has begun.
    pub fn writes(&self) -> bool {
        self.0.writes.get()
    }

    /// Notes what the answer, whichever it will be, says about how often its caller may ask.
    pub(crate) fn tell_rate(&self, fields: RateFields) {
        self.0.rate.replace(Some(fields));
    }

    /// Writes what was noted into the head of the answer.
    pub(super) fn write_rate(&self, headers: &mut HeaderMap) {
        if let Some(RateFields { policy, standing }) = self.0.rate.take() {
            headers.insert(RATE_LIMIT_POLICY.clone(), policy);
            headers.insert(RATE_LIMIT.clone(), standing);
        }
    }

    /// Gives the request `time` from now, for answers that wait on purpose.
    pub fn extend(&self, time: Duration) {
        self.0.deadline.set(Instant::now() + time);
    }
}

impl FromRequest for RequestScope {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let scope = request.extensions().get::<Self>().cloned();
        ready(scope.ok_or_else(|| Problem::internal("the request did not come through the edge")))
    }
}
