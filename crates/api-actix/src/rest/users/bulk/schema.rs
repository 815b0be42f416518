//! Requests in bulk as clients see them: the shapes of the OpenAPI document.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::ProblemBody;
use crate::rest::users::schema::{ChangeUserRequest, UserIdValue, UserResponse};

/// Many operations, carried out in their order.
#[derive(Debug, ToSchema)]
pub struct BulkRequest {
    /// At most 1,000, of which at most 100 have a password.
    #[schema(max_items = 1000)]
    pub operations: Vec<BulkOperationRequest>,
    /// Whether all of them happen or none.
    #[schema(required = false, default = false)]
    pub atomic: bool,
}

/// One of them. What it has no use for is ignored.
#[derive(Debug, ToSchema)]
pub struct BulkOperationRequest {
    /// What to do.
    pub op: BulkOperationName,
    /// The user's number or UUID; for all but `create`.
    #[schema(value_type = i64, required = false, example = 42)]
    pub id: UserIdValue,
    /// For `create` the body of `POST /users`, for `update` that of `PATCH /users/{id}`.
    #[schema(value_type = ChangeUserRequest, required = false)]
    pub user: Value,
    /// What `If-Match` is to a single request: the `ETag` of the version that is meant, for all but `create`.
    #[schema(required = false, example = "\"1\"")]
    pub if_match: Option<String>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum BulkOperationName {
    /// As `POST /users`.
    Create,
    /// As `PATCH /users/{id}`.
    Update,
    /// As `DELETE /users/{id}`.
    Delete,
    /// As `POST /users/{id}/restore`.
    Restore,
}

/// What came of each operation, in order.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BulkResponse {
    /// As many as there were operations.
    pub results: Vec<BulkResult>,
}

/// What came of one operation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BulkResult {
    /// The status that the operation would have been answered with alone.
    #[schema(example = 201)]
    pub status: u16,
    /// The user as they were behind it; not there if they were deleted.
    #[schema(required = false)]
    pub user: Option<UserResponse>,
    /// Why it was not carried out; its pointers begin with `/operations/` and the operation's place.
    #[schema(value_type = Option<ProblemBody>, required = false)]
    pub problem: Option<Value>,
}
