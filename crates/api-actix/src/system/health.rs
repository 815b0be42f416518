//! `GET /health`: the process lives.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

/// That the process lives.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `healthy`: a process that is not does not answer.
    #[schema(example = "healthy")]
    status: &'static str,
}

/// Is the process alive?
///
/// Answers as long as the process does, whatever else is away. For restarting it; `/ready` is for routing to it.
#[utoipa::path(
    tag = "system",
    operation_id = "getHealth",
    responses((status = 200, description = "The process lives.", body = Health))
)]
#[get("/health")]
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "healthy" })
}
