//! `GET /.well-known/jwks.json`: the keys that access tokens are verified with.

use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};

/// The key set as it is sent.
#[derive(Clone)]
pub(crate) struct Jwks(Bytes);

impl Jwks {
    pub(crate) fn new(json: String) -> Self {
        Self(json.into())
    }
}

/// The keys that access tokens are verified with.
///
/// A JWK set (RFC 7517), for services that verify tokens themselves; their `kid` stands in the tokens' heads. It has no keys
/// where tokens are signed with a shared secret. Such services do not learn of revocations, which is why tokens end soon.
#[utoipa::path(
    tag = "system",
    operation_id = "getJwks",
    responses((
        status = 200, description = "The key set.", body = Object, content_type = "application/json",
        example = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                                   "kid": "4nGzvKpT1xDq", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})
    ))
)]
#[get("/.well-known/jwks.json")]
pub(crate) async fn jwks(keys: web::Data<Jwks>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(keys.0.clone())
}
