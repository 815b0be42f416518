//! The app that each worker runs: the layers, outermost last, and the routes, hottest first.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};
use application::audit::Trail;
use application::repeated::RepeatedRequests;
use application::{Authentication, Users};
use domain::ports::{Clock, RateLimiter, StorageProbe};
use domain::values::PasswordPolicy;
use tokio::runtime::Handle;
use tokio::sync::watch;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::scope::scope;

use crate::client_address::ClientAddresses;
use crate::compression::compress;
use crate::config::ApiConfig;
use crate::cross_origin::CrossOrigin;
use crate::edge::{Edge, Load};
use crate::fallback::{self, KnownPaths};
use crate::openapi::openapi;
use crate::rest::{self, Api, Followers, Rates};
use crate::run_to_end::WriteTasks;
use crate::system;
use crate::system::docs::SwaggerConfig;
use crate::system::jwks::Jwks;
use crate::system::metrics::WriteMetrics;
use crate::system::openapi_json::OpenApiJson;
use crate::system::ready::{Needs, ReadinessState};

/// What the HTTP surface stands on.
#[derive(Clone)]
pub struct Services {
    /// The use cases around users.
    pub users: Users,
    /// The use cases around being signed in.
    pub authentication: Authentication,
    /// Counts requests.
    pub limiter: Arc<dyn RateLimiter>,
    /// The keys that access tokens are verified with, as a JWK set (RFC 7517); without keys where they are secret.
    pub jwks: String,
    /// Asked by `/ready`: whether Redis is there. It answers at once.
    pub redis: Arc<dyn Fn() -> RedisState + Send + Sync>,
    /// Asked by `/ready`: whether it is not known what other replicas change, so that nobody is let in. It answers at once.
    pub is_blind: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Asked by `/ready`: whether the database refuses to change the audit trail. It answers at once.
    pub audit: Arc<dyn Fn() -> AuditState + Send + Sync>,
    /// Writes all numbers down, for `/metrics`.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Asked by `/ready`.
    pub storage: Arc<dyn StorageProbe>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What a password must have.
    pub password_policy: PasswordPolicy,
}

/// Whether Redis is there. The service goes on without it: slower to learn of changes elsewhere, and counting alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedisState {
    /// It is not used.
    Off,
    /// It answers.
    Ok,
    /// It does not answer.
    Degraded,
}

/// Whether the database refuses to change the audit trail. The service goes on without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuditState {
    /// It does.
    Protected,
    /// It does not, or not all of it.
    Unprotected,
    /// It was not asked yet.
    #[default]
    Unknown,
}

/// What all workers share.
#[derive(Clone)]
pub(crate) struct Shared {
    config: Arc<ApiConfig>,
    api: web::Data<Api>,
    readiness: web::Data<ReadinessState>,
    paths: web::Data<KnownPaths>,
    document: web::Data<OpenApiJson>,
    swagger: web::Data<SwaggerConfig>,
    jwks: web::Data<Jwks>,
    metrics: web::Data<WriteMetrics>,
    load: Arc<Load>,
}

impl Shared {
    /// Writes run on `runtime`, which must outlive the workers. Who waits for events waits until `is_ending`.
    pub(crate) fn new(
        config: ApiConfig,
        services: Services,
        is_stopping: Arc<AtomicBool>,
        is_ending: &watch::Sender<bool>,
        runtime: Handle,
    ) -> Self {
        let document = openapi(&config);
        let trail = Trail::new(&services.users);
        let repeated = RepeatedRequests::new(&services.users);
        let api = Api {
            users: services.users,
            authentication: services.authentication,
            repeated,
            followers: Followers::new(trail.clone(), &config.limits, is_ending.subscribe()),
            trail,
            rates: Rates::new(services.limiter, &config.rate_limits, config.auth_required),
            auth_required: config.auth_required,
            clock: services.clock,
            tasks: WriteTasks::new(runtime),
            addresses: ClientAddresses::new(config.trusted_proxies.clone(), config.trusted_proxy_header),
            password_policy: services.password_policy,
            user_id_format: config.user_id_format,
            require_if_match: config.require_if_match,
            json_body: config.limits.json_body,
            bulk_body: config.limits.bulk_body,
            pages: CrossOrigin::new(&config.cors_origins),
        };
        Self {
            api: web::Data::new(api),
            readiness: web::Data::new(ReadinessState::new(
                Needs {
                    storage: services.storage,
                    redis: services.redis,
                    audit: services.audit,
                    is_blind: services.is_blind,
                },
                is_stopping,
            )),
            paths: web::Data::new(KnownPaths::new(&document, &config.base_paths)),
            document: web::Data::new(OpenApiJson::new(&document)),
            swagger: web::Data::new(SwaggerConfig::new()),
            jwks: web::Data::new(Jwks::new(services.jwks)),
            metrics: web::Data::new(services.metrics),
            load: Arc::new(Load::new(config.limits.in_work)),
            config: Arc::new(config),
        }
    }

    pub(crate) fn tasks(&self) -> WriteTasks {
        self.api.tasks.clone()
    }
}

/// The app of one worker.
pub(crate) fn app(
    shared: &Shared,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let config = &shared.config;
    let app = App::new()
        .app_data(shared.api.clone())
        .app_data(shared.readiness.clone())
        .app_data(shared.paths.clone())
        .app_data(shared.document.clone())
        .app_data(shared.swagger.clone())
        .app_data(shared.jwks.clone())
        .app_data(shared.metrics.clone())
        .into_utoipa_app();
    let app = config.base_paths.iter().fold(app, |app, base| app.service(scope(base.as_str()).configure(rest::routes)));
    let app = if config.metrics_apart { app } else { app.service(system::metrics::metrics) };
    app.service(system::health::health)
        .service(system::ready::ready)
        .service(system::jwks::jwks)
        .into_app()
        .service(system::openapi_json::openapi_json)
        .service(system::docs::index)
        .service(system::docs::file)
        .service(system::problems::index)
        .service(system::problems::page)
        .default_service(web::to(fallback::answer))
        .wrap(from_fn(compress))
        .wrap(Edge::new(config, Arc::clone(&shared.load)))
}
