//! The REST surface: extract, call one use case, render.
//!
//! | module | what lives there |
//! |---|---|
//! | [`config`] | what the composition root decides |
//! | [`server`] | listening, limits of connections, starting and stopping |
//! | [`rest`] | the resources under the base paths, a file for each operation |
//! | [`system`] | health, documents, and the pages that explain problems |
//! | [`edge`] | the outer middleware, through which everything goes |
//! | [`error_code`], [`problem`] | the table of error codes, and the one shape of every error answer |
//! | [`metrics`] | the numbers of requests |
//! | [`client_address`] | who is calling |

mod app;
mod body;
pub mod client_address;
mod compression;
pub mod config;
mod cross_origin;
pub mod edge;
pub mod error_code;
mod error_reference;
mod fallback;
mod host_guard;
pub mod metrics;
mod metrics_server;
mod openapi;
pub mod problem;
mod query;
pub mod rest;
mod run_to_end;
pub mod server;
pub mod system;
mod urlencoded;

pub use app::{AuditState, RedisState, Services};
pub use body::metadata_text;
pub use config::{ApiConfig, Limits, RateLimits, UserIdFormat};
pub use error_reference::error_reference_markdown;
pub use openapi::openapi;
pub use rest::auth::sessions_json;
pub use rest::users::UserJson;
pub use server::{Server, Stopper};
