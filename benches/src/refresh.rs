//! Refreshing, written by hand: the statements that a token which is good once needs, and a new pair.

use actix_web::{HttpResponse, error, web};
use chrono::{NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::MySqlPool;
use uuid::Uuid;

use crate::serve::State;

#[derive(Deserialize)]
pub(crate) struct Presented {
    refresh_token: String,
}

#[derive(Serialize)]
struct Pair {
    access_token: String,
    refresh_token: String,
    token_type: &'static str,
}

#[expect(clippy::disallowed_types, reason = "the framework's own extractors are what is measured here")]
type Body = web::Json<Presented>;

/// The session's user, locked with the session.
const SESSION: &str = "SELECT s.id, s.user_uuid FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id \
     WHERE t.digest = ? AND s.revoked_at IS NULL AND s.expires_at > ? FOR UPDATE";
const SPEND: &str = "UPDATE refresh_tokens SET spent_at = ? WHERE digest = ? AND spent_at IS NULL";
const INSERT: &str = "INSERT INTO refresh_tokens (digest, session_id, parent, nonce, issued_at) VALUES (?, ?, ?, ?, ?)";
const PROLONG: &str = "UPDATE sessions SET last_used_at = ?, expires_at = ? WHERE id = ?";

pub(crate) async fn refresh(state: web::Data<State>, body: Body) -> actix_web::Result<HttpResponse> {
    let Some(tokens) = &state.tokens else { return Ok(HttpResponse::NotFound().finish()) };
    let now = Utc::now();
    #[expect(clippy::disallowed_methods, reason = "no ports here: this is the least that could be done")]
    let successor = format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple());
    let rotated = rotate(&state.pool, &body.refresh_token, &successor, now.naive_utc()).await;
    let Some((session, user)) = rotated.map_err(error::ErrorInternalServerError)? else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    let signed = tokens.sign(user, session, now.timestamp()).map_err(error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().json(Pair { access_token: signed, refresh_token: successor, token_type: "bearer" }))
}

/// The session and its user, if the token was good.
async fn rotate(
    pool: &MySqlPool,
    presented: &str,
    successor: &str,
    now: NaiveDateTime,
) -> Result<Option<(Uuid, Uuid)>, sqlx::Error> {
    let [spent, next] = [presented, successor].map(|token| Sha256::digest(token).to_vec());
    let mut transaction = pool.begin().await?;
    let found: Option<(Uuid, Uuid)> =
        sqlx::query_as(SESSION).bind(&spent).bind(now).fetch_optional(&mut *transaction).await?;
    let Some((session, user)) = found else { return Ok(None) };
    let done = sqlx::query(SPEND).bind(now).bind(&spent).execute(&mut *transaction).await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    let insert = sqlx::query(INSERT).bind(&next).bind(session).bind(&spent).bind(&next).bind(now);
    insert.execute(&mut *transaction).await?;
    let prolong = sqlx::query(PROLONG).bind(now).bind(now + TimeDelta::days(7)).bind(session);
    prolong.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(Some((session, user)))
}
