//! Reading one user: the hot path.

use domain::values::UserRef;
use sea_orm::{DatabaseConnection, DbErr, FromQueryResult, Statement, Value};

use super::row::ViewRow;

/// Constant, because building a SELECT costs a fifth of the whole read.
macro_rules! select_where {
    ($column:literal) => {
        concat!(
            "SELECT id, uuid, username, email, full_name, first_name, last_name, role, is_active, email_verified_at, \
             external_id, locale, user_metadata, app_metadata, suspended_until, created_at, updated_at, deleted_at, \
             version FROM users WHERE ",
            $column,
            " = ?"
        )
    };
}

const BY_ID: &str = select_where!("id");
const BY_UUID: &str = select_where!("uuid");

/// The user's row, deleted or not.
pub(super) async fn find(db: DatabaseConnection, user: UserRef) -> Result<Option<ViewRow>, DbErr> {
    let (sql, value): (_, Value) = match user {
        UserRef::Id(id) => (BY_ID, id.get().into()),
        UserRef::Uuid(uuid) => (BY_UUID, uuid.get().into()),
    };
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [value]);
    ViewRow::find_by_statement(statement).one(&db).await
}
