//! `GET /openapi.json`: the document, made once.

use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};

/// The OpenAPI document as it is sent.
#[derive(Clone)]
pub(crate) struct OpenApiJson(Bytes);

impl OpenApiJson {
    pub(crate) fn new(document: &utoipa::openapi::OpenApi) -> Self {
        Self(document.to_json().expect("the document holds nothing that JSON cannot say").into())
    }
}

/// The document that describes the service.
///
/// `OpenAPI` 3.1; it is made once, from the routes themselves.
#[utoipa::path(
    tag = "system",
    operation_id = "getOpenApi",
    responses((
        status = 200, description = "The document.", body = Object, content_type = "application/json",
        example = json!({"openapi": "3.1.0", "info": {"title": "User management", "version": "1.0.0"}, "paths": {}})
    ))
)]
#[get("/openapi.json")]
pub(crate) async fn openapi_json(document: web::Data<OpenApiJson>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(document.0.clone())
}
