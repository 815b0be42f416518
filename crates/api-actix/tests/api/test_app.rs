//! A running server, and a client that speaks the product's language.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use api_actix::metrics::DURATION_BUCKETS;
use api_actix::{ApiConfig, AuditState, Limits, RedisState, Server, Services, Stopper};
use application::audit::{AuditRecord, ListEventsCommand, Sequencer, Trail};
use application::{Authentication, AuthenticationPolicy, Keyring, Ports, RequestContext, UserPolicy, Users};
use domain::ports::{
    AskEachTime, AuditChain, AuditQueries, Leases, SessionQueries, Storage, StorageProbe, UserQueries,
};
use domain::user::UserView;
use domain::values::PasswordPolicy;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{
    CountedTokens, FakeHasher, FixedClock, ForgetfulDirectory, ImmediateBackoff, PlainCursors, PlainOutcomes,
    PlainSigner, PlainSubjectKeys, SequentialIds, SequentialSecrets, UserBuilder, user,
};
use tokio::sync::Mutex;

use crate::answer::Answer;
use crate::documented::Documented;
use crate::quotas::Quotas;
use crate::signed_in::SignedIn;
use crate::storage::{Place, clear};

/// A server of its own for one test, on storage of its own.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) hasher: Arc<FakeHasher>,
    pub(crate) directory: Arc<ForgetfulDirectory>,
    pub(crate) stopper: Stopper,
    users: Users,
    sequencer: Mutex<Sequencer>,
    client: Client,
    documented: Documented,
    place: Arc<Place>,
}

/// An event of the audit trail, as far as the surface has a say in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) action: String,
    pub(crate) request_id: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) actor_name: Option<String>,
    pub(crate) session_id: Option<String>,
}

/// The storage that a server stands on.
pub(crate) struct Stores {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) queries: Arc<dyn UserQueries>,
    pub(crate) sessions: Arc<dyn SessionQueries>,
    pub(crate) audit: Arc<dyn AuditQueries>,
    pub(crate) chain: Arc<dyn AuditChain>,
    pub(crate) leases: Arc<dyn Leases>,
    pub(crate) probe: Arc<dyn StorageProbe>,
}

impl Stores {
    pub(crate) fn of<S>(all: &Arc<S>) -> Self
    where
        S: Storage + UserQueries + SessionQueries + AuditQueries + AuditChain + Leases + StorageProbe + 'static,
    {
        Self {
            storage: all.clone(),
            queries: all.clone(),
            sessions: all.clone(),
            audit: all.clone(),
            chain: all.clone(),
            leases: all.clone(),
            probe: all.clone(),
        }
    }
}

/// What an operator decides, but for what belongs to the surface.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) allow_registration: bool,
    pub(crate) min_password_score: u8,
    pub(crate) redis: RedisState,
    pub(crate) audit: AuditState,
}

impl Default for Rules {
    fn default() -> Self {
        let (redis, audit) = (RedisState::Off, AuditState::Protected);
        Self { allow_registration: false, min_password_score: 0, redis, audit }
    }
}

