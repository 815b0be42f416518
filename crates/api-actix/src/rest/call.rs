//! What every handler is called with.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::USER_AGENT;
use actix_web::{HttpMessage, HttpRequest, web};
use application::authentication::Reach;
use application::{Authentication, RequestContext, Users};
use chrono::{DateTime, Utc};
use domain::access::Actor;
use domain::audit::Origin;
use domain::ports::Clock;
use domain::values::{PasswordPolicy, SessionId, UserRef, network};
use serde_json::{Map, Value};

use super::bearer;
use super::rates::Rates;
use crate::body::{self, BodyKind};
use crate::client_address::ClientAddresses;
use crate::config::UserIdFormat;
use crate::cross_origin::CrossOrigin;
use crate::edge::RequestScope;
use crate::host_guard;
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
    pub(crate) authentication: Authentication,
    pub(crate) rates: Rates,
    pub(crate) auth_required: bool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tasks: WriteTasks,
    pub(crate) addresses: ClientAddresses,
    pub(crate) password_policy: PasswordPolicy,
    pub(crate) user_id_format: UserIdFormat,
    pub(crate) require_if_match: bool,
    pub(crate) json_body: usize,
    /// Pages of other origins that may send forms.
    pub(crate) pages: CrossOrigin,
}

/// One request to a resource: who asks, and for what.
pub(crate) struct Call {
    api: Arc<Api>,
    request: HttpRequest,
    actor: Actor,
    session: Option<SessionId>,
}

impl Call {
    /// A call whose caller has been found out.
    pub(super) fn new(api: Arc<Api>, request: HttpRequest, actor: Actor, session: Option<SessionId>) -> Self {
        Self { api, request, actor, session }
    }

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
        let session_id = self.session.map(SessionId::get);
        RequestContext { actor: self.actor.clone(), origin: Origin { session_id, ..Origin::default() } }
    }

    /// Who asks and from where, for changing.
    pub(crate) fn writer(&self) -> RequestContext {
        let headers = self.request.headers();
        let user_agent = headers.get(USER_AGENT).map(|value| {
            String::from_utf8_lossy(value.as_bytes()).chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect()
        });
        let request_id = self.request.extensions().get::<RequestScope>().map(|scope| scope.id().as_str().to_owned());
        let ip = self.address();
        let session_id = self.session.map(SessionId::get);
        RequestContext { actor: self.actor.clone(), origin: Origin { ip, user_agent, request_id, session_id } }
    }

    fn address(&self) -> Option<IpAddr> {
        self.api.addresses.find(self.request.peer_addr(), self.request.headers())
    }

    /// What a caller who is nobody yet is counted under.
    pub(super) fn network(&self) -> String {
        network(self.address())
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

    /// The session named by `{sid}` in the path.
    ///
    /// # Errors
    ///
    /// [`ValidationFailed`](crate::error_code::ErrorCode::ValidationFailed) if it is no id.
    pub(crate) fn session_in_path(&self) -> Result<SessionId, Problem> {
        SessionId::parse(self.request.match_info().query("sid")).map_err(|violation| {
            Problem::validation(vec![FieldProblem::new("sid", violation.code(), "A session is named by a UUID")])
        })
    }

    /// The members of the body.
    ///
    /// # Errors
    ///
    /// See [`body::read_object`], and [`ForbiddenOrigin`](crate::error_code::ErrorCode::ForbiddenOrigin) for the form of a
    /// foreign page.
    pub(crate) async fn members(&self, payload: web::Payload, kind: BodyKind) -> Result<Map<String, Value>, Problem> {
        if kind == BodyKind::JsonOrForm {
            self.check_page()?;
        }
        body::read_object(&self.request, payload.into_inner(), kind, self.api.json_body).await
    }

    /// Runs a change to users to its end, whether the client waits for it or not. What is slow and changes nothing, hashing,
    /// is done before, where it ends with the request.
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
        self.run_to_end(self.api.users.clone(), change).await
    }

    /// The same for a change to sessions and credentials.
    pub(crate) async fn write_access<T, E, F>(
        &self,
        change: impl FnOnce(Authentication, RequestContext) -> F + Send + 'static,
    ) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: Send + 'static,
        Problem: From<E>,
    {
        self.run_to_end(self.api.authentication.clone(), change).await
    }

    /// Refuses what a page that is not ours sends without having been allowed to.
    ///
    /// # Errors
    ///
    /// [`ForbiddenOrigin`](crate::error_code::ErrorCode::ForbiddenOrigin).
    pub(super) fn check_page(&self) -> Result<(), Problem> {
        host_guard::check_unasked(&self.api.pages, self.request.headers())
    }

    /// Whether the caller would still be let in: a body may be half a minute on its way and a password is hashed for a while,
    /// in which a session can be revoked and a role can change. Answered from memory.
    async fn is_still_in(&self) -> Result<(), Problem> {
        if self.session.is_none() {
            return Ok(());
        }
        let token = bearer::token(self.request.headers())?.unwrap_or_default();
        self.api.authentication.authenticate(token, Reach::OwnPassword).await?;
        Ok(())
    }

    async fn run_to_end<S, T, E, F>(
        &self,
        use_cases: S,
        change: impl FnOnce(S, RequestContext) -> F + Send + 'static,
    ) -> Result<T, Problem>
    where
        S: Send + 'static,
        F: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: Send + 'static,
        Problem: From<E>,
    {
        self.is_still_in().await?;
        let context = self.writer();
        if let Some(scope) = self.request.extensions().get::<RequestScope>() {
            scope.begin_write(WRITE_TIME);
        }
        self.api.tasks.run_to_end(async move { change(use_cases, context).await }).await
    }
}
