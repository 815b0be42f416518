//! The use cases, on the adapters that the settings choose.

use std::sync::Arc;
use std::time::Duration;

use application::{Authentication, AuthenticationPolicy, KeyRotation, Keyring, Ports, ReadReplica, UserPolicy, Users};
use chrono::TimeDelta;
use domain::ports::{AccessTokens, RateLimiter, SecretGenerator};
use domain::session::SessionLifetime;
use domain::user::DeletedNames;
use infra_cache::{LocalRateLimiter, RedisLink, SharedRateLimiter, WakeUps};
use infra_crypto::{BcryptHasher, BcryptSettings, JwtTokens, UuidV7Generator};
use secrecy::ExposeSecret as _;
use settings::{Cache, Settings};

use super::memory::Memory;
use super::unsigned::Unsigned;
use super::{EncryptionKeys, access_tokens, audit_signer, cores};
use crate::backoff::FullJitter;
use crate::clock::SystemClock;
use crate::commands::Failure;
use crate::database::Database;

/// Everything that can be done.
pub(crate) struct UseCases {
    pub(crate) users: Users,
    pub(crate) authentication: Authentication,
    pub(crate) key_rotation: KeyRotation,
}

/// The use cases of the service, and what stands beside them.
pub(crate) struct Served {
    pub(crate) use_cases: UseCases,
    pub(crate) access_tokens: Arc<JwtTokens>,
    pub(crate) memory: Memory,
    pub(crate) wake_ups: Arc<WakeUps>,
    pub(crate) limiter: Arc<dyn RateLimiter>,
    pub(crate) secrets: Arc<dyn SecretGenerator>,
    /// There is none where it is not set.
    pub(crate) redis: Option<Arc<RedisLink>>,
    /// There is none where it is not set.
    pub(crate) replica: Option<Arc<ReadReplica>>,
}

/// For commands, which work on the database and leave: services hear of their changes by the log of changes.
pub(crate) fn desk(settings: &Settings, database: &Database) -> Result<UseCases, Failure> {
    let memory = Memory::forgetful(database);
    use_cases(settings, database, None, &EncryptionKeys::of(settings)?, &memory, Arc::new(Unsigned))
}

/// For the service.
pub(crate) async fn served(
    settings: &Settings,
    database: &Database,
    copy: Option<&Database>,
) -> Result<Served, Failure> {
    let keys = EncryptionKeys::of(settings)?;
    let access_tokens = Arc::new(access_tokens(settings)?);
    let redis = redis(settings).await?;
    let wake_ups = Arc::new(redis.as_deref().map_or_else(WakeUps::none, WakeUps::through));
    let memory = Memory::new(settings, database, &keys, redis.as_ref(), &wake_ups);
    let limiter: Arc<dyn RateLimiter> = match &redis {
        Some(link) => Arc::new(SharedRateLimiter::new(Arc::clone(link))),
        None => Arc::new(LocalRateLimiter::new()),
    };
    let replica = copy.map(|copy| read_replica(settings, copy));
    let use_cases = use_cases(settings, database, replica.clone(), &keys, &memory, access_tokens.clone())?;
    let secrets = Arc::new(keys.secrets());
    Ok(Served { use_cases, access_tokens, memory, wake_ups, limiter, secrets, redis, replica })
}

/// Where users are kept in memory, it is for lists alone.
fn read_replica(settings: &Settings, copy: &Database) -> Arc<ReadReplica> {
    let replica = ReadReplica::new(copy.queries(), copy.changes());
    Arc::new(if settings.cache == Cache::Off { replica } else { replica.for_lists_only() })
}

async fn redis(settings: &Settings) -> Result<Option<Arc<RedisLink>>, Failure> {
    let Some(url) = &settings.redis_url else { return Ok(None) };
    let link = RedisLink::open(url.secret().expose_secret()).await;
    Ok(Some(Arc::new(link.map_err(|error| Failure::because("REDIS_URL cannot be used", &error))?)))
}

fn use_cases(
    settings: &Settings,
    database: &Database,
    replica: Option<Arc<ReadReplica>>,
    keys: &EncryptionKeys,
    memory: &Memory,
    access_tokens: Arc<dyn AccessTokens>,
) -> Result<UseCases, Failure> {
    let hasher = BcryptHasher::new(BcryptSettings { rounds: settings.bcrypt_rounds, threads: cores() })
        .map_err(|error| Failure::because("the threads for hashing cannot be started", &error))?;
    let hasher = Arc::new(hasher);
    let ports = Ports {
        storage: database.storage(),
        queries: memory.queries.clone(),
        replica,
        sessions: database.sessions(),
        audit: database.audit(),
        chain: database.chain(),
        leases: database.leases(),
        shown_users: Arc::clone(&memory.shown_users),
        directory: memory.sessions.clone(),
        listener: memory.kept.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(UuidV7Generator::new()),
        secrets: Arc::new(keys.secrets()),
        subject_sealer: Arc::new(keys.subjects()),
        keyring: Keyring::default(),
        audit_signer: Arc::new(audit_signer(settings)?),
        outcome_sealer: Arc::new(keys.outcomes()),
        access_tokens,
        strength: hasher.clone(),
        hasher,
        backoff: Arc::new(FullJitter),
        cursors: Arc::new(keys.cursors()),
    };
    let key_rotation = KeyRotation::new(ports.clone());
    let users = Users::new(ports, user_policy(settings));
    let authentication = Authentication::new(users.clone(), authentication_policy(settings));
    Ok(UseCases { users, authentication, key_rotation })
}

fn user_policy(settings: &Settings) -> UserPolicy {
    UserPolicy {
        deleted_names: if settings.reserve_deleted_names { DeletedNames::Reserved } else { DeletedNames::Freed },
        // While everybody is an administrator, the rule would protect nobody.
        protect_last_administrator: settings.auth_required,
        min_password_score: settings.password_min_score,
        purge_deleted_after: settings.purge_deleted_after.map(delta),
    }
}

fn authentication_policy(settings: &Settings) -> AuthenticationPolicy {
    AuthenticationPolicy {
        access_token: delta(settings.access_token_lifetime),
        session: SessionLifetime {
            idle: delta(settings.refresh_token_lifetime),
            absolute: delta(settings.session_lifetime),
        },
        allow_registration: settings.allow_registration,
    }
}

fn delta(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time).expect("settings are years at most")
}
