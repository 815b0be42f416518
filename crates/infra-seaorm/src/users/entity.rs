//! A row of `users`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) uuid: Uuid,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) username_key: Option<String>,
    pub(crate) email_key: Option<String>,
    pub(crate) email_canonical: String,
    pub(crate) username_folded: String,
    pub(crate) email_folded: String,
    pub(crate) full_name_folded: Option<String>,
    pub(crate) last_name_folded: Option<String>,
    pub(crate) password_hash: String,
    pub(crate) password_changed_at: DateTime,
    pub(crate) must_change_password: bool,
    pub(crate) full_name: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) role: String,
    pub(crate) is_active: bool,
    pub(crate) suspended_until: Option<DateTime>,
    pub(crate) status_reason: Option<String>,
    pub(crate) email_verified_at: Option<DateTime>,
    pub(crate) external_id: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) user_metadata: String,
    pub(crate) app_metadata: String,
    pub(crate) created_by: Option<Uuid>,
    pub(crate) version: i64,
    pub(crate) auth_epoch: i64,
    pub(crate) created_at: DateTime,
    pub(crate) updated_at: DateTime,
    pub(crate) deleted_at: Option<DateTime>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
