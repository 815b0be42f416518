//! What is counted and timed of HTTP: names as OpenTelemetry has them, written as Prometheus does.
//!
//! Labels hold what the service itself made up (a route, a known method, a status), never anything a client wrote.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// How long requests took, by method, route and status.
pub const REQUEST_DURATION: &str = "http_server_request_duration_seconds";

/// Requests that are being worked on, by method.
pub const ACTIVE_REQUESTS: &str = "http_server_active_requests";

/// Requests that were refused because there was too much to do, by reason.
pub const REQUESTS_SHED: &str = "usermgmt_http_requests_shed_total";

/// How many requests are worked on at once before others are refused.
pub const REQUESTS_LIMIT: &str = "usermgmt_http_requests_limit";

/// The upper ends of the buckets of durations, in seconds: those that OpenTelemetry advises, and three below them, as most
/// answers take less than five milliseconds.
pub const DURATION_BUCKETS: [f64; 17] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Tells the recorder that is installed what these numbers mean.
pub fn describe() {
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "How long requests took, from their head to the head of their answer."
    );
    describe_gauge!(ACTIVE_REQUESTS, "Requests whose answer has not begun yet.");
    describe_counter!(REQUESTS_SHED, "Requests that were refused because there was too much to do.");
    describe_gauge!(REQUESTS_LIMIT, "Requests that are worked on at once before others are refused.");
}
