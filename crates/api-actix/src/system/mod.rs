//! What stands outside the base path: health, documents and the pages that explain problems.

pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod jwks;
pub(crate) mod metrics;
pub(crate) mod openapi_json;
pub(crate) mod page;
pub(crate) mod problems;
pub(crate) mod ready;
