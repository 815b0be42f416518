//! The columns that readers see, and no others.

use chrono::NaiveDateTime;
use domain::user::UserView;
use domain::values::{Metadata, UserId, UserUuid};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::entity::Column;
use super::mapping::role;
use crate::faults::Defect;
use crate::moments::from_stored;

/// What a [`UserView`] is made of; never the password's hash.
#[derive(Debug, FromQueryResult)]
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

/// The columns of a [`ViewRow`] that are in the table `users`.
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
