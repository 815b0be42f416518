//! The OpenAPI document: made from the routes themselves, completed with every error an operation may answer.

mod bodies;
mod errors;
mod examples;
mod parameters;
mod readiness;
mod repeated;
mod security;

use actix_web::App;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Components, Schema};
use utoipa::openapi::{Info, License, OpenApi, PathItem, RefOr, Server};
use utoipa::{OpenApi as _, PartialSchema};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::scope::scope;

use crate::config::{ApiConfig, UserIdFormat};
use crate::problem::{FieldProblem, ProblemBody};
use crate::rest::users::schema::{CountParameter, DeletedParameter, SortParameter};
use crate::{rest, system};

const DESCRIPTION: &str = "\
Sign in and out; create, read, list, search, change, delete and restore users.

`POST /auth/login` gives an access token for the header `Authorization: Bearer …`, and a refresh token for the next pair. What \
a caller may do follows from their role; a user who may not be seen is answered like one who is not there. Answers of limited \
operations say in `RateLimit` how many more requests are free.

Every answer has an `X-Request-Id`; every error is `application/problem+json` (RFC 9457), whose `code` is for programs and whose \
`type` leads to a page that explains it. Unknown and read-only members of a body are ignored, as are unknown query parameters. \
HEAD is answered wherever GET is, and OPTIONS everywhere; \
any other method that a path does not have is answered with 405 (`method_not_allowed`), whose `Allow` names those it has. Every \
`Accept` is answered with what the service has, never with 406. The `pointer` of a wrong value is a JSON pointer into the body, or the \
bare name of a parameter of the query or the path. One trailing slash is accepted. Only what is no HTTP at all (a broken or \
slow head) is answered by a bare status, without a body.";

#[derive(utoipa::OpenApi)]
#[openapi(
    tags((name = "auth", description = "Signing in and out, and one's own account."), (name = "users", description = "The users."), (name = "audit", description = "What happened, and to whom."), (name = "system", description = "The state of the service."))
)]
struct Document;

/// The document that describes the routes under the first base path.
pub fn openapi(config: &ApiConfig) -> OpenApi {
    let base = config.base_paths.first().map(String::as_str).unwrap_or_default();
    let app = App::new().into_utoipa_app().openapi(Document::openapi());
    let app = app.service(system::health::health).service(system::ready::ready).service(system::jwks::jwks);
    let app = if config.metrics_apart { app } else { app.service(system::metrics::metrics) };
    let app =
        app.service(system::openapi_json::openapi_json).service(system::docs::index).service(system::problems::page);
    let (_, mut document) = app.service(scope(base).configure(rest::routes)).split_for_parts();
    document.info = info(config);
    document.servers = Some(vec![Server::new("/")]);
    let components = document.components.get_or_insert_default();
    components.schemas.extend([
        ("Problem".to_owned(), ProblemBody::schema()),
        ("FieldProblem".to_owned(), FieldProblem::schema()),
        // Schemas of parameters are referred to, but not collected from the routes.
        ("DeletedParameter".to_owned(), DeletedParameter::schema()),
        ("SortParameter".to_owned(), SortParameter::schema()),
        ("CountParameter".to_owned(), CountParameter::schema()),
    ]);
    if config.user_id_format == UserIdFormat::Uuid {
        show_ids_as_uuids(components);
    }
    parameters::describe(&mut document, config.user_id_format);
    repeated::describe(&mut document, base);
    examples::add(&mut document);
    security::add(&mut document, base);
    errors::add(&mut document);
    readiness::describe(&mut document);
    bodies::mark_optional(&mut document);
    document
}

/// Writes the member `id` of a user as it is where the service hides numbers.
fn show_ids_as_uuids(components: &mut Components) {
    if let Some(RefOr::T(Schema::Object(user))) = components.schemas.get_mut("UserResponse") {
        let uuid = user.properties.get("uuid").cloned();
        user.properties.extend(uuid.map(|uuid| ("id".to_owned(), uuid)));
    }
}

/// The operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn info(config: &ApiConfig) -> Info {
    let mut info = Info::new(config.app_name.as_str(), env!("CARGO_PKG_VERSION"));
    let mut license = License::new("MIT");
    license.identifier = Some("MIT".into());
    info.license = Some(license);
    info.description = Some(DESCRIPTION.into());
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_complete_and_there_is_one_server() {
        let document = openapi(&ApiConfig::default());
        let paths: Vec<_> = document.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "/.well-known/jwks.json",
                "/api/v1/audit",
                "/api/v1/audit/export",
                "/api/v1/audit/verify",
                "/api/v1/auth/change-password",
                "/api/v1/auth/login",
                "/api/v1/auth/logout",
                "/api/v1/auth/me",
                "/api/v1/auth/refresh",
                "/api/v1/auth/register",
                "/api/v1/auth/reset-password",
                "/api/v1/auth/sessions",
                "/api/v1/auth/sessions/{sid}",
                "/api/v1/events",
                "/api/v1/users",
                "/api/v1/users/bulk",
                "/api/v1/users/export",
                "/api/v1/users/{id}",
                "/api/v1/users/{id}/activate",
                "/api/v1/users/{id}/audit",
                "/api/v1/users/{id}/data",
                "/api/v1/users/{id}/deactivate",
                "/api/v1/users/{id}/reset-password",
                "/api/v1/users/{id}/restore",
                "/api/v1/users/{id}/sessions",
                "/api/v1/users/{id}/sessions/{sid}",
                "/api/v1/users/{id}/unlock",
                "/docs",
                "/health",
                "/metrics",
                "/openapi.json",
                "/problems/{code}",
                "/ready",
            ]
        );
        let description = document.info.description.unwrap();
        assert!(["405", "`method_not_allowed`", "406"].iter().all(|said| description.contains(said)), "{description}");
        assert_eq!(document.servers.unwrap()[0].url, "/");
    }

    #[test]
    fn an_id_is_a_number_unless_numbers_are_hidden() {
        let id_type = |user_id_format| {
            let document = openapi(&ApiConfig { user_id_format, ..ApiConfig::default() });
            let text = document.to_json().expect("the document is JSON");
            let document: serde_json::Value = serde_json::from_str(&text).expect("the document is JSON");
            document["components"]["schemas"]["UserResponse"]["properties"]["id"]["type"].clone()
        };
        assert_eq!(id_type(UserIdFormat::Integer), "integer");
        assert_eq!(id_type(UserIdFormat::Uuid), "string");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = openapi(&ApiConfig::default());
        let text = document.to_json().unwrap();
        let schemas = document.components.unwrap().schemas;
        for reference in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(schemas.contains_key(reference), "{reference} is not described");
        }
    }
}
