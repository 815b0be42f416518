//! The check of a token that a handler written by hand makes: by the library, each time.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What tokens are checked and signed with.
pub(crate) struct Tokens {
    key: DecodingKey,
    signing_key: EncodingKey,
    validation: Validation,
}

/// What a token of a handler written by hand says.
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: Uuid,
    sid: Uuid,
    role: &'a str,
    iat: i64,
    exp: i64,
}

/// What a handler would go on with.
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is what is measured")]
struct Claims {
    sub: Uuid,
    sid: Uuid,
    role: String,
    exp: i64,
}

impl Tokens {
    /// Those that the product signs with `secret`, unless it has other names for itself than by default.
    pub(crate) fn new(secret: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&["usermgmt"]);
        validation.set_audience(&["usermgmt"]);
        let (key, signing_key) =
            (DecodingKey::from_secret(secret.as_bytes()), EncodingKey::from_secret(secret.as_bytes()));
        Self { key, signing_key, validation }
    }

    /// A token for a quarter of an hour.
    pub(crate) fn sign(&self, user: Uuid, session: Uuid, now: i64) -> jsonwebtoken::errors::Result<String> {
        let claims = Signed {
            iss: "usermgmt",
            aud: "usermgmt",
            sub: user,
            sid: session,
            role: "user",
            iat: now,
            exp: now + 15 * 60,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing_key)
    }

    /// Whether the request shows one.
    pub(crate) fn accept(&self, request: &HttpRequest) -> bool {
        let line = request.headers().get(AUTHORIZATION).and_then(|line| line.to_str().ok());
        let token = line.and_then(|line| line.strip_prefix("Bearer "));
        token.is_some_and(|token| decode::<Claims>(token, &self.key, &self.validation).is_ok())
    }
}
