//! What every handler is called with.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::USER_AGENT;
use actix_web::{HttpMessage, HttpRequest, web};
use application::audit::Trail;
use application::authentication::Reach;
use application::repeated::{Answers, RepeatedRequests};
use application::{Authentication, RequestContext, Users};
use chrono::{DateTime, Utc};
use domain::access::Actor;
use domain::audit::Origin;
use domain::ports::Clock;
use domain::values::{Digest, PasswordPolicy, SessionId, UserRef, network};
use domain::violation::Violation;
use serde_json::{Map, Value};

use super::bearer;
use super::events::Followers;
use super::rates::Rates;
use super::repeated::{Reserved, has_key};
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
    pub(crate) repeated: RepeatedRequests,
    pub(crate) trail: Trail,
    pub(crate) followers: Followers,
    pub(crate) rates: Rates,
    pub(crate) auth_required: bool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tasks: WriteTasks,
    pub(crate) addresses: ClientAddresses,
    pub(crate) password_policy: PasswordPolicy,
    pub(crate) user_id_format: UserIdFormat,
    pub(crate) require_if_match: bool,
    pub(crate) json_body: usize,
    pub(crate) bulk_body: usize,
    /// Pages of other origins that may send forms.
    pub(crate) pages: CrossOrigin,
}

/// One request to a resource: who asks, and for what.
pub(crate) struct Call {
    api: Arc<Api>,
    request: HttpRequest,
    actor: Actor,
    session: Option<SessionId>,
    /// What stands for the body, where the request is one to be carried out once.
    body: Cell<Option<Digest>>,
    /// The request, while it is carried out once and no change has begun.
    reserved: RefCell<Option<Reserved>>,
}

impl Api {
    /// The user of this id, in the form that ids have here.
    pub(super) fn parse_user(&self, text: &str) -> Result<UserRef, Violation> {
        match self.user_id_format {
            UserIdFormat::Integer => UserRef::parse(text),
            UserIdFormat::Uuid => UserRef::parse_uuid(text),
        }
    }
}

impl Call {
    /// A call whose caller has been found out.
    pub(super) fn new(api: Arc<Api>, request: HttpRequest, actor: Actor, session: Option<SessionId>) -> Self {
        Self { api, request, actor, session, body: Cell::default(), reserved: RefCell::default() }
    }

    /// The service.
    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    /// The service, for an answer that goes on behind its handler.
    pub(super) fn shared_api(&self) -> Arc<Api> {
        Arc::clone(&self.api)
    }

    /// The access token that the caller was let in with.
    ///
    /// # Errors
    ///
    /// Those of reading it again, of which there are none.
    pub(super) fn token(&self) -> Result<Option<String>, Problem> {
        if self.session.is_none() {
            return Ok(None);
        }
        Ok(bearer::token(self.request.headers())?.map(ToOwned::to_owned))
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
        RequestContext::new(self.actor.clone(), Origin { session_id, ..Origin::default() })
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
        RequestContext::new(self.actor.clone(), Origin { ip, user_agent, request_id, session_id })
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
        let parsed = self.api.parse_user(self.request.match_info().query("id"));
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
        self.read_members(payload, kind, self.api.json_body).await
    }

    /// The members of the body of a request in bulk.
    ///
    /// # Errors
    ///
    /// See [`body::read_object`].
    pub(crate) async fn bulk_members(&self, payload: web::Payload) -> Result<Map<String, Value>, Problem> {
        self.read_members(payload, BodyKind::Json, self.api.bulk_body).await
    }

    async fn read_members(
        &self,
        payload: web::Payload,
        kind: BodyKind,
        limit: usize,
    ) -> Result<Map<String, Value>, Problem> {
        let look = |bytes: &[u8]| {
            if has_key(self.request.headers()) {
                self.body.set(Some(self.api.repeated.fingerprint(&self.reader(), &[bytes])));
            }
        };
        body::read_object(&self.request, payload.into_inner(), kind, limit, look).await
    }

    /// What stands for the body that was read, if one was and the request is one to be carried out once.
    pub(super) fn body_fingerprint(&self) -> Option<Digest> {
        self.body.get()
    }

    /// Keeps the right to carry the request out, until a change begins.
    pub(super) fn reserve(&self, reserved: Option<Reserved>) {
        self.reserved.replace(reserved);
    }

    /// That right, if no change has taken it.
    pub(super) fn take_reserved(&self) -> Option<Reserved> {
        self.reserved.take()
    }

    /// What came of parts of the request already, where it is carried out once and broke off before; `None` if it is a
    /// request like any other.
    pub(crate) fn done_before(&self) -> Option<Answers> {
        self.reserved.borrow().as_ref().map(|reserved| reserved.ticket().done().clone())
    }

    /// Gives the request more time than others have, once it has arrived.
    pub(crate) fn take_time(&self, time: Duration) {
        if let Some(scope) = self.request.extensions().get::<RequestScope>() {
            scope.extend(time);
        }
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
    pub(super) async fn is_still_in(&self) -> Result<(), Problem> {
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
        let reserved = self.take_reserved();
        let context = RequestContext { once: reserved.as_ref().map(|held| held.ticket().clone()), ..self.writer() };
        if let Some(scope) = self.request.extensions().get::<RequestScope>() {
            scope.begin_write(WRITE_TIME);
        }
        // It goes with the change, so that it lives as long as that does, whoever waits.
        let work = async move { Ok((change(use_cases, context).await, reserved)) };
        let (result, reserved) = self.api.tasks.run_to_end::<(Result<T, E>, Option<Reserved>), Problem>(work).await?;
        self.reserve(reserved);
        result.map_err(Problem::from)
    }
}
