//! How callers authenticate, and which operations ask for it.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;
use crate::rest::auth::ANONYMOUS;

/// An access token that the client has already.
const BEARER: &str = "bearer";

/// One that it gets for a name and a password, as the page under `/docs` does.
const PASSWORD: &str = "password";

/// Describes both, and asks every operation under `base` for one of them, save those that lead to them.
pub(super) fn add(document: &mut OpenApi, base: &str) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token of `POST /auth/login` or `POST /auth/refresh`."))
        .build();
    let login = Password::with_refresh_url(format!("{base}/auth/login"), Scopes::new(), format!("{base}/auth/refresh"));
    let password = OAuth2::with_description([Flow::Password(login)], "A username or an email address, and a password.");
    let components = document.components.get_or_insert_default();
    components.security_schemes.extend([
        (BEARER.to_owned(), RefOr::T(SecurityScheme::Http(bearer))),
        (PASSWORD.to_owned(), RefOr::T(SecurityScheme::OAuth2(password))),
    ]);
    for (path, item) in &mut document.paths.paths {
        let is_resource = path.starts_with(base);
        for operation in operations(item) {
            let either = || [BEARER, PASSWORD].map(|name| SecurityRequirement::new(name, [""; 0])).to_vec();
            let asks = is_resource && !is_anonymous(operation);
            operation.security = Some(if asks { either() } else { Vec::new() });
        }
    }
}

/// Whether an operation asks for a token.
pub(super) fn asks(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|ways| !ways.is_empty())
}

fn is_anonymous(operation: &Operation) -> bool {
    operation.operation_id.as_deref().is_some_and(|id| ANONYMOUS.contains(&id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::config::ApiConfig;

    #[test]
    fn every_operation_asks_for_a_token_but_those_that_lead_to_one() {
        let document = serde_json::to_value(super::super::openapi(&ApiConfig::default())).unwrap();
        let schemes = &document["components"]["securitySchemes"];
        assert_eq!((&schemes["bearer"]["type"], &schemes["bearer"]["scheme"]), (&json!("http"), &json!("bearer")));
        assert_eq!(schemes["password"]["flows"]["password"]["tokenUrl"], "/api/v1/auth/login");
        let paths = document["paths"].as_object().unwrap();
        let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
        let open = operations.filter(|operation| *operation["security"].as_array().unwrap() == [json!(null); 0]);
        let open: Vec<_> = open.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        assert_eq!(
            open,
            [
                "getJwks",
                "login",
                "refresh",
                "register",
                "resetPassword",
                "getDocs",
                "getHealth",
                "getMetrics",
                "getOpenApi",
                "getProblemPage",
                "getReadiness",
            ]
        );
        let asking = &document["paths"]["/api/v1/users/{id}"]["get"]["security"];
        assert_eq!(*asking, json!([{"bearer": []}, {"password": []}]));
    }
}
