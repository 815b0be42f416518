//! `GET /ready`: the service can answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use domain::ports::{SchemaState, StorageProbe};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// How long the checks may take: the answer must stand within two seconds, whatever hangs.
const CHECK_TIME: Duration = Duration::from_millis(1800);

/// The state of what the service needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Checks {
    /// Whether the database answers.
    database: Check,
    /// Whether Redis answers, where it is used.
    redis: Check,
    /// Whether the database has the tables of this version.
    migrations: Check,
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
    /// It was done by a newer version.
    Newer,
    /// Nobody can say.
    Unknown,
    /// It is away.
    Failed,
}

impl Checks {
    fn of(schema: SchemaState) -> Self {
        let migrations = match schema {
            SchemaState::Current => Check::Ok,
            SchemaState::Pending => Check::Pending,
            SchemaState::Newer => Check::Newer,
        };
        Self { database: Check::Ok, redis: Check::Off, migrations }
    }

    const NO_DATABASE: Self = Self { database: Check::Failed, redis: Check::Off, migrations: Check::Unknown };

    fn to_problem(self, detail: &'static str) -> Problem {
        let checks = serde_json::to_value(self).expect("states are plain words");
        Problem::new(ErrorCode::Unavailable, detail).with_member("checks", checks)
    }
}

/// What is answered while the database is away; the document shows it.
pub(crate) fn without_database() -> Problem {
    Checks::NO_DATABASE.to_problem("The database is away")
}

/// What `/ready` looks at: the storage, and whether the service is about to stop.
pub(crate) struct ReadinessState {
    storage: Arc<dyn StorageProbe>,
    is_stopping: Arc<AtomicBool>,
}

impl ReadinessState {
    pub(crate) fn new(storage: Arc<dyn StorageProbe>, is_stopping: Arc<AtomicBool>) -> Self {
        Self { storage, is_stopping }
    }

    async fn check(&self) -> Result<Checks, Problem> {
        if self.is_stopping.load(Ordering::Relaxed) {
            return Err(Problem::new(ErrorCode::Unavailable, "The service is stopping"));
        }
        match tokio::time::timeout(CHECK_TIME, self.storage.probe()).await {
            Ok(Ok(SchemaState::Current)) => Ok(Checks::of(SchemaState::Current)),
            Ok(Ok(other)) => Err(Checks::of(other).to_problem("The database does not have the tables of this version")),
            Ok(Err(error)) => Err(without_database().caused_by(error)),
            Err(_) => Err(Checks::NO_DATABASE.to_problem("The database does not answer in time")),
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
/// not there yet, and while the service is stopping; the problem's `checks` then say which part it is.
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
