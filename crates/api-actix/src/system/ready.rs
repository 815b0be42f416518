//! `GET /ready`: the service can answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use domain::ports::{SchemaState, StorageProbe};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{AuditState, RedisState};
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// How long the checks may take: the answer must stand within two seconds, whatever hangs.
const CHECK_TIME: Duration = Duration::from_millis(1500);

/// The state of what the service needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Checks {
    /// Whether the database answers.
    database: Check,
    /// Whether Redis answers, where it is used.
    redis: Check,
    /// Whether the database has the tables of this version.
    migrations: Check,
    /// Whether the database refuses to change the audit trail. Where it does not, the service goes on; `usermgmt doctor`
    /// says what to do.
    audit: Check,
}

/// The state of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Check {
    /// It works.
    Ok,
    /// It is not used.
    Off,
    /// It is not done yet.
    Pending,
    /// It can be changed by whoever may write to the database.
    Unprotected,
    /// It was done by a newer version.
    Newer,
    /// Nobody can say.
    Unknown,
    /// It is away, and the service goes on without it.
    Degraded,
    /// It is away.
    Failed,
}

impl Checks {
    fn of(schema: SchemaState, redis: RedisState, audit: AuditState) -> Self {
        let migrations = match schema {
            SchemaState::Current => Check::Ok,
            SchemaState::Pending => Check::Pending,
            SchemaState::Newer => Check::Newer,
        };
        Self { database: Check::Ok, redis: redis.into(), migrations, audit: audit.into() }
    }

    fn without_database(redis: RedisState) -> Self {
        let unknown = Check::Unknown;
        Self { database: Check::Failed, redis: redis.into(), migrations: unknown, audit: unknown }
    }

    fn to_problem(self, detail: &'static str) -> Problem {
        let checks = serde_json::to_value(self).expect("states are plain words");
        Problem::new(ErrorCode::Unavailable, detail).with_member("checks", checks)
    }
}

impl From<RedisState> for Check {
    fn from(state: RedisState) -> Self {
        match state {
            RedisState::Off => Self::Off,
            RedisState::Ok => Self::Ok,
            RedisState::Degraded => Self::Degraded,
        }
    }
}

impl From<AuditState> for Check {
    fn from(state: AuditState) -> Self {
        match state {
            AuditState::Protected => Self::Ok,
            AuditState::Unprotected => Self::Unprotected,
            AuditState::Unknown => Self::Unknown,
        }
    }
}

/// What is answered while the database is away; the document shows it.
pub(crate) fn without_database(redis: RedisState) -> Problem {
    Checks::without_database(redis).to_problem("The database is away")
}

/// What the service needs, as far as it can be away.
pub(crate) struct Needs {
    pub(crate) storage: Arc<dyn StorageProbe>,
    pub(crate) redis: Arc<dyn Fn() -> RedisState + Send + Sync>,
    pub(crate) audit: Arc<dyn Fn() -> AuditState + Send + Sync>,
    /// Whether it is not known what other replicas change, so that nobody is let in.
    pub(crate) is_blind: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// What `/ready` looks at: what the service needs, and whether the service is about to stop.
pub(crate) struct ReadinessState {
    needs: Needs,
    is_stopping: Arc<AtomicBool>,
}

impl ReadinessState {
    pub(crate) fn new(needs: Needs, is_stopping: Arc<AtomicBool>) -> Self {
        Self { needs, is_stopping }
    }

    async fn check(&self) -> Result<Checks, Problem> {
        if self.is_stopping.load(Ordering::Relaxed) {
            return Err(Problem::new(ErrorCode::Unavailable, "The service is stopping"));
        }
        let probed = tokio::time::timeout(CHECK_TIME, self.needs.storage.probe()).await;
        let (redis, audit) = ((self.needs.redis)(), (self.needs.audit)());
        match probed {
            Ok(Ok(SchemaState::Current)) if (self.needs.is_blind)() => {
                let detail = "What other replicas change cannot be followed, so nobody is let in";
                Err(Checks::of(SchemaState::Current, redis, audit).to_problem(detail))
            }
            Ok(Ok(SchemaState::Current)) => Ok(Checks::of(SchemaState::Current, redis, audit)),
            Ok(Ok(other)) => {
                Err(Checks::of(other, redis, audit).to_problem("The database does not have the tables of this version"))
            }
            Ok(Err(error)) => Err(without_database(redis).caused_by(error)),
            Err(_) => Err(Checks::without_database(redis).to_problem("The database does not answer in time")),
        }
    }
}

/// That the service can answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// Always `ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// The state of each part.
    checks: Checks,
}

/// Can the service answer?
///
/// Answers within two seconds, whatever hangs. For load balancers: 503 while the database is away, while its tables are
/// not there yet, while what other replicas change cannot be followed, and while the service is stopping; the problem's `checks` then say which part it is.
#[utoipa::path(
    tag = "system",
    operation_id = "getReadiness",
    responses((status = 200, description = "The service can answer.", body = Ready))
)]
#[get("/ready")]
pub(crate) async fn ready(state: web::Data<ReadinessState>) -> Result<HttpResponse, Problem> {
    let checks = state.check().await?;
    Ok(HttpResponse::Ok().json(Ready { status: "ready", checks }))
}