/// The password of everybody whom a test makes.
pub(crate) const PASSWORD: &str = "correct horse";

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A server with other settings than the usual ones.
    pub(crate) fn with(change: impl FnOnce(&mut ApiConfig)) -> Self {
        Self::start(change, |usual| usual)
    }

    /// A server on which nobody may do anything without a token.
    pub(crate) fn with_auth() -> Self {
        Self::with(|config| config.auth_required = true)
    }

    /// A server with other settings, on other storage than the usual one, or around it.
    pub(crate) fn start(change: impl FnOnce(&mut ApiConfig), stores: impl FnOnce(Stores) -> Stores) -> Self {
        Self::under(Rules::default(), change, stores)
    }

    /// A server under other rules.
    pub(crate) fn under(
        rules: Rules,
        change: impl FnOnce(&mut ApiConfig),
        stores: impl FnOnce(Stores) -> Stores,
    ) -> Self {
        let limits = Limits { workers: 1, ..Limits::default() };
        let mut config = ApiConfig { limits, ..ApiConfig::default() };
        change(&mut config);
        let (place, clock) = (Arc::new(Place::default()), Arc::new(FixedClock::new()));
        let (stores, hasher) = (stores(Stores::of(&place)), Arc::new(FakeHasher::new()));
        let directory = Arc::new(ForgetfulDirectory::new(stores.sessions.clone()));
        let ports = Ports {
            storage: stores.storage,
            shown_users: Arc::new(AskEachTime(stores.queries.clone())),
            queries: stores.queries,
            replica: None,
            sessions: stores.sessions,
            audit: stores.audit,
            chain: stores.chain,
            leases: stores.leases,
            directory: directory.clone(),
            listener: directory.clone(),
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::new()),
            secrets: Arc::new(SequentialSecrets::new()),
            subject_sealer: Arc::new(PlainSubjectKeys::new()),
            keyring: Keyring::default(),
            audit_signer: Arc::new(PlainSigner::default()),
            outcome_sealer: Arc::new(PlainOutcomes),
            access_tokens: Arc::new(CountedTokens::new()),
            hasher: hasher.clone(),
            strength: hasher.clone(),
            backoff: Arc::new(ImmediateBackoff::default()),
            cursors: Arc::new(PlainCursors),
        };
        let sequencer = Mutex::new(Sequencer::new(&ports));
        let users =
            Users::new(ports, UserPolicy { min_password_score: rules.min_password_score, ..UserPolicy::default() });
        let policy = AuthenticationPolicy { allow_registration: rules.allow_registration, ..Default::default() };
        let services = Services {
            users: users.clone(),
            authentication: Authentication::new(users.clone(), policy),
            limiter: Arc::new(Quotas::default()),
            jwks: r#"{"keys":[]}"#.into(),
            redis: Arc::new(move || rules.redis),
            audit: Arc::new(move || rules.audit),
            is_blind: {
                let directory = directory.clone();
                Arc::new(move || directory.is_blind())
            },
            metrics: Arc::new(|| numbers().render()),
            storage: stores.probe,
            clock: clock.clone(),
            password_policy: PasswordPolicy::default(),
        };
        numbers();
        let documented = Documented::new(&api_actix::openapi(&config), &config.base_paths);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server::bind(config, services, listener).unwrap();
        let (address, stopper) = (server.addresses()[0], server.stopper());
        actix_web::rt::spawn(server.run());
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address, clock, hasher, directory, stopper, users, sequencer, client, documented, place }
    }

    /// Another server on the same storage, for reading: what it would write has the ids that this one's has.
    pub(crate) fn beside(&self, change: impl FnOnce(&mut ApiConfig)) -> Self {
        let place = Arc::clone(&self.place);
        Self::start(change, |_| Stores::of(&place))
    }

    /// Gives every event that was committed its place in the chain.
    pub(crate) async fn sequence(&self) {
        let mut sequencer = self.sequencer.lock().await;
        let mut failures = 0;
        loop {
            match sequencer.step(Instant::now()).await {
                Ok(step) if step.placed == 0 => break,
                Ok(_) => {}
                // As the job does: where many write at once, it may have to come again.
                Err(error) => {
                    failures += 1;
                    assert!(failures < 10, "{error:?}");
                }
            }
        }
    }

    /// A request, to be completed and then given to [`send`](Self::send).
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// Sends it, and sees to it that the OpenAPI document knows the answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = Answer::of(self.client.execute(request).await.unwrap()).await;
        self.documented.check(&method, &path, &answer);
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A request without a body.
    pub(crate) async fn post_nothing(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    /// Waits for the usual storage, which is made when it is first used, and that may take longer than a test allows.
    pub(crate) async fn reach_storage(&self) {
        self.place.reach().await;
    }

    /// The audit trail as far as it was committed, in any order.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let command = ListEventsCommand { limit: u32::MAX, ..ListEventsCommand::default() };
        let listed = Trail::new(&self.users).list(&RequestContext::system(), command).await.unwrap();
        let event = |event: AuditRecord| Event {
            action: event.action,
            request_id: event.request_id,
            user_agent: event.user_agent,
            ip: event.ip,
            actor_name: event.actor.name,
            session_id: event.session_id.map(|id| id.to_string()),
        };
        listed.events.into_iter().map(event).collect()
    }

    /// Makes a user past the surface, as an operator does.
    pub(crate) async fn given(&self, somebody: UserBuilder) -> UserView {
        self.users.create(&RequestContext::system(), somebody.password(PASSWORD).new_user()).await.unwrap()
    }

    /// Makes this user and signs them in.
    pub(crate) async fn sign_in(&self, somebody: UserBuilder) -> SignedIn<'_> {
        let made = self.given(somebody).await;
        self.login(&made.username).await
    }

    /// An administrator who signed in.
    pub(crate) async fn as_admin(&self) -> SignedIn<'_> {
        self.sign_in(user().named("root").admin()).await
    }

    /// Somebody of role `user` and of this name, who signed in.
    pub(crate) async fn as_user(&self, name: &str) -> SignedIn<'_> {
        self.sign_in(user().named(name)).await
    }

    /// Signs somebody in who is there.
    pub(crate) async fn login(&self, name: &str) -> SignedIn<'_> {
        let answer = self.post("/api/v1/auth/login", json!({"username": name, "password": PASSWORD})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        SignedIn::new(self, &answer.json())
    }

    /// Makes a user of this name.
    pub(crate) async fn user(&self, name: &str) -> Value {
        let answer = self.post("/api/v1/users", new_user(name)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        clear(Arc::clone(&self.place));
    }
}

/// The numbers of all servers of these tests.
fn numbers() -> &'static PrometheusHandle {
    static NUMBERS: LazyLock<PrometheusHandle> =
        LazyLock::new(|| PrometheusBuilder::new().set_buckets(&DURATION_BUCKETS).unwrap().install_recorder().unwrap());
    &NUMBERS
}

/// The least that makes a user.
pub(crate) fn new_user(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"})
}
