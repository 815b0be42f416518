//! One [`Settings`], from the environment, a file and defaults: validated, documented, redacted.
//!
//! [`Settings::load`] puts the layers of [`Sources`] on top of one another (environment, `.env`, the file of
//! `--config`, defaults), checks every value and every rule between values, and says in one line what is wrong.
//! The table in `table.rs` is the only place that describes a setting: the struct, the reading, `.env.example`
//! and `docs/SETTINGS.md` are made from it. This is the only crate that reads the process environment.

mod audit_signing_key;
mod bootstrap;
mod document;
mod encryption_key;
mod error;
mod jwt_keys;
mod jwt_secret;
mod kept_secret;
mod kind;
mod layers;
mod loaded;
mod merged;
mod names;
mod rules;
mod secret_file;
mod secret_key;
mod sources;
mod table;
mod values;

pub use bootstrap::BootstrapAdmin;
pub use document::{env_example, settings_markdown};
pub use error::SettingsError;
pub use jwt_keys::{JwtKeys, KeyFile};
pub use loaded::{Loaded, ShownSetting};
pub use sources::Sources;
pub use table::Settings;
pub use values::{
    BasePath, Cache, CorsOrigin, DatabaseUrl, Environment, HostName, JwtAlgorithm, JwtSecret, LogFilter, LogFormat,
    ProxyHeader, RateLimit, RedisUrl, SecretKey, UserIdFormat,
};
