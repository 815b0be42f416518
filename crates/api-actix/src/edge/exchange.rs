//! One request and its answer: what is kept of the first to finish the second.

use std::any::Any;
use std::rc::Rc;
use std::task::Context;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{Method, Uri};
use actix_web::{Error, HttpMessage, HttpResponse};
use tokio::time::Instant;
use tracing::{Level, error, info, warn};

use super::admission::Admission;
use super::answer;
use super::incoming::IncomingBody;
use super::load::Slot;
use super::measured::{Active, RequestMetrics, known};
use super::request_id::RequestId;
use super::scope::RequestScope;
use crate::cross_origin::Grant;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// How a request ended inside the edge.
pub(super) enum Outcome<B> {
    /// With an answer, a good or a bad one.
    Answered(ServiceResponse<B>),
    /// With an error that no layer turned into an answer.
    Broken(Error),
    /// With permission for a page to send what it wants to, before anything was routed.
    Permitted(HttpResponse),
    /// With a refusal before anything was looked into, as there is too much to do.
    TooMuch(ServiceRequest),
    /// Before it was routed, or in a panic.
    Failed(Problem),
    /// Not in time.
    TooLate,
}

impl<B> Outcome<B> {
    pub(super) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let message = panic.downcast_ref::<&str>().map(ToString::to_string);
        let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Self::Failed(Problem::internal(format!("a handler panicked: {message}")))
    }
}

/// What is kept of a request until its answer stands.
pub(super) struct Exchange {
    method: Method,
    uri: Uri,
    started: Instant,
    scope: RequestScope,
    incoming: Option<IncomingBody>,
    grant: Option<Grant>,
    metrics: Rc<RequestMetrics>,
    _active: Active,
    /// The place that it takes among what is worked on, if it was let in.
    slot: Option<Slot>,
}

impl Exchange {
    pub(super) fn begin(
        request: &mut ServiceRequest,
        started: Instant,
        admission: &Admission,
        slot: Option<Slot>,
        metrics: &Rc<RequestMetrics>,
    ) -> Self {
        let scope = RequestScope::new(RequestId::of(request.headers()), started + admission.request_time());
        request.extensions_mut().insert(scope.clone());
        let incoming = IncomingBody::watch(request);
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            started,
            scope,
            incoming,
            grant: admission.pages().grant(request.headers()),
            metrics: Rc::clone(metrics),
            _active: metrics.begin(request.method()),
            slot,
        }
    }

    pub(super) fn scope(&self) -> &RequestScope {
        &self.scope
    }

    /// Notes that the request waits for something: for the rest of its body, or for what is done for it.
    pub(super) fn waits(&mut self) {
        if let Some(slot) = &mut self.slot {
            let is_arriving = self.incoming.as_ref().is_some_and(IncomingBody::is_open);
            slot.arrives(is_arriving);
            if !is_arriving {
                slot.waits();
            }
        }
    }

    /// Makes the answer, and the access event about it.
    pub(super) fn finish<B: MessageBody + 'static>(
        mut self,
        outcome: Outcome<B>,
        context: &mut Context<'_>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        match outcome {
            Outcome::Answered(answered) => {
                let (request, response) = answered.into_parts();
                let response = response.map_into_boxed_body();
                self.log_fault(response.error());
                let response = answer::with_problem(response, self.uri.path(), self.scope.id());
                let response = self.dress(response, context);
                if let Some(slot) = self.slot.as_mut().filter(|_| !response.status().is_server_error()) {
                    slot.ends_well();
                }
                self.metrics.note(Some(&request), &self.method, response.status(), self.started);
                self.log_access(&response, || request.match_pattern());
                Ok(ServiceResponse::new(request, response))
            }
            Outcome::Broken(error) => {
                self.log_fault(Some(&error));
                let response = answer::with_problem(HttpResponse::from_error(error), self.uri.path(), self.scope.id());
                Err(self.send_alone(response, context))
            }
            Outcome::TooMuch(request) => {
                // Nothing is logged of each: that would cost more than answering it. All of them are told once a second.
                let response = self.dress(answer::too_much(self.uri.path(), self.scope.id()), context);
                self.metrics.note(None, &self.method, response.status(), self.started);
                Ok(request.into_response(response))
            }
            Outcome::Permitted(response) => Err(self.send_alone(response, context)),
            Outcome::Failed(problem) => Err(self.refuse(problem, context)),
            Outcome::TooLate => {
                let problem = self.lateness();
                Err(self.refuse(problem, context))
            }
        }
    }

    /// The caller's fault if the body is still on its way, ours otherwise.
    fn lateness(&self) -> Problem {
        if self.incoming.as_ref().is_some_and(IncomingBody::is_open) {
            Problem::of(ErrorCode::RequestTimeout)
        } else if self.scope.writes() {
            Problem::outcome_unknown("the change was not done within its time")
        } else {
            Problem::unavailable("the request was not answered within its time")
        }
    }

    fn refuse(self, problem: Problem, context: &mut Context<'_>) -> Error {
        let response = answer::from_problem(&problem, self.uri.path(), self.scope.id());
        let error = Error::from(problem);
        self.log_fault(Some(&error));
        self.send_alone(response, context)
    }

    /// An answer for which no request is left is sent as an error that carries it.
    fn send_alone(mut self, response: HttpResponse, context: &mut Context<'_>) -> Error {
        let response = self.dress(response, context);
        self.metrics.note(None, &self.method, response.status(), self.started);
        self.log_access(&response, || None);
        InternalError::from_response("", response).into()
    }

    /// Gives an answer what every answer has.
    fn dress(&mut self, mut response: HttpResponse, context: &mut Context<'_>) -> HttpResponse {
        answer::set_fixed_headers(&mut response, self.scope.id());
        self.scope.write_rate(response.headers_mut());
        if let Some(grant) = self.grant.take() {
            grant.write(response.headers_mut());
        }
        if self.method == Method::HEAD {
            response = answer::without_body(response);
        }
        let Some(mut incoming) = self.incoming.clone() else {
            return response;
        };
        incoming.drain(context);
        if incoming.is_open() { response.map_body(|_, body| incoming.held_by(body)) } else { response }
    }

    /// A failure of ours is logged once, here, with its causes and under the id that the client sees.
    fn log_fault(&self, error: Option<&Error>) {
        let Some(error) = error else { return };
        if !error.as_response_error().status_code().is_server_error() {
            return;
        }
        let id = self.scope.id().as_str();
        match error.as_error::<Problem>() {
            Some(problem) if problem.code() == ErrorCode::Unavailable => {
                warn!(request_id = id, error = %problem.causes(), "could not answer: {}", problem.causes());
            }
            Some(problem) => error!(request_id = id, error = %problem.causes(), "failed: {}", problem.causes()),
            None => error!(request_id = id, error = %error, "failed: {error}"),
        }
    }

    /// One event for each answer: the route, never the path, which holds names; no address, no query.
    fn log_access(&self, response: &HttpResponse, route: impl FnOnce() -> Option<String>) {
        if !tracing::enabled!(target: "access", Level::INFO) {
            return;
        }
        let route = route().unwrap_or_else(|| "unmatched".into());
        let (method, status) = (known(&self.method), response.status().as_u16());
        info!(
            target: "access",
            method,
            route,
            status,
            duration_ms = self.started.elapsed().as_secs_f64() * 1000.0,
            request_id = self.scope.id().as_str(),
            "{method} {route} {status}",
        );
    }
}
