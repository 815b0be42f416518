//! What every handler is called with.

use std::future::{Future, Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use application::{RequestContext, Users};
use chrono::{DateTime, Utc};
use domain::access::Actor;
use domain::audit::Origin;
use domain::ports::Clock;
use domain::values::{PasswordPolicy, UserRef};
use serde_json::{Map, Value};

use crate::body::{self, BodyKind};
use crate::client_address::ClientAddresses;
use crate::config::UserIdFormat;
use crate::edge::RequestScope;
use crate::problem::{FieldProblem, Problem};
use crate::run_to_end::WriteTasks;

/// The most of a `User-Agent` that is kept.
const MAX_USER_AGENT: usize = 256;

/// The least time a change is waited for once it has begun, longer than it is ever tried: whoever is told that nothing
/// was done shall be told the truth.
const WRITE_TIME: Duration = Duration::from_secs(15);

/// What handlers need of the service.
pub(crate) struct Api {
    pub(crate) users: Users,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tasks: WriteTasks,
    pub(crate) addresses: ClientAddresses,
    pub(crate) password_policy: PasswordPolicy,
    pub(crate) user_id_format: UserIdFormat,
    pub(crate) require_if_match: bool,
    pub(crate) json_body: usize,
}

/// One request to a resource: who asks, and for what.
pub(crate) struct Call {
    api: Arc<Api>,
    request: HttpRequest,
    actor: Actor,
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let api = request.app_data::<web::Data<Api>>().map(|api| Arc::clone(api));
        ready(match api {
            Some(api) => Ok(Self { api, request: request.clone(), actor: Actor::AnonymousAdministrator }),
            None => Err(Problem::internal("the app was made without its state")),
        })
    }
}

impl Call {
    /// The service.
    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    /// The request.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// The time of this service.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.api.clock.now()
    }

    /// Who asks, for reading: nobody writes down where a reader came from.
    pub(crate) fn reader(&self) -> RequestContext {
        RequestContext { actor: self.actor.clone(), origin: Origin::default() }
    }

    /// Who asks and from where, for changing.
    pub(crate) fn writer(&self) -> RequestContext {
        let headers = self.request.headers();
        let user_agent = headers.get(USER_AGENT).map(|value| {
            String::from_utf8_lossy(value.as_bytes()).chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect()
        });
        let request_id = self.request.extensions().get::<RequestScope>().map(|scope| scope.id().as_str().to_owned());
        let ip = self.api.addresses.find(self.request.peer_addr(), headers);
        RequestContext { actor: self.actor.clone(), origin: Origin { ip, user_agent, request_id, session_id: None } }
    }

    /// The user named by `{id}` in the path.
    ///
    /// # Errors
    ///
    /// [`ValidationFailed`](crate::error_code::ErrorCode::ValidationFailed) if it is no id.
    pub(crate) fn user(&self) -> Result<UserRef, Problem> {
        let text = self.request.match_info().query("id");
        let parsed = match self.api.user_id_format {
            UserIdFormat::Integer => UserRef::parse(text),
            UserIdFormat::Uuid => UserRef::parse_uuid(text),
        };
        parsed.map_err(|violation| {
            Problem::validation(vec![FieldProblem::new("id", violation.code(), violation.detail().to_owned())])
        })
    }

    /// The members of the body.
    ///
    /// # Errors
    ///
    /// See [`body::read_object`].
    pub(crate) async fn members(&self, payload: web::Payload, kind: BodyKind) -> Result<Map<String, Value>, Problem> {
        body::read_object(&self.request, payload.into_inner(), kind, self.api.json_body).await
    }

    /// Runs a change to its end, whether the client waits for it or not. What is slow and changes nothing, hashing, is
    /// done before, where it ends with the request.
    pub(crate) async fn write<T, E, F>(
        &self,
        change: impl FnOnce(Users, RequestContext) -> F + Send + 'static,
    ) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: Send + 'static,
        Problem: From<E>,
    {
        let (users, context) = (self.api.users.clone(), self.writer());
        if let Some(scope) = self.request.extensions().get::<RequestScope>() {
            scope.begin_write(WRITE_TIME);
        }
        self.api.tasks.run_to_end(async move { change(users, context).await }).await
    }
}
