//! The resources under the base paths.

mod call;
mod links;
mod preconditions;
pub mod users;

pub(crate) use self::call::Api;

use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// The route table, mounted once under each base path. Each resource is a static scope: the router tries patterns one
/// after the other, and every dynamic one is a regular expression.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(scope("/users").configure(users::routes));
}
