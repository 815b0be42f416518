//! What answers where no route does: 405 with `Allow` and OPTIONS for paths that exist, 404 for the rest.
//!
//! The paths that exist are those of the OpenAPI document, so a route cannot be forgotten here. Only misses pay for it.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::{OpenApi, PathItem};

use crate::body::ACCEPT_PATCH;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// Pages that the document does not list; they take GET.
const PAGES: [&str; 5] = ["/openapi.json", "/docs", "/docs/{file}", "/problems", "/problems/{code}"];

/// Which methods each path takes.
#[derive(Clone)]
pub(crate) struct KnownPaths(Vec<(ResourceDef, Vec<Method>)>);

impl KnownPaths {
    /// The paths of a document that describes the first of `bases`, under all of them.
    pub(crate) fn new(document: &OpenApi, bases: &[String]) -> Self {
        let first = bases.first().map(String::as_str).unwrap_or_default();
        let described = document.paths.paths.iter().flat_map(|(path, item)| {
            let methods = methods_of(item);
            let under_all = match path.strip_prefix(first).filter(|_| !first.is_empty()) {
                Some(rest) => bases.iter().map(|base| format!("{base}{rest}")).collect(),
                None => vec![path.clone()],
            };
            under_all.into_iter().map(move |path| (ResourceDef::new(path), methods.clone()))
        });
        let pages = PAGES.iter().map(|path| (ResourceDef::new(*path), vec![Method::GET, Method::HEAD]));
        Self(described.chain(pages).collect())
    }

    /// The methods of a path.
    fn methods(&self, path: &str) -> impl Iterator<Item = &Method> {
        self.0.iter().filter(move |(pattern, _)| pattern.is_match(path)).flat_map(|(_, methods)| methods)
    }

    /// The value of `Allow` for a path that exists.
    fn allowed(&self, path: &str) -> Option<HeaderValue> {
        let mut methods: Vec<&str> = self.methods(path).map(Method::as_str).collect();
        if methods.is_empty() {
            return None;
        }
        methods.push(Method::OPTIONS.as_str());
        methods.sort_unstable();
        methods.dedup();
        HeaderValue::from_str(&methods.join(", ")).ok()
    }
}

fn methods_of(item: &PathItem) -> Vec<Method> {
    let operations = [
        (&item.get, Method::GET),
        (&item.get, Method::HEAD),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    operations.into_iter().filter(|(operation, _)| operation.is_some()).map(|(_, method)| method).collect()
}

/// Answers what no route answers.
pub(crate) async fn answer(request: HttpRequest, paths: web::Data<KnownPaths>) -> Result<HttpResponse, Problem> {
    match paths.allowed(request.path()) {
        None => Err(Problem::of(ErrorCode::NotFound)),
        Some(allowed) if *request.method() == Method::OPTIONS => {
            let mut response = HttpResponse::NoContent();
            if paths.methods(request.path()).any(|method| *method == Method::PATCH) {
                response.insert_header(ACCEPT_PATCH);
            }
            Ok(response.insert_header((ALLOW, allowed)).finish())
        }
        Some(allowed) => Err(Problem::method_not_allowed(allowed)),
    }
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathsBuilder};
    use utoipa::openapi::{OpenApiBuilder, PathItem};

    use super::*;

    fn known() -> KnownPaths {
        let item = |method| PathItem::new(method, OperationBuilder::new().build());
        let paths = PathsBuilder::new()
            .path("/api/v1/users", item(HttpMethod::Post))
            .path("/api/v1/users/{id}", item(HttpMethod::Get))
            .path("/health", item(HttpMethod::Get))
            .build();
        KnownPaths::new(&OpenApiBuilder::new().paths(paths).build(), &["/api/v1".into(), "/v1".into()])
    }

    fn allowed(path: &str) -> Option<String> {
        known().allowed(path).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_path_exists_under_every_base() {
        assert_eq!(allowed("/api/v1/users").as_deref(), Some("OPTIONS, POST"));
        assert_eq!(allowed("/v1/users/42").as_deref(), Some("GET, HEAD, OPTIONS"));
        assert_eq!(allowed("/health").as_deref(), Some("GET, HEAD, OPTIONS"));
        assert_eq!(allowed("/problems/internal").as_deref(), Some("GET, HEAD, OPTIONS"));
    }

    #[test]
    fn other_paths_do_not() {
        for path in ["/", "/users", "/v1", "/v1/users/42/x", "/v2/users", "/api/v1/health"] {
            assert_eq!(allowed(path), None, "{path}");
        }
    }
}
