//! The HTTP surface, as the settings want it.

use std::sync::Arc;

use api_actix::client_address::ForwardedHeader;
use api_actix::{ApiConfig, Limits, RateLimits, RedisState, Services, UserIdFormat};
use domain::ports::RateLimit;
use infra_cache::{RedisHealth, RedisLink};
use settings::{CorsOrigin, ProxyHeader, Settings};

use super::{Served, UseCases, cores, password_policy};
use crate::audit_protection::AuditProtection;
use crate::clock::SystemClock;
use crate::database::Database;
use crate::numbers::Numbers;

/// What the HTTP surface stands on.
pub(crate) fn services(
    settings: &Settings,
    database: &Database,
    served: &Served,
    protection: &Arc<AuditProtection>,
    numbers: &Numbers,
) -> Services {
    let UseCases { users, authentication, .. } = &served.use_cases;
    let (redis, directory) = (served.redis.clone(), Arc::clone(&served.memory.sessions));
    let protection = Arc::clone(protection);
    Services {
        users: users.clone(),
        authentication: authentication.clone(),
        limiter: Arc::clone(&served.limiter),
        jwks: served.access_tokens.jwks(),
        redis: Arc::new(move || redis_state(redis.as_deref())),
        is_blind: Arc::new(move || directory.is_blind()),
        audit: Arc::new(move || protection.state()),
        metrics: numbers.writer(),
        storage: database.probe(),
        clock: Arc::new(SystemClock),
        password_policy: password_policy(settings),
    }
}

fn redis_state(link: Option<&RedisLink>) -> RedisState {
    match link.map(RedisLink::health) {
        None => RedisState::Off,
        Some(RedisHealth::Ok) => RedisState::Ok,
        Some(RedisHealth::Degraded) => RedisState::Degraded,
    }
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
        metrics_apart: settings.metrics_port.is_some(),
        limits: Limits { workers, in_work: in_work(settings), ..Limits::default() },
        rate_limits: RateLimits {
            auth: rate_limit("auth", settings.rate_limit_auth),
            read: rate_limit("read", settings.rate_limit_read),
            write: rate_limit("write", settings.rate_limit_write),
        },
    }
}

/// Beyond four requests for each connection to the database three wait for one that is being served: whatever the database
/// can do, it has enough to do.
fn in_work(settings: &Settings) -> usize {
    let enough = usize::try_from(settings.database_pool_size).unwrap_or(usize::MAX).saturating_mul(4);
    Limits::default().in_work.max(enough)
}

fn rate_limit(name: &'static str, limit: Option<settings::RateLimit>) -> Option<RateLimit> {
    limit.map(|settings::RateLimit { quota, window }| RateLimit { name, quota, window })
}

fn origin(origin: &CorsOrigin) -> String {
    match origin {
        CorsOrigin::Any => "*".to_owned(),
        CorsOrigin::Exact(origin) => origin.clone(),
    }
}
