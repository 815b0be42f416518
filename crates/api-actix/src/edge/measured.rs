//! The numbers of each request. The handles of one worker are kept by route, method and status, since making labels costs
//! more than all the rest of the edge.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use metrics::{Gauge, Histogram, Label, gauge, histogram};
use tokio::time::Instant;

use crate::metrics::{ACTIVE_REQUESTS, REQUEST_DURATION};

/// The methods that are told apart; any other may be any text.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// A method's name, unless a client made it up.
pub(super) fn known(method: &Method) -> &'static str {
    // The names of `METHODS`, which the compiler cannot hand out for good.
    const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    place_of(method).and_then(|place| NAMES.get(place)).copied().unwrap_or("_OTHER")
}

fn place_of(method: &Method) -> Option<usize> {
    METHODS.iter().position(|known| known == method)
}

/// What a handle is kept by. A route is known by where the name of its resource stands in this worker's memory, which is as
/// good as the route's pattern and need not be put together each time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    route: Option<usize>,
    method: Option<usize>,
    status: StatusCode,
}

/// The handles of one worker.
pub(super) struct RequestMetrics {
    durations: RefCell<HashMap<Kind, Histogram>>,
    active: [Gauge; METHODS.len()],
    other: Gauge,
}

impl RequestMetrics {
    /// Handles of the recorder that is installed by now.
    pub(super) fn new() -> Self {
        let active = |name: &'static str| gauge!(ACTIVE_REQUESTS, "http_request_method" => name);
        Self {
            durations: RefCell::default(),
            active: METHODS.each_ref().map(|method| active(known(method))),
            other: active("_OTHER"),
        }
    }

    /// Counts a request until its answer has begun or nobody waits for it.
    pub(super) fn begin(self: &Rc<Self>, method: &Method) -> Active {
        let active = Active { metrics: Rc::clone(self), method: place_of(method) };
        active.gauge().increment(1.0);
        active
    }

    /// Notes an answer; `request` is there where it was routed.
    pub(super) fn note(&self, request: Option<&HttpRequest>, method: &Method, status: StatusCode, started: Instant) {
        let name = request.and_then(HttpRequest::match_name);
        let kind = Kind { route: name.map(|name| name.as_ptr().addr()), method: place_of(method), status };
        let seconds = started.elapsed().as_secs_f64();
        if let Some(duration) = self.durations.borrow().get(&kind) {
            return duration.record(seconds);
        }
        let route = name.and(request).and_then(HttpRequest::match_pattern);
        let duration = duration(known(method), route, status);
        duration.record(seconds);
        self.durations.borrow_mut().insert(kind, duration);
    }
}

/// Where nothing was routed there is no route to tell, as OpenTelemetry wants it.
fn duration(method: &'static str, route: Option<String>, status: StatusCode) -> Histogram {
    let mut labels = vec![
        Label::from_static_parts("http_request_method", method),
        Label::new("http_response_status_code", status.as_str().to_owned()),
    ];
    labels.extend(route.map(|route| Label::new("http_route", route)));
    histogram!(REQUEST_DURATION, labels)
}

/// A request that is being worked on, until this is dropped.
pub(super) struct Active {
    metrics: Rc<RequestMetrics>,
    method: Option<usize>,
}

impl Active {
    fn gauge(&self) -> &Gauge {
        self.method.and_then(|place| self.metrics.active.get(place)).unwrap_or(&self.metrics.other)
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.gauge().decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_a_client_made_up_has_no_name() {
        assert_eq!(METHODS.each_ref().map(known).as_slice(), METHODS.each_ref().map(Method::as_str).as_slice());
        assert_eq!(known(&Method::from_bytes(b"BREW").unwrap()), "_OTHER");
    }
}
