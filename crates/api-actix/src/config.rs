//! What the composition root decides about the HTTP surface.

use std::time::Duration;

use domain::ports::RateLimit;
use ipnet::IpNet;

use crate::client_address::ForwardedHeader;

/// The settings of the HTTP surface: plain values, checked by whoever makes them.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// The name of the service in its documents.
    pub app_name: String,
    /// Where the routes are mounted; the first is the one that the OpenAPI document describes. Each begins with a slash
    /// and does not end with one.
    pub base_paths: Vec<String>,
    /// What the member `id` of a user is, and which ids paths take.
    pub user_id_format: UserIdFormat,
    /// Whether changes must carry `If-Match` (428 otherwise).
    pub require_if_match: bool,
    /// Whether callers must authenticate. Without it everybody is an administrator, the host guard is on, and reads and
    /// writes are not limited.
    pub auth_required: bool,
    /// Host names that are answered besides loopback ones while authentication is off; `*.example.com` and `*` work.
    pub allowed_hosts: Vec<String>,
    /// Origins whose pages may call the service, such as `https://app.example.com`; `*` means any.
    pub cors_origins: Vec<String>,
    /// Networks of the proxies that are believed about the client's address.
    pub trusted_proxies: Vec<IpNet>,
    /// The one header that they set.
    pub trusted_proxy_header: ForwardedHeader,
    /// Whether `/metrics` is served elsewhere, and not beside the routes.
    pub metrics_apart: bool,
    /// Sizes and times.
    pub limits: Limits,
    /// How often callers may ask.
    pub rate_limits: RateLimits,
}

/// How often callers may ask; `None` means as often as they like. The names are those that clients read.
#[derive(Debug, Clone, Default)]
pub struct RateLimits {
    /// Signing in, registering and choosing a password by a reset token, for each network; named `auth`.
    pub auth: Option<RateLimit>,
    /// Reading, for each user; named `read`. Off where nobody has to authenticate.
    pub read: Option<RateLimit>,
    /// Everything else, for each user; named `write`. Off where nobody has to authenticate.
    pub write: Option<RateLimit>,
}

/// What the member `id` of a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserIdFormat {
    /// The number; paths take the number and the UUID.
    #[default]
    Integer,
    /// The UUID; paths take nothing else, so that nobody can count users.
    Uuid,
}

impl From<UserIdFormat> for user_files::IdFormat {
    fn from(format: UserIdFormat) -> Self {
        match format {
            UserIdFormat::Integer => Self::Integer,
            UserIdFormat::Uuid => Self::Uuid,
        }
    }
}

/// The limits of requests and connections.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest JSON body in bytes.
    pub json_body: usize,
    /// The largest body of a request in bulk.
    pub bulk_body: usize,
    /// The longest URL in bytes.
    pub url: usize,
    /// The largest head in bytes: request line and headers.
    pub head: usize,
    /// The time for a request to arrive whole and be answered.
    pub request_time: Duration,
    /// The time for the head of a request to arrive.
    pub head_time: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long a client may leave an answer unread before its connection is reset.
    pub unread_time: Duration,
    /// Clients that may wait for events at once, or have a stream of them; more are told to come back later.
    pub followers: usize,
    /// How long a stream of events is silent at most.
    pub heartbeat: Duration,
    /// Requests that are always worked on at once, however long they take. More of them are, as long as they end soon.
    pub in_work: usize,
    /// Threads that serve connections.
    pub workers: usize,
    /// Connections that each worker serves at once; more of them wait.
    pub connections_per_worker: usize,
    /// How long requests in flight may take to end when the service stops.
    pub shutdown_time: Duration,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            app_name: "User management".into(),
            base_paths: vec!["/api/v1".into(), "/v1".into()],
            user_id_format: UserIdFormat::default(),
            require_if_match: false,
            auth_required: false,
            allowed_hosts: Vec::new(),
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            trusted_proxy_header: ForwardedHeader::default(),
            metrics_apart: false,
            limits: Limits::default(),
            rate_limits: RateLimits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            json_body: 64 * 1024,
            bulk_body: 4 * 1024 * 1024,
            url: 8 * 1024,
            head: 16 * 1024,
            request_time: Duration::from_secs(30),
            head_time: Duration::from_secs(5),
            keep_alive: Duration::from_secs(75),
            unread_time: Duration::from_secs(30),
            followers: 1_000,
            heartbeat: Duration::from_secs(15),
            in_work: 64,
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            connections_per_worker: 25_000,
            shutdown_time: Duration::from_secs(30),
        }
    }
}
