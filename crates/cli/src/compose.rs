//! The composition root: which adapter stands behind which port.

use std::sync::Arc;
use std::thread::available_parallelism;

use api_actix::client_address::ForwardedHeader;
use api_actix::{ApiConfig, Limits, Services, UserIdFormat};
use application::{Ports, UserPolicy, Users};
use domain::user::DeletedNames;
use domain::values::PasswordPolicy;
use infra_crypto::{BcryptHasher, BcryptSettings, EncryptionKey, UuidV7Generator, XChaChaCursorSealer};
use secrecy::ExposeSecret as _;
use settings::{CorsOrigin, ProxyHeader, Settings};
use tokio::runtime::{Builder, Runtime};

use crate::backoff::FullJitter;
use crate::clock::SystemClock;
use crate::commands::Failure;
use crate::database::Database;

/// The runtime for everything but HTTP connections, which have threads of their own.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .enable_all()
        .worker_threads(cores())
        .thread_name("work")
        .build()
        .map_err(|error| Failure::because("the runtime cannot be started", &error))
}

/// The use cases, on the adapters that the settings choose.
pub(crate) fn users(settings: &Settings, database: &Database) -> Result<Users, Failure> {
    let hasher = BcryptHasher::new(BcryptSettings { rounds: settings.bcrypt_rounds, threads: cores() })
        .map_err(|error| Failure::because("the threads for hashing cannot be started", &error))?;
    let key = EncryptionKey::new(*settings.encryption_key()?.expose_secret());
    let ports = Ports {
        storage: database.storage(),
        queries: database.queries(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(UuidV7Generator::new()),
        hasher: Arc::new(hasher),
        backoff: Arc::new(FullJitter),
        cursors: Arc::new(XChaChaCursorSealer::new(&key)),
    };
    let deleted_names = if settings.reserve_deleted_names { DeletedNames::Reserved } else { DeletedNames::Freed };
    // While everybody is an administrator, the rule would protect nobody.
    let policy = UserPolicy { deleted_names, protect_last_administrator: settings.auth_required };
    Ok(Users::new(ports, policy))
}

/// What the HTTP surface stands on.
pub(crate) fn services(settings: &Settings, database: &Database, users: Users) -> Services {
    Services {
        users,
        storage: database.probe(),
        clock: Arc::new(SystemClock),
        password_policy: password_policy(settings),
    }
}

/// What a password must have.
pub(crate) fn password_policy(settings: &Settings) -> PasswordPolicy {
    PasswordPolicy { min_length: settings.password_min_length }
}

/// What `id` is to a client.
pub(crate) fn user_id_format(settings: &Settings) -> UserIdFormat {
    match settings.user_id_format {
        settings::UserIdFormat::Integer => UserIdFormat::Integer,
        settings::UserIdFormat::Uuid => UserIdFormat::Uuid,
    }
}

/// The settings of the HTTP surface.
pub(crate) fn api_config(settings: &Settings) -> ApiConfig {
    let workers = if settings.workers == 0 { cores() } else { settings.workers.into() };
    ApiConfig {
        app_name: settings.app_name.clone(),
        base_paths: settings.api_base_paths.iter().map(ToString::to_string).collect(),
        user_id_format: user_id_format(settings),
        require_if_match: settings.require_if_match,
        auth_required: settings.auth_required,
        allowed_hosts: settings.allowed_hosts.iter().map(ToString::to_string).collect(),
        cors_origins: settings.cors_origins.iter().map(origin).collect(),
        trusted_proxies: settings.trusted_proxies.clone(),
        trusted_proxy_header: match settings.trusted_proxy_header {
            ProxyHeader::XForwardedFor => ForwardedHeader::XForwardedFor,
            ProxyHeader::Forwarded => ForwardedHeader::Forwarded,
        },
        limits: Limits { workers, ..Limits::default() },
    }
}

fn origin(origin: &CorsOrigin) -> String {
    match origin {
        CorsOrigin::Any => "*".to_owned(),
        CorsOrigin::Exact(origin) => origin.clone(),
    }
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}
