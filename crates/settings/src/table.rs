//! The table of settings: name, default, kind of value and description of each, once.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;

use crate::kind::{Kind, count_or_automatic, days, list, minutes, number, one, optional, or_off, port, seconds};
use crate::merged::Merged;
use crate::values::{
    BasePath, Cache, CorsOrigin, DatabaseUrl, Environment, HostName, JwtAlgorithm, JwtSecret, LogFilter, LogFormat,
    ProxyHeader, RateLimit, RedisUrl, SecretKey, UserIdFormat,
};
use crate::{Loaded, SettingsError, Sources, loaded};

/// What the documents and the layers need to know of a setting.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) alias: Option<&'static str>,
    pub(crate) default: &'static str,
    pub(crate) description: &'static str,
    /// What its values are.
    pub(crate) hint: String,
    pub(crate) is_secret: bool,
    pub(crate) is_list: bool,
    /// A text of this setting as it may be printed.
    pub(crate) show: fn(&str) -> String,
}

macro_rules! settings {
    ($(
        #[doc = $description:literal]
        $field:ident: $type:ty = ($name:literal $(or $alias:literal)?, $default:literal, $kind:expr),
    )+) => {
        /// Every setting of the service, valid and in agreement with the others.
        ///
        /// `Debug` shows no secret.
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub struct Settings {
            $(#[doc = concat!("`", $name, "`: ", $description)] pub $field: $type,)+
        }

        /// Every setting, in the order of the documents.
        pub(crate) fn keys() -> Vec<Key> {
            vec![$(Key {
                name: $name,
                alias: None$(.or(Some($alias)))?,
                default: $default,
                description: $description.trim_ascii(),
                hint: $kind.hint(),
                is_secret: $kind.is_secret(),
                is_list: $kind.is_list(),
                show: |text| $kind.show(text),
            },)+]
        }

        fn read(merged: &Merged) -> Result<Settings, SettingsError> {
            Ok(Settings { $($field: merged.read($name, &$kind)?,)+ })
        }
    };
}

settings! {
    /// What the service calls itself in its documents and logs.
    app_name: String = ("APP_NAME" or "PROJECT_NAME", "User management", one::<String>()),
    /// Where this runs. Production reads no `.env`, makes no secrets and refuses unsafe settings.
    environment: Environment = ("ENVIRONMENT", "development", one::<Environment>()),
    /// More in the logs: `LOG_LEVEL` becomes `debug` where it is not set, and every use case says how long it took. Never more in answers.
    debug: bool = ("DEBUG", "false", one::<bool>()),
    /// Address to listen on: `127.0.0.1` is this machine only, `0.0.0.0` every network.
    host: IpAddr = ("HOST", "127.0.0.1", one::<IpAddr>()),
    /// Port to listen on.
    port: u16 = ("PORT", "8000", port()),
    /// Port that `/metrics` is served on, at the same address. Where it is not set, `/metrics` is beside the API, for whoever reaches that.
    metrics_port: Option<u16> = ("METRICS_PORT", "off", or_off(port())),
    /// Where the routes are mounted; OpenAPI describes the first.
    api_base_paths: Vec<BasePath> = ("API_BASE_PATHS", "/api/v1,/v1", list::<BasePath>()),
    /// Threads that serve HTTP.
    workers: u16 = ("WORKERS", "0", count_or_automatic("a number of threads", 1024, "0 means one for each core")),
    /// How long to go on serving after SIGTERM, while `/ready` already answers 503.
    shutdown_grace: Duration = ("SHUTDOWN_GRACE_SECONDS", "0", seconds(0..=3600)),
    /// Where users are kept. `memory:` keeps them until the process ends, for demonstrations.
    database_url: DatabaseUrl = ("DATABASE_URL", "sqlite://data/usermgmt.db?mode=rwc", one::<DatabaseUrl>()),
    /// A copy of that database which it keeps up to date (a replica, a standby): users are listed from it as long as it lags less than a second and has what the caller wrote. MySQL, MariaDB and PostgreSQL only.
    database_read_url: Option<DatabaseUrl> = ("DATABASE_READ_URL", "", optional::<DatabaseUrl>()),
    /// Most connections to the database, and as many to its copy.
    database_pool_size: u32 = ("DATABASE_POOL_SIZE", "10", number("a number of connections", 1..=1000)),
    /// How long to wait for the database at the start.
    database_connect_timeout: Duration = ("DATABASE_CONNECT_TIMEOUT_SECONDS", "30", seconds(1..=3600)),
    /// Bring the database's schema up to date at the start.
    migrate_on_start: bool = ("MIGRATE_ON_START", "true", one::<bool>()),
    /// Redis, through which replicas share rate limits and hear of revocations sooner. Without it each counts for itself.
    redis_url: Option<RedisUrl> = ("REDIS_URL", "", optional::<RedisUrl>()),
    /// Where users are kept who were read before: `memory` in 64 MiB of this process, `redis` there and in Redis for a minute, sealed, for all replicas; with both, how many users of a role and state there are is remembered for a second. With `off` the database is asked each time.
    cache: Cache = ("CACHE", "memory", one::<Cache>()),
    /// Directory for what the service itself keeps, such as keys it has made.
    data_dir: PathBuf = ("DATA_DIR", "./data", one::<PathBuf>()),
    /// Require a token. With `false` every call without one is an anonymous administrator's: for trying out, or behind a gateway that decides.
    auth_required: bool = ("AUTH_REQUIRED", "true", one::<bool>()),
    /// Allow `AUTH_REQUIRED=false` in production, on a `HOST` that is not loopback, and with `CORS_ORIGINS=*`. Not needed otherwise.
    allow_insecure: bool = ("ALLOW_INSECURE", "false", one::<bool>()),
    /// Host names, beside loopback ones, by which the service may be called while `AUTH_REQUIRED=false`.
    allowed_hosts: Vec<HostName> = ("ALLOWED_HOSTS", "", list::<HostName>()),
    /// Origins of web pages that may call the service.
    cors_origins: Vec<CorsOrigin> = ("CORS_ORIGINS", "", list::<CorsOrigin>()),
    /// Let anybody make an account of role `user` by `POST /auth/register`.
    allow_registration: bool = ("ALLOW_REGISTRATION", "false", one::<bool>()),
    /// Username of the administrator that the first start makes in an empty database. `admin` outside production, which requires all three.
    bootstrap_admin_username: Option<String> = ("BOOTSTRAP_ADMIN_USERNAME", "", optional::<String>()),
    /// Email address of that administrator. `admin@example.com` outside production.
    bootstrap_admin_email: Option<String> = ("BOOTSTRAP_ADMIN_EMAIL", "", optional::<String>()),
    /// Password of that administrator. Made up outside production, and shown once or written to a file in `DATA_DIR`.
    bootstrap_admin_password: Option<SecretString> = ("BOOTSTRAP_ADMIN_PASSWORD", "", optional::<SecretString>()),
    /// How access tokens are signed. `HS256` needs `JWT_SECRET`, the others `JWT_PRIVATE_KEY_FILE`; their public keys are at `/.well-known/jwks.json`.
    jwt_algorithm: JwtAlgorithm = ("JWT_ALGORITHM", "HS256", one::<JwtAlgorithm>()),
    /// Signs access tokens with `HS256`: the text itself, not what base64 would make of it. Made in `DATA_DIR` where it is not set; production requires it.
    jwt_secret: Option<JwtSecret> = ("JWT_SECRET", "", optional::<JwtSecret>()),
    /// The secret before this one, whose tokens are still accepted: so a new `JWT_SECRET` logs nobody out.
    jwt_secret_previous: Option<JwtSecret> = ("JWT_SECRET_PREVIOUS", "", optional::<JwtSecret>()),
    /// The key in PEM that signs access tokens with `EdDSA` (`openssl genpkey -algorithm ed25519 -out FILE`) or `ES256` (`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE`).
    jwt_private_key_file: Option<PathBuf> = ("JWT_PRIVATE_KEY_FILE", "", optional::<PathBuf>()),
    /// Files of the keys before that one, private or public, whose tokens are still accepted: so a new key logs nobody out.
    jwt_previous_key_files: Vec<PathBuf> = ("JWT_PREVIOUS_KEY_FILES", "", list::<PathBuf>()),
    /// Who made a token, its `iss`: tokens of another issuer are refused.
    jwt_issuer: String = ("JWT_ISSUER", "usermgmt", one::<String>()),
    /// Whom a token is for, its `aud`: tokens for another audience are refused.
    jwt_audience: String = ("JWT_AUDIENCE", "usermgmt", one::<String>()),
    /// How long an access token lasts.
    access_token_lifetime: Duration = ("ACCESS_TOKEN_EXPIRE_MINUTES", "15", minutes(1..=1440)),
    /// How long a refresh token lasts; longer than an access token.
    refresh_token_lifetime: Duration = ("REFRESH_TOKEN_EXPIRE_MINUTES", "10080", minutes(5..=525_600)),
    /// How long a session lasts, however often it is refreshed.
    session_lifetime: Duration = ("SESSION_MAX_DAYS", "90", days(1..=3650)),
    /// How often one network may log in, register, or spend a token that resets a password.
    rate_limit_auth: Option<RateLimit> = ("RATE_LIMIT_AUTH", "5/min", or_off(one::<RateLimit>())),
    /// How often one user, or one network without a token, may read.
    rate_limit_read: Option<RateLimit> = ("RATE_LIMIT_READ", "1000/h", or_off(one::<RateLimit>())),
    /// How often one user, or one network without a token, may write; a bulk call counts once.
    rate_limit_write: Option<RateLimit> = ("RATE_LIMIT_WRITE", "100/h", or_off(one::<RateLimit>())),
    /// Networks of the proxies whose word on the client's address is believed.
    trusted_proxies: Vec<IpNet> = ("TRUSTED_PROXIES", "", list::<IpNet>()),
    /// The one header in which those proxies name the client.
    trusted_proxy_header: ProxyHeader = ("TRUSTED_PROXY_HEADER", "x-forwarded-for", one::<ProxyHeader>()),
    /// Cost of a new password's hash; each step doubles it.
    bcrypt_rounds: u32 = ("BCRYPT_ROUNDS", "12", number("a bcrypt cost", 4..=16)),
    /// Fewest characters of a new password. NIST 800-63B-4 wants 15 where nothing else protects the account.
    password_min_length: usize = ("PASSWORD_MIN_LENGTH", "8", number("a password length", 8..=100)),
    /// How hard a new password must be to guess, by zxcvbn; above 0 it may not contain the username or the email's local part either. Where it is not set, production has 2.
    password_min_score: u8 = ("PASSWORD_MIN_SCORE", "0", number("a password score", 0..=4)),
    /// What `id` is in answers and paths; with `uuid` nobody can count users.
    user_id_format: UserIdFormat = ("USER_ID_FORMAT", "integer", one::<UserIdFormat>()),
    /// Refuse PUT, PATCH and DELETE without `If-Match` (428), so that nobody overwrites what they have not seen.
    require_if_match: bool = ("REQUIRE_IF_MATCH", "false", one::<bool>()),
    /// Keep the username and email of a deleted user taken.
    reserve_deleted_names: bool = ("RESERVE_DELETED_NAMES", "false", one::<bool>()),
    /// Erase deleted users for ever, so many days after they were deleted.
    purge_deleted_after: Option<Duration> = ("PURGE_DELETED_AFTER_DAYS", "off", or_off(days(1..=36_500))),
    /// Seals what must not be read from outside: people's keys in the audit trail, page cursors, what is kept of repeated requests. Made in `DATA_DIR` where it is not set; production requires it.
    encryption_key: Option<SecretKey> = ("ENCRYPTION_KEY", "", optional::<SecretKey>()),
    /// Keys before this one: with them a database that was used with one of them goes on with a new `ENCRYPTION_KEY`, until people's keys are wrapped anew.
    encryption_key_previous: Vec<SecretKey> = ("ENCRYPTION_KEY_PREVIOUS", "", list::<SecretKey>()),
    /// Signs the checkpoints of the audit trail, and shows that its events are the service's own: the seed of an Ed25519 key. Made in `DATA_DIR` where it is not set; production requires it.
    audit_signing_key: Option<SecretKey> = ("AUDIT_SIGNING_KEY", "", optional::<SecretKey>()),
    /// Keys before this one, by which older events and checkpoints are known. Keep them as long as the trail.
    audit_signing_key_previous: Vec<SecretKey> = ("AUDIT_SIGNING_KEY_PREVIOUS", "", list::<SecretKey>()),
    /// What is logged, in the syntax of tracing's `EnvFilter`.
    log_level: LogFilter = ("LOG_LEVEL", "info", one::<LogFilter>()),
    /// How it is logged; `auto` is text on a terminal, else JSON.
    log_format: LogFormat = ("LOG_FORMAT", "auto", one::<LogFormat>()),
}

impl Settings {
    /// Reads, layers and checks the settings; makes no files.
    ///
    /// # Errors
    ///
    /// Every variant of [`SettingsError`]: the first thing found wrong, in one line.
    pub fn load(sources: &Sources) -> Result<Loaded, SettingsError> {
        let mut merged = Merged::read_layers(sources)?;
        let said = read(&merged)?;
        if said.debug && merged.is_default("LOG_LEVEL") {
            merged.imply("LOG_LEVEL", "debug", "DEBUG");
        }
        if said.environment.is_production() && merged.is_default("PASSWORD_MIN_SCORE") {
            merged.imply("PASSWORD_MIN_SCORE", "2", "ENVIRONMENT=production");
        }
        let settings = read(&merged)?;
        crate::rules::check(&settings)?;
        Ok(loaded::new(settings, &merged))
    }

    /// The address and port to listen on.
    pub fn listen_address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// The address and port to serve `/metrics` on, if they are not those of the API.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_port.map(|port| SocketAddr::new(self.host, port))
    }

    /// Whether only this machine can reach the service.
    pub fn listens_on_loopback(&self) -> bool {
        self.host.to_canonical().is_loopback()
    }
}
