//! A row of `users`, as the API shows it.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use serde::Serialize;
use sqlx::mysql::MySqlRow;
use sqlx::types::{Json, JsonRawValue};
use sqlx::{MySqlPool, Row as _};
use uuid::Uuid;

/// The columns that [`User::from_row`] reads, by position.
macro_rules! columns {
    () => {
        "id, uuid, username, email, full_name, first_name, last_name, role, is_active, email_verified_at, external_id, \
         locale, user_metadata, app_metadata, suspended_until, created_at, updated_at"
    };
}

pub(crate) const BY_ID: &str = concat!("SELECT ", columns!(), " FROM users WHERE id = ? AND deleted_at IS NULL");
pub(crate) const FIRST_PAGE: &str =
    concat!("SELECT ", columns!(), " FROM users WHERE deleted_at IS NULL ORDER BY id LIMIT 10");

const UP_TO: &str = concat!("SELECT ", columns!(), " FROM users WHERE id <= ? AND deleted_at IS NULL");

/// Users with ids up to this, by id.
pub(crate) async fn first(pool: &MySqlPool, last: u32) -> Result<HashMap<i64, User>, sqlx::Error> {
    if last == 0 {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(UP_TO).bind(last).fetch_all(pool).await?;
    rows.iter().map(|row| User::from_row(row).map(|user| (user.id, user))).collect()
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the members of the API")]
pub(crate) struct User {
    id: i64,
    uuid: Uuid,
    username: String,
    email: String,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    role: String,
    is_active: bool,
    email_verified: bool,
    external_id: Option<String>,
    locale: Option<String>,
    user_metadata: Json<Box<JsonRawValue>>,
    app_metadata: Json<Box<JsonRawValue>>,
    suspended_until: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl User {
    pub(crate) fn from_row(row: &MySqlRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            uuid: row.try_get(1)?,
            username: row.try_get(2)?,
            email: row.try_get(3)?,
            full_name: row.try_get(4)?,
            first_name: row.try_get(5)?,
            last_name: row.try_get(6)?,
            role: row.try_get(7)?,
            is_active: row.try_get(8)?,
            email_verified: row.try_get::<Option<NaiveDateTime>, _>(9)?.is_some(),
            external_id: row.try_get(10)?,
            locale: row.try_get(11)?,
            user_metadata: row.try_get(12)?,
            app_metadata: row.try_get(13)?,
            suspended_until: row.try_get(14)?,
            created_at: row.try_get(15)?,
            updated_at: row.try_get(16)?,
        })
    }
}
