//! The change feed over HTTP: as pages that wait for news, and as a stream.

mod follow;
mod followers;
mod stream;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::followers::Followers;
use crate::error_code::ErrorCode;

/// The one route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(follow::follow_events);
}

/// The codes the operation may answer with, besides those that every operation may.
pub(crate) const ERRORS: &[(&str, &[ErrorCode])] = &[("followEvents", follow::ERRORS)];
