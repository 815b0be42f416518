//! Between a stored row and a [`User`].

use domain::user::{User, UserRecord};
use domain::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PersonName, Role, StatusReason, UserId, UserUuid,
    Username, fold,
};
use sea_orm::{ActiveValue, Set};

use super::entity::{ActiveModel, Model};
use crate::faults::Defect;
use crate::moments::{from_stored, to_stored};

/// The role of a stored user.
pub(crate) fn role(id: i64, role: &str) -> Result<Role, Defect> {
    Role::parse(role).map_err(|_| Defect::UnknownRole { id, role: role.to_owned() })
}

/// The user in a row.
pub(crate) fn to_user(row: Model) -> Result<User, Defect> {
    let record = UserRecord {
        uuid: UserUuid::new(row.uuid),
        role: role(row.id, &row.role)?,
        holds_names: row.username_key.is_some(),
        username: Username::from_stored(row.username),
        email: EmailAddress::from_stored(row.email),
        password_hash: PasswordHash::from_stored(row.password_hash),
        password_changed_at: from_stored(row.password_changed_at),
        must_change_password: row.must_change_password,
        full_name: row.full_name.map(PersonName::from_stored),
        first_name: row.first_name.map(PersonName::from_stored),
        last_name: row.last_name.map(PersonName::from_stored),
        is_active: row.is_active,
        suspended_until: row.suspended_until.map(from_stored),
        status_reason: row.status_reason.map(StatusReason::from_stored),
        email_verified_at: row.email_verified_at.map(from_stored),
        external_id: row.external_id.map(ExternalId::from_stored),
        locale: row.locale.map(Locale::from_stored),
        user_metadata: Metadata::from_stored(row.user_metadata),
        app_metadata: Metadata::from_stored(row.app_metadata),
        created_by: row.created_by.map(UserUuid::new),
        version: row.version,
        auth_epoch: row.auth_epoch,
        created_at: from_stored(row.created_at),
        updated_at: from_stored(row.updated_at),
        deleted_at: row.deleted_at.map(from_stored),
    };
    Ok(User::from_stored(UserId::new(row.id), record))
}

/// Every column but the id, with keys and folded forms.
pub(super) fn to_row(record: &UserRecord) -> ActiveModel {
    let text = |value: &str| value.to_owned();
    let name = |name: &Option<PersonName>| name.as_ref().map(|name| name.as_str().to_owned());
    let email_key = record.email.key();
    ActiveModel {
        id: ActiveValue::NotSet,
        uuid: Set(record.uuid.get()),
        username: Set(text(record.username.as_str())),
        email: Set(text(record.email.as_str())),
        username_key: Set(record.holds_names.then(|| record.username.key())),
        email_key: Set(record.holds_names.then(|| email_key.clone())),
        email_canonical: Set(email_key),
        username_folded: Set(fold(record.username.as_str())),
        email_folded: Set(fold(record.email.as_str())),
        full_name_folded: Set(record.displayed_full_name().map(|name| fold(&name))),
        last_name_folded: Set(record.last_name.as_ref().map(|name| fold(name.as_str()))),
        password_hash: Set(text(record.password_hash.expose())),
        password_changed_at: Set(to_stored(record.password_changed_at)),
        must_change_password: Set(record.must_change_password),
        full_name: Set(name(&record.full_name)),
        first_name: Set(name(&record.first_name)),
        last_name: Set(name(&record.last_name)),
        role: Set(text(record.role.as_str())),
        is_active: Set(record.is_active),
        suspended_until: Set(record.suspended_until.map(to_stored)),
        status_reason: Set(record.status_reason.as_ref().map(|reason| text(reason.as_str()))),
        email_verified_at: Set(record.email_verified_at.map(to_stored)),
        external_id: Set(record.external_id.as_ref().map(|id| text(id.as_str()))),
        locale: Set(record.locale.as_ref().map(|locale| text(locale.as_str()))),
        user_metadata: Set(text(record.user_metadata.as_json())),
        app_metadata: Set(text(record.app_metadata.as_json())),
        created_by: Set(record.created_by.map(UserUuid::get)),
        version: Set(record.version),
        auth_epoch: Set(record.auth_epoch),
        created_at: Set(to_stored(record.created_at)),
        updated_at: Set(to_stored(record.updated_at)),
        deleted_at: Set(record.deleted_at.map(to_stored)),
    }
}
