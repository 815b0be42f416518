//! `GET /metrics`: the numbers, for Prometheus.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpResponse, get, web};

/// What writes all numbers down.
pub(crate) type WriteMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// The text format that Prometheus reads.
const TEXT_FORMAT: (HeaderName, HeaderValue) =
    (CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));

/// How the service is doing, in numbers.
///
/// In the text format of Prometheus. Nobody needs a token for it, and it tells of nobody: where it shall not be seen by those who can
/// reach the API, `METRICS_PORT` serves it elsewhere.
#[utoipa::path(
    tag = "system",
    operation_id = "getMetrics",
    responses((
        status = 200, description = "The numbers.", body = String, content_type = "text/plain",
        example = "# TYPE http_server_active_requests gauge\nhttp_server_active_requests{http_request_method=\"GET\"} 1\n"
    ))
)]
#[get("/metrics")]
pub(crate) async fn metrics(write: web::Data<WriteMetrics>) -> HttpResponse {
    HttpResponse::Ok().insert_header(TEXT_FORMAT).body(write())
}
