//! `POST /users/bulk`.

mod answer;
mod request;
pub mod schema;

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::header::ContentType;
use actix_web::{HttpMessage, HttpResponse, post, web};
use application::Users;
use application::repeated::Answers;
use application::users::{BulkOperation, BulkOperationError, CarriedOut, FailedOperation, PreparedOperation};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use tracing::{error, warn};

use self::answer::BulkAnswer;
use self::request::{Bulk, Wanted, place};
use self::schema::{BulkRequest, BulkResponse};
use super::{PRIVATE, UserJson};
use crate::edge::RequestScope;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[
    ErrorCode::MalformedJson,
    ErrorCode::CurrentPasswordWrong,
    ErrorCode::Forbidden,
    ErrorCode::UserNotFound,
    ErrorCode::UsernameTaken,
    ErrorCode::EmailTaken,
    ErrorCode::ExternalIdTaken,
    ErrorCode::LastAdministrator,
    ErrorCode::PreconditionFailed,
    ErrorCode::PayloadTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ValidationFailed,
    ErrorCode::PreconditionRequired,
    ErrorCode::TooManyAttempts,
];

/// For so long a request in bulk may be at work once it has arrived.
const BULK_TIME: Duration = Duration::from_mins(10);

/// So many passwords of one request are hashed at once, or wait for it: others want to sign in.
const PREPARED_AT_ONCE: usize = 4;

/// Carry out many operations.
///
/// Each has the rights and rules of the request that it stands for, and they are carried out in their order. Passwords are
/// checked and hashed before the first of them begins, so that somebody who is restored by the same request cannot be given
/// a password, an email address or a username by it.
///
/// Each operation happens or fails by itself. With `atomic: true` all of them happen or none does: then the answer is the
/// problem of the first that cannot, and its `errors` point to it (`/operations/3`). The request counts once for the rate
/// limit. Send an `Idempotency-Key`: a request that was broken off then goes on where it stopped when it is sent again.
#[utoipa::path(
    tag = "users",
    operation_id = "bulkUsers",
    request_body(content = BulkRequest, content_type = "application/json",
                 example = json!({"operations": [
                     {"op": "create", "user": {"username": "ann", "email": "ann@example.com", "password": "correct horse battery staple"}},
                     {"op": "update", "id": 42, "user": {"locale": "de"}, "if_match": "\"1\""},
                     {"op": "delete", "id": 43},
                 ], "atomic": false})),
    responses((
        status = 200, description = "What came of each operation.", body = BulkResponse,
        example = json!({"results": [
            {"status": 409, "problem": {
                "type": "/problems/username_taken", "title": "Username already exists", "status": 409,
                "detail": "Username already exists", "instance": "/api/v1/users/bulk", "code": "username_taken",
                "request_id": "5f2b8c9d01e700000001"}},
            {"status": 204},
        ]})
    ))
)]
#[post("/bulk")]
pub(super) async fn bulk_users(call: Call, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let members = call.bulk_members(payload).await?;
    call.take_time(BULK_TIME);
    let bulk = Bulk::read(members, &call)?;
    let kinds = bulk.kinds();
    let show = |answer: &BulkAnswer| {
        let users = UserJson::new(call.api().user_id_format);
        let body = answer.to_json(&kinds, users, |problem| shown(&call, problem));
        HttpResponse::Ok().content_type(ContentType::json()).insert_header(PRIVATE).body(body)
    };
    if bulk.is_atomic {
        let operations = bulk.operations.into_iter().map(|wanted| wanted.operation).collect::<Result<_, _>>()?;
        return call.once(carry_out_together(&call, operations), show).await;
    }
    call.once(carry_out(&call, bulk.operations), show).await
}

async fn carry_out_together(call: &Call, operations: Vec<BulkOperation>) -> Result<BulkAnswer, Problem> {
    let (users, writer, count) = (&call.api().users, call.writer(), operations.len());
    let prepare = async |(index, operation)| {
        let prepared = users.prepare_operation(&writer, operation).await;
        prepared.map_err(|error| FailedOperation { index: Some(index), error })
    };
    let prepared: Vec<_> =
        stream::iter(operations).enumerate().map(prepare).buffered(PREPARED_AT_ONCE).try_collect().await?;
    let change = async move |users: Users, context| users.carry_out_together(&context, prepared).await;
    let done: Answers = (0..).zip(call.write(change).await?).collect();
    Ok(BulkAnswer { done, count, ..BulkAnswer::default() })
}

