//! The columns that readers see, and no others.

use chrono::NaiveDateTime;
use domain::user::UserView;
use domain::values::{Metadata, UserId, UserUuid};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::entity::Column;
use super::mapping::role;
use crate::faults::Defect;
use crate::moments::from_stored;

/// What a [`UserView`] is made of; never the password's hash. In the order of the columns of every statement that reads users
/// to be shown: by their places they are found several times as quickly as by their names.
#[derive(Debug)]
pub(super) struct ViewRow {
    id: i64,
    uuid: Uuid,
    username: String,
    email: String,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    role: String,
    is_active: bool,
    email_verified_at: Option<NaiveDateTime>,
    external_id: Option<String>,
    locale: Option<String>,
    user_metadata: String,
    app_metadata: String,
    suspended_until: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    deleted_at: Option<NaiveDateTime>,
    version: i64,
    last_login_at: Option<NaiveDateTime>,
}

/// The columns of a [`ViewRow`] that are in the table `users`, in its order.
pub(super) const VIEW_COLUMNS: [Column; 19] = [
    Column::Id,
    Column::Uuid,
    Column::Username,
    Column::Email,
    Column::FullName,
    Column::FirstName,
    Column::LastName,
    Column::Role,
    Column::IsActive,
    Column::EmailVerifiedAt,
    Column::ExternalId,
    Column::Locale,
    Column::UserMetadata,
    Column::AppMetadata,
    Column::SuspendedUntil,
    Column::CreatedAt,
    Column::UpdatedAt,
    Column::DeletedAt,
    Column::Version,
];

impl FromQueryResult for ViewRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            uuid: row.try_get_by_index(1)?,
            username: row.try_get_by_index(2)?,
            email: row.try_get_by_index(3)?,
            full_name: row.try_get_by_index(4)?,
            first_name: row.try_get_by_index(5)?,
            last_name: row.try_get_by_index(6)?,
            role: row.try_get_by_index(7)?,
            is_active: row.try_get_by_index(8)?,
            email_verified_at: row.try_get_by_index(9)?,
            external_id: row.try_get_by_index(10)?,
            locale: row.try_get_by_index(11)?,
            user_metadata: row.try_get_by_index(12)?,
            app_metadata: row.try_get_by_index(13)?,
            suspended_until: row.try_get_by_index(14)?,
            created_at: row.try_get_by_index(15)?,
            updated_at: row.try_get_by_index(16)?,
            deleted_at: row.try_get_by_index(17)?,
            version: row.try_get_by_index(18)?,
            last_login_at: row.try_get_by_index(19)?,
        })
    }
}

impl TryFrom<ViewRow> for UserView {
    type Error = Defect;

    fn try_from(row: ViewRow) -> Result<Self, Defect> {
        Ok(Self {
            id: UserId::new(row.id),
            uuid: UserUuid::new(row.uuid),
            role: role(row.id, &row.role)?,
            username: row.username,
            email: row.email,
            full_name: row.full_name,
            first_name: row.first_name,
            last_name: row.last_name,
            is_active: row.is_active,
            email_verified: row.email_verified_at.is_some(),
            external_id: row.external_id,
            locale: row.locale,
            user_metadata: Metadata::from_stored(row.user_metadata),
            app_metadata: Metadata::from_stored(row.app_metadata),
            suspended_until: row.suspended_until.map(from_stored),
            created_at: from_stored(row.created_at),
            updated_at: from_stored(row.updated_at),
            last_login_at: row.last_login_at.map(from_stored),
            deleted_at: row.deleted_at.map(from_stored),
            version: row.version,
        })
    }
}
