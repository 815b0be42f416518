//! Services that want a token, and people who have one.

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::client::{Answer, person};
use crate::database::{Database, Kind};
use crate::redis::Beside;
use crate::service::Service;

pub(crate) const ADMIN: &str = "admin";
pub(crate) const ADMIN_PASSWORD: &str = "the first of them all";

/// The password of everybody whom [`person`] describes.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Authentication, with an administrator, and no limits: all tests come from one address.
pub(crate) const WITH_AUTH: [(&str, &str); 6] = [
    ("AUTH_REQUIRED", "true"),
    ("BOOTSTRAP_ADMIN_PASSWORD", ADMIN_PASSWORD),
    ("ALLOW_REGISTRATION", "true"),
    ("RATE_LIMIT_AUTH", "off"),
    ("RATE_LIMIT_READ", "off"),
    ("RATE_LIMIT_WRITE", "off"),
];

/// Keeps connections, so that an answer takes as long as the service does.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::builder().timeout(Duration::from_secs(30)).build().unwrap());

/// Two services on one database. Dropping them ends everything.
pub(crate) struct Replicas {
    pub(crate) a: Service,
    pub(crate) b: Service,
    // After those who use it.
    pub(crate) database: Database,
}

impl Replicas {
    /// Two that want a token; nothing where this machine has no server for them.
    pub(crate) fn start(kind: Kind, beside: Beside) -> Option<Self> {
        let (redis, database) = (beside.url()?, kind.database()?);
        let settings = [("REDIS_URL", &*redis)];
        let [a, b] = [(); 2].map(|()| Service::start_on_with_auth(&database, &settings));
        Some(Self { a, b, database })
    }

    /// The administrator, signed in at the first.
    pub(crate) fn admin(&self) -> SignedIn {
        self.a.login(ADMIN, ADMIN_PASSWORD)
    }
}

/// A person's tokens.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) session: String,
}

impl Service {
    /// Starts in a new folder; callers need a token.
    pub(crate) fn start_with_auth(settings: &[(&str, &str)]) -> Self {
        Self::start(&[&WITH_AUTH, settings].concat())
    }

    /// Starts on a database, in its folder; callers need a token.
    pub(crate) fn start_on_with_auth(database: &Database, settings: &[(&str, &str)]) -> Self {
        Self::start_on(database, &[&WITH_AUTH, settings].concat())
    }

    /// Signs somebody in.
    #[track_caller]
    pub(crate) fn login(&self, name: &str, password: &str) -> SignedIn {
        SignedIn::of(&self.try_login(name, password))
    }

    /// Tries to sign somebody in.
    #[track_caller]
    pub(crate) fn try_login(&self, name: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", &json!({"username": name, "password": password}))
    }

    /// Shows a refresh token.
    #[track_caller]
    pub(crate) fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/api/v1/auth/refresh", &json!({"refresh_token": refresh_token}))
    }

    /// Makes an account for a person of this name, as they do themselves, and signs them in; the path to them, too.
    #[track_caller]
    pub(crate) fn register(&self, name: &str) -> (SignedIn, String) {
        let registered = self.post("/api/v1/auth/register", &person(name));
        assert_eq!(registered.status, 201, "{}", registered.body);
        (self.login(name, PASSWORD), format!("/api/v1/users/{}", registered.body["id"]))
    }
}

impl SignedIn {
    /// The tokens of an answer; fails if it has none.
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.text("token_type"), "bearer");
        let text = |member| answer.text(member).to_owned();
        Self { access_token: text("access_token"), refresh_token: text("refresh_token"), session: text("session_id") }
    }

    /// Calls with the access token.
    #[track_caller]
    pub(crate) fn call(&self, service: &Service, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let bearer = format!("Bearer {}", self.access_token);
        service.call(method, path, &[("Authorization", &bearer)], body)
    }

    #[track_caller]
    pub(crate) fn get(&self, service: &Service, path: &str) -> Answer {
        self.call(service, "GET", path, None)
    }

    #[track_caller]
    pub(crate) fn post(&self, service: &Service, path: &str, body: &Value) -> Answer {
        self.call(service, "POST", path, Some(body))
    }

    #[track_caller]
    pub(crate) fn patch(&self, service: &Service, path: &str, body: &Value) -> Answer {
        self.call(service, "PATCH", path, Some(body))
    }

    #[track_caller]
    pub(crate) fn delete(&self, service: &Service, path: &str) -> Answer {
        self.call(service, "DELETE", path, None)
    }

    /// What the service says of this person: 200, or why not.
    #[track_caller]
    pub(crate) fn me(&self, service: &Service) -> u16 {
        let request = CLIENT.request(Method::GET, service.url("/api/v1/auth/me")).bearer_auth(&self.access_token);
        request.send().unwrap().status().as_u16()
    }

    /// Asks until the service, which does not know what was revoked while its database was away, lets in again.
    #[track_caller]
    pub(crate) fn wait_until_let_in(&self, service: &Service) {
        let begun = Instant::now();
        loop {
            match self.me(service) {
                200 => return,
                503 => assert!(begun.elapsed() < Duration::from_secs(5), "not let in"),
                other => panic!("status {other}"),
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks until the service refuses the access token, and tells how long that took. Before that it may say that a deleted
    /// person is not there; anything else fails.
    #[track_caller]
    pub(crate) fn time_to_refusal(&self, service: &Service) -> Duration {
        let begun = Instant::now();
        loop {
            match self.me(service) {
                401 => return begun.elapsed(),
                200 | 404 => assert!(begun.elapsed() < Duration::from_secs(10), "still let in"),
                other => panic!("status {other}"),
            }
        }
    }
}
