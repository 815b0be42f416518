//! The edge: the one outer middleware, through which every request and every answer goes.
//!
//! It gives the request its id, applies the rules of paths, sizes and hosts before anything is routed, answers HEAD like
//! GET, ends what takes too long, catches panics, turns every error into a problem, sets the fixed headers and writes
//! the one access event. One hand-written middleware costs about a microsecond; the same as stock layers costs half the
//! throughput.
//!
//! Before routing nobody may hold a clone of the request (actix-web panics when it then changes it), so whatever the end
//! needs of it is kept as values in an `Exchange`.

mod admission;
mod answer;
mod deadline;
mod exchange;
mod incoming;
mod load;
mod measured;
mod path_rules;
mod request_id;
mod scope;

use std::future::{Future, Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use pin_project_lite::pin_project;
use tokio::time::Instant;

use self::admission::Admission;
use self::deadline::Deadline;
use self::exchange::{Exchange, Outcome};
pub(crate) use self::load::Load;
use self::load::{Gate, Lane};
use self::measured::RequestMetrics;
pub use self::request_id::RequestId;
pub(crate) use self::scope::RateFields;
pub use self::scope::RequestScope;
use crate::config::ApiConfig;

/// The edge, to be wrapped around an app last, so that it stands outermost.
pub(crate) struct Edge {
    admission: Rc<Admission>,
    load: Arc<Load>,
}

impl Edge {
    /// The edge of one worker; all workers share `load`.
    pub(crate) fn new(config: &ApiConfig, load: Arc<Load>) -> Self {
        Self { admission: Rc::new(Admission::new(config)), load }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Edge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = EdgeService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let (gate, metrics) = (Gate::new(Arc::clone(&self.load)), Rc::new(RequestMetrics::new()));
        ready(Ok(EdgeService { service, admission: Rc::clone(&self.admission), gate, metrics }))
    }
}

/// The edge around the services of one worker.
pub(crate) struct EdgeService<S> {
    service: S,
    admission: Rc<Admission>,
    gate: Rc<Gate>,
    metrics: Rc<RequestMetrics>,
}

impl<S, B> Service<ServiceRequest> for EdgeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = EdgeFuture<S::Future, B>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let lane = Lane::of(request.method(), request.uri().path());
        let slot = self.gate.admit(lane, started, || self.admission.caller(&request));
        let is_in = slot.is_ok();
        let exchange = Exchange::begin(&mut request, started, &self.admission, slot.ok(), &self.metrics);
        let deadline = Deadline::new(exchange.scope().clone());
        if !is_in {
            let outcome = Some(Outcome::TooMuch(request));
            return EdgeFuture { stage: Stage::Settled { outcome }, deadline, exchange: Some(exchange) };
        }
        let stage = match self.admission.admit(&mut request) {
            Err(problem) => Stage::Settled { outcome: Some(Outcome::Failed(problem)) },
            Ok(Some(permission)) => Stage::Settled { outcome: Some(Outcome::Permitted(permission)) },
            // A service may panic before it returns its future, too.
            Ok(None) => match catch_unwind(AssertUnwindSafe(|| self.service.call(request))) {
                Ok(future) => Stage::Running { future },
                Err(panic) => Stage::Settled { outcome: Some(Outcome::panicked(panic.as_ref())) },
            },
        };
        EdgeFuture { stage, deadline, exchange: Some(exchange) }
    }
}

pin_project! {
    /// One request on its way through the edge.
    pub(crate) struct EdgeFuture<F, B> {
        #[pin]
        stage: Stage<F, B>,
        #[pin]
        deadline: Deadline,
        exchange: Option<Exchange>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F, B> {
        Settled { outcome: Option<Outcome<B>> },
        Running { #[pin] future: F },
        Over,
    }
}

impl<F, B> Future for EdgeFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody + 'static,
{
    type Output = Result<ServiceResponse<BoxBody>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let outcome = match this.stage.as_mut().poll_outcome(context) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => {
                if let Some(exchange) = this.exchange {
                    exchange.waits();
                }
                ready!(this.deadline.poll(context));
                Outcome::TooLate
            }
        };
        // Whatever the request still holds is let go before the answer is made.
        this.stage.set(Stage::Over);
        let exchange = this.exchange.take().expect("a future is not polled after it is ready");
        Poll::Ready(exchange.finish(outcome, context))
    }
}

impl<F, B> Stage<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    fn poll_outcome(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome<B>> {
        match self.project() {
            StageProjection::Settled { outcome } => outcome.take().map_or(Poll::Pending, Poll::Ready),
            StageProjection::Running { future } => match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
                Ok(polled) => polled.map(|result| result.map_or_else(Outcome::Broken, Outcome::Answered)),
                Err(panic) => Poll::Ready(Outcome::panicked(panic.as_ref())),
            },
            StageProjection::Over => Poll::Pending,
        }
    }
}
