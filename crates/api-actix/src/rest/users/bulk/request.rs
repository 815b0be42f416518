//! What a request in bulk asks for, checked by its form.

use application::users::{BulkOperation, MetadataMode, Precondition, UpdateUser};
use domain::values::UserRef;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::body::{Member, WrongMembers, read};
use crate::problem::{FieldProblem, Problem};
use crate::rest::call::{Api, Call};
use crate::rest::preconditions::if_match_of;
use crate::rest::users::{changes, create};

/// So many operations at most.
const MAX_OPERATIONS: usize = 1_000;

/// So many of them with a password, which takes a quarter of a second each.
const MAX_PASSWORDS: usize = 100;

/// The members of the body, but for the operations.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    atomic: Member<bool>,
}

/// The members of an operation, but for those that are read in another way.
#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    op: Member<String>,
    #[serde(default)]
    if_match: Member<String>,
}

/// What a request in bulk asks for.
pub(super) struct Bulk {
    pub(super) is_atomic: bool,
    pub(super) operations: Vec<Wanted>,
}

/// One operation, or what is wrong with it.
pub(super) struct Wanted {
    pub(super) kind: Kind,
    pub(super) operation: Result<BulkOperation, Problem>,
}

/// What an operation does, as far as its answer depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    Other,
}

impl Bulk {
    /// Reads the members of the body.
    ///
    /// # Errors
    ///
    /// [`ValidationFailed`](crate::error_code::ErrorCode::ValidationFailed) if it is not a list of operations, or of too many.
    pub(super) fn read(mut members: Map<String, Value>, call: &Call) -> Result<Self, Problem> {
        let items = members.remove("operations");
        let mut wrong = WrongMembers::default();
        let Body { atomic } = read(members);
        let is_atomic = wrong.value("atomic", atomic).unwrap_or(false);
        let items = match items {
            Some(Value::Array(items)) => items,
            other => {
                let (code, detail) = match other {
                    None => ("required", "This member is required"),
                    Some(Value::Null) => ("null_not_allowed", "It may not be null"),
                    Some(_) => ("wrong_type", "It must be a list"),
                };
                wrong.wrong("operations", code, detail);
                Vec::new()
            }
        };
        if items.len() > MAX_OPERATIONS {
            wrong.wrong("operations", "too_many_operations", "At most 1000 operations fit into one request");
        }
        if items.iter().filter(|item| has_password(item)).count() > MAX_PASSWORDS {
            wrong.wrong("operations", "too_many_passwords", "At most 100 operations of a request may have a password");
        }
        let items = wrong.unless_wrong(Some(items))?;
        let operations = items.into_iter().enumerate().map(|(index, item)| Wanted::read(index, item, call.api()));
        Ok(Self { is_atomic, operations: operations.collect() })
    }

    /// The kinds of its operations, in order.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.operations.iter().map(|wanted| wanted.kind).collect()
    }
}

fn has_password(item: &Value) -> bool {
    item.pointer("/user/password").is_some_and(|password| !password.is_null())
}

impl Wanted {
    fn read(index: usize, item: Value, api: &Api) -> Self {
        let kind = if item.get("op").and_then(Value::as_str) == Some("create") { Kind::Create } else { Kind::Other };
        let operation = match item {
            Value::Object(members) => read_operation(members, api),
            _ => Err(Problem::validation(vec![FieldProblem::new("", "wrong_type", "It must be a JSON object")])),
        };
        Self { kind, operation: operation.map_err(|problem| problem.inside(&place(index))) }
    }
}

/// Where an operation stands in the body.
pub(super) fn place(index: usize) -> String {
    format!("/operations/{index}")
}

fn read_operation(mut members: Map<String, Value>, api: &Api) -> Result<BulkOperation, Problem> {
    let (id, user) = (members.remove("id"), members.remove("user"));
    let Operation { op, if_match } = read(members);
    let mut wrong = WrongMembers::default();
    let op = wrong.required("op", op);
    let if_match = wrong.nullable("if_match", if_match);
    let user = match user {
        None => Some(Map::new()),
        Some(Value::Object(members)) => Some(members),
        Some(_) => {
            wrong.wrong("user", "wrong_type", "It must be a JSON object");
            None
        }
    };
    let op = op.as_deref().unwrap_or_default();
    let precondition = |wrong: &mut WrongMembers, is_required| {
        let read = if_match_of(if_match.as_deref(), is_required);
        if read.is_none() {
            wrong.wrong("if_match", "malformed", "It must be `*` or a list of entity tags, as the header If-Match");
        }
        read.unwrap_or(Precondition::Missing)
    };
    match op {
        "create" => {
            let members = wrong.unless_wrong(user)?;
            Ok(BulkOperation::Create(create::parse(read(members), api.password_policy).map_err(of_user)?))
        }
        "update" => {
            let target = read_id(&mut wrong, id.as_ref(), api);
            let precondition = precondition(&mut wrong, api.require_if_match);
            let (user, members) = wrong.unless_wrong(target.zip(user))?;
            let (changes, current_password) = changes::parse(read(members), api.password_policy).map_err(of_user)?;
            let command = UpdateUser { changes, metadata: MetadataMode::Merge, precondition, current_password };
            Ok(BulkOperation::Update { user, command })
        }
        "delete" => {
            let target = read_id(&mut wrong, id.as_ref(), api);
            let precondition = precondition(&mut wrong, api.require_if_match);
            Ok(BulkOperation::Delete { user: wrong.unless_wrong(target)?, precondition })
        }
        "restore" => {
            let target = read_id(&mut wrong, id.as_ref(), api);
            let precondition = precondition(&mut wrong, false);
            Ok(BulkOperation::Restore { user: wrong.unless_wrong(target)?, precondition })
        }
        unknown => {
            if !unknown.is_empty() {
                wrong.wrong("op", "unknown_operation", "It must be create, update, delete or restore");
            }
            wrong.unless_wrong(None)
        }
    }
}

fn of_user(problem: Problem) -> Problem {
    problem.inside("/user")
}

fn read_id(wrong: &mut WrongMembers, id: Option<&Value>, api: &Api) -> Option<UserRef> {
    let text = match id {
        None => {
            wrong.wrong("id", "required", "This member is required");
            return None;
        }
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => String::new(),
    };
    let parsed = api.parse_user(&text);
    if let Err(violation) = &parsed {
        wrong.broken("id", violation);
    }
    parsed.ok()
}
