//! `GET /docs`: Swagger UI, from files inside the binary; nothing is loaded from elsewhere.

use std::sync::Arc;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, LOCATION,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa_swagger_ui::{Config, serve};

use super::page::NO_FEATURES;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// Swagger UI sets styles from its script and draws with `data:` images; everything else comes from here.
const POLICY: (HeaderName, HeaderValue) = (
    CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
);

/// The settings of Swagger UI.
#[derive(Clone)]
pub(crate) struct SwaggerConfig(Arc<Config<'static>>);

impl SwaggerConfig {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Config::from("/openapi.json").deep_linking(true).display_operation_id(false)))
    }
}

/// The page's own address ends in a file, so that its relative links hold with and without a trailing slash.
#[utoipa::path(
    tag = "system",
    operation_id = "getDocs",
    summary = "Read and try out the interface in a browser.",
    description = "Leads to Swagger UI, which comes from the service itself and loads nothing from elsewhere.",
    responses((
        status = 308, description = "The page is there.",
        headers(("Location" = String, description = "The address of the page, which is `text/html`."))
    ))
)]
#[get("/docs")]
pub(crate) async fn index() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/index.html")).finish()
}

#[get("/docs/{file}")]
pub(crate) async fn file(request: HttpRequest, config: web::Data<SwaggerConfig>) -> Result<HttpResponse, Problem> {
    let name = request.match_info().query("file");
    let found = serve(name, Arc::clone(&config.0)).map_err(|error| Problem::internal(error.to_string()))?;
    let Some(file) = found else { return Err(Problem::of(ErrorCode::NotFound)) };
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response
        .content_type(file.content_type)
        .insert_header(POLICY)
        .insert_header(NO_FEATURES)
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(file.bytes.into_owned()))
}
