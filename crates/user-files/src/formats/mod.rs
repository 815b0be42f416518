//! What the records of each format look like.

pub(crate) mod auth0;
pub(crate) mod django;
pub(crate) mod firebase;
pub(crate) mod json_record;
pub(crate) mod keycloak;
pub(crate) mod ndjson;
pub(crate) mod raw;
