//! The types of settings' values.

mod base_path;
mod choices;
mod cors_origin;
mod database_url;
mod host_name;
mod log_filter;
mod plain;
mod rate_limit;
mod redis_url;
mod secret_text;
mod without_password;

pub use base_path::BasePath;
pub(crate) use base_path::check_mounts;
pub use choices::{Cache, Environment, JwtAlgorithm, LogFormat, ProxyHeader, UserIdFormat};
pub use cors_origin::CorsOrigin;
pub use database_url::DatabaseUrl;
pub use host_name::HostName;
pub use log_filter::LogFilter;
pub use rate_limit::RateLimit;
pub use redis_url::RedisUrl;
use without_password::without_password;

pub use crate::jwt_secret::JwtSecret;
pub use crate::secret_key::SecretKey;
