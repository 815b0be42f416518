//! Reading one user, the hot path, and reading all of them.

use domain::login::LoginName;
use domain::values::{UserId, UserRef};
use sea_orm::{
    ColumnTrait as _, DatabaseConnection, DbBackend, DbErr, EntityTrait as _, FromQueryResult, QueryFilter as _,
    Statement, Value,
};

use super::entity::{Column, Entity, Model};
use super::row::ViewRow;
use crate::statements::statement;

/// Constant, because building a SELECT costs a fifth of the whole read.
macro_rules! select_where {
    ($condition:literal) => {
        concat!(
            "SELECT users.id, uuid, username, email, full_name, first_name, last_name, role, is_active, email_verified_at, \
             external_id, locale, user_metadata, app_metadata, suspended_until, created_at, updated_at, deleted_at, \
             version, last_login_at FROM users LEFT JOIN login_states ON login_states.user_id = users.id WHERE ",
            $condition
        )
    };
}

const BY_ID: &str = select_where!("users.id = ?");
const BY_UUID: &str = select_where!("uuid = ?");
const BY_ID_ON_POSTGRES: &str = select_where!("users.id = $1");
const BY_UUID_ON_POSTGRES: &str = select_where!("uuid = $1");

/// By number and by UUID.
pub(crate) fn find_sql(backend: DbBackend) -> [&'static str; 2] {
    match backend {
        DbBackend::Postgres => [BY_ID_ON_POSTGRES, BY_UUID_ON_POSTGRES],
        _ => [BY_ID, BY_UUID],
    }
}

/// The user's row, deleted or not.
pub(super) async fn find(db: DatabaseConnection, user: UserRef) -> Result<Option<ViewRow>, DbErr> {
    let backend = db.get_database_backend();
    let [by_id, by_uuid] = find_sql(backend);
    let (sql, value): (_, Value) = match user {
        UserRef::Id(id) => (by_id, id.get().into()),
        UserRef::Uuid(uuid) => (by_uuid, uuid.get().into()),
    };
    let statement = Statement::from_sql_and_values(backend, sql, [value]);
    ViewRow::find_by_statement(statement).one(&db).await
}

const EXPORT: &str = select_where!("users.id > ? ORDER BY users.id LIMIT ?");

/// Users by number, for [`UserQueries::export`](domain::ports::UserQueries::export). Deleted ones too: few are, and to
/// leave them out a database without statistics might read all that follow, and sort.
pub(crate) fn export(backend: DbBackend, after: UserId, limit: u32) -> Statement {
    statement(backend, EXPORT, [after.get().into(), i64::from(limit).into()])
}

/// The row of the living user who holds this name.
pub(crate) async fn find_login(db: DatabaseConnection, name: LoginName) -> Result<Option<Model>, DbErr> {
    // Nobody's name holds a NUL, and PostgreSQL refuses to compare with one.
    if name.key().contains('\0') {
        return Ok(None);
    }
    let is_named = match name {
        LoginName::Username(key) => Column::UsernameKey.eq(key),
        LoginName::Email(key) => Column::EmailKey.eq(key),
    };
    Entity::find().filter(is_named).filter(Column::DeletedAt.is_null()).one(&db).await
}