async fn carry_out(call: &Call, operations: Vec<Wanted>) -> Result<BulkAnswer, Problem> {
    let count = operations.len();
    let done_before = call.done_before();
    let is_repeatable = done_before.is_some();
    let done = done_before.unwrap_or_default();
    let mut answer = BulkAnswer { kept: done.keys().copied().collect(), done, count, ..BulkAnswer::default() };
    let mut problems = BTreeMap::new();
    let prepared = prepare(call, operations, &answer.done, &mut problems).await?;
    let carry_out = async move |users: Users, context| Ok::<_, Problem>(users.carry_out(&context, prepared).await);
    let mut carried_out = call.write(carry_out).await?.into_iter();
    for (index, part) in (0..count).zip(0..) {
        match carried_out.next() {
            Some(Some(CarriedOut { result: Ok(done), is_kept })) => {
                answer.done.insert(part, done);
                if is_kept {
                    answer.kept.insert(part);
                }
            }
            Some(Some(CarriedOut { result: Err(error), .. })) if is_repeatable && error.is_outage() => {
                // Not the end of it: the same request goes on here.
                return Err(error.into());
            }
            Some(Some(CarriedOut { result: Err(error), .. })) => {
                problems.insert(index, of_operation(index, error));
            }
            // It was done before, or something is wrong with it.
            Some(None) => {}
            None if answer.done.contains_key(&part) => {}
            None => drop(problems.entry(index).or_insert_with(not_tried)),
        }
    }
    for (index, problem) in &problems {
        log_fault(call, *index, problem);
    }
    answer.problems = problems.iter().map(|(index, problem)| (*index, shown(call, problem))).collect();
    Ok(answer)
}

/// Prepares what was not done before, and notes what is wrong with the rest.
async fn prepare(
    call: &Call,
    operations: Vec<Wanted>,
    done: &Answers,
    problems: &mut BTreeMap<usize, Problem>,
) -> Result<Vec<Option<PreparedOperation>>, Problem> {
    let (users, writer) = (&call.api().users, call.writer());
    let prepare = async |((index, part), wanted): ((usize, i32), Wanted)| match wanted.operation {
        _ if done.contains_key(&part) => Ok(None),
        Err(problem) => Ok(Some(Err(problem))),
        Ok(operation) => match users.prepare_operation(&writer, operation).await {
            Ok(prepared) => Ok(Some(Ok(prepared))),
            // Nothing has happened yet, so that the whole request can be sent again.
            Err(error) if error.is_outage() => Err(Problem::from(error)),
            Err(error) => Ok(Some(Err(of_operation(index, error)))),
        },
    };
    let prepared = stream::iter((0..).zip(0..).zip(operations)).map(prepare).buffered(PREPARED_AT_ONCE);
    let prepared: Vec<_> = prepared.try_collect().await?;
    let note = |(index, prepared): (usize, Option<Result<_, Problem>>)| match prepared? {
        Ok(prepared) => Some(prepared),
        Err(problem) => {
            problems.insert(index, problem);
            None
        }
    };
    Ok(prepared.into_iter().enumerate().map(note).collect())
}

fn not_tried() -> Problem {
    let detail = "It was not tried, since the service could not carry out an operation before it: send it again";
    Problem::new(ErrorCode::Unavailable, detail)
}

/// A problem as it is shown inside of an answer.
fn shown(call: &Call, problem: &Problem) -> Value {
    let request = call.request();
    let id = request.extensions().get::<RequestScope>().map(|scope| scope.id().as_str().to_owned());
    let written = problem.render(request.path(), &id.unwrap_or_default());
    serde_json::from_slice(&written).expect("a problem is JSON")
}

/// The edge sees an answer that is fine, so that failures of ours are logged here.
fn log_fault(call: &Call, index: usize, problem: &Problem) {
    if !problem.code().status().is_server_error() {
        return;
    }
    let extensions = call.request().extensions();
    let id = extensions.get::<RequestScope>().map_or("", |scope| scope.id().as_str());
    let causes = problem.causes();
    if problem.code() == ErrorCode::Unavailable {
        warn!(request_id = id, operation = index, error = %causes, "could not carry out operation {index}: {causes}");
    } else {
        error!(request_id = id, operation = index, error = %causes, "operation {index} failed: {causes}");
    }
}

impl From<BulkOperationError> for Problem {
    fn from(error: BulkOperationError) -> Self {
        match error {
            BulkOperationError::Create(error) => error.into(),
            BulkOperationError::Update(error) => error.into(),
            BulkOperationError::Change(error) => error.into(),
        }
    }
}

impl From<FailedOperation> for Problem {
    fn from(FailedOperation { index, error }: FailedOperation) -> Self {
        match index {
            Some(index) => of_operation(index, error).at(&place(index)),
            None => error.into(),
        }
    }
}

/// Why an operation was not carried out; what is wrong stands in what it says about the user.
fn of_operation(index: usize, error: BulkOperationError) -> Problem {
    Problem::from(error).inside(&format!("{}/user", place(index)))
}
