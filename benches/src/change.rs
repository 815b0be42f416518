//! Changing a user, written by hand: one transaction, with an event of the change or without.

use actix_web::{HttpResponse, error, web};
use chrono::Utc;
use serde::Deserialize;
use sqlx::{MySqlPool, Row as _};
use uuid::Uuid;

use crate::serve::State;
use crate::user::{BY_ID, User};

#[derive(Deserialize)]
pub(crate) struct Change {
    locale: String,
}

#[expect(clippy::disallowed_types, reason = "the framework's own extractors are what is measured here")]
type Id = web::Path<i64>;
#[expect(clippy::disallowed_types, reason = "the framework's own extractors are what is measured here")]
type Body = web::Json<Change>;

/// The events lie beside those of the product, whose chain would not know what to do with them, in a table with the same columns and indexes.
pub(crate) async fn prepare(pool: &MySqlPool) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS bare_audit_events LIKE audit_events").execute(pool).await.map(|_| ())
}

const LOCK: &str = "SELECT * FROM users WHERE id = ? AND deleted_at IS NULL FOR UPDATE";
const UPDATE: &str = "UPDATE users SET locale = ?, version = version + 1, updated_at = ? WHERE id = ?";
const INSERT: &str = "INSERT INTO bare_audit_events (id, recorded_at, action, actor_type, actor_id, target_type, target_id, \
     subject_id, fields, origin, changes, request_id, session_id, mac) \
     VALUES (?, ?, 'user.updated', 'anonymous', NULL, 'user', ?, ?, 'locale', ?, ?, ?, NULL, ?)";

pub(crate) async fn change(state: web::Data<State>, id: Id, body: Body) -> actix_web::Result<HttpResponse> {
    match write(&state, *id, &body.locale).await.map_err(error::ErrorInternalServerError)? {
        Some(user) => Ok(HttpResponse::Ok().json(user)),
        None => Ok(HttpResponse::NotFound().finish()),
    }
}

async fn write(state: &State, id: i64, locale: &str) -> Result<Option<User>, sqlx::Error> {
    let now = Utc::now().naive_utc();
    let mut transaction = state.pool.begin().await?;
    let Some(found) = sqlx::query(LOCK).bind(id).fetch_optional(&mut *transaction).await? else { return Ok(None) };
    let uuid: Uuid = found.try_get("uuid")?;
    sqlx::query(UPDATE).bind(locale).bind(now).bind(id).execute(&mut *transaction).await?;
    if state.is_audited {
        #[expect(clippy::disallowed_methods, reason = "no ports here: this is the least that could be done")]
        let event = Uuid::now_v7();
        let insert = sqlx::query(INSERT).bind(event).bind(now).bind(uuid).bind(uuid);
        // As long as the product's are, sealed.
        let insert = insert.bind("s".repeat(130)).bind("p".repeat(140)).bind(event.to_string()).bind(vec![7_u8; 32]);
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    sqlx::query(BY_ID).bind(id).fetch_optional(&state.pool).await?.as_ref().map(User::from_row).transpose()
}
