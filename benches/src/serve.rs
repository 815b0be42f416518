//! The bare handlers.

use std::collections::HashMap;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, error, web};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use sqlx::MySqlPool;
use uuid::Uuid;

use crate::bearer::Tokens;
use crate::change::change;
use crate::hashing::Hashing;
use crate::refresh::refresh;
use crate::user::{BY_ID, FIRST_PAGE, User};

/// What the handlers share.
pub(crate) struct State {
    pub(crate) pool: MySqlPool,
    pub(crate) bcrypt_rounds: u32,
    pub(crate) hashing: Hashing,
    /// One user is read only by somebody who shows one of these.
    pub(crate) tokens: Option<Tokens>,
    /// Whether changes are written down.
    pub(crate) is_audited: bool,
    /// Users that need not be looked for in the database.
    pub(crate) users: HashMap<i64, User>,
}

/// Serves until it is told to stop.
pub(crate) async fn serve(port: u16, state: State) -> std::io::Result<()> {
    let state = web::Data::new(state);
    HttpServer::new(move || {
        let get = if state.tokens.is_some() { web::get().to(get_with_token) } else { web::get().to(get) };
        App::new()
            .app_data(state.clone())
            .route("/ready", web::get().to(HttpResponse::Ok))
            .service(
                web::scope("/api/v1/users")
                    .route("", web::get().to(first_page))
                    .route("", web::post().to(create))
                    .route("/{id}", get)
                    .route("/{id}", web::patch().to(change)),
            )
            .route("/api/v1/auth/login", web::post().to(login))
            .route("/api/v1/auth/refresh", web::post().to(refresh))
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await
}

#[expect(clippy::disallowed_types, reason = "the framework's own extractors are what is measured here")]
type Id = web::Path<i64>;
#[expect(clippy::disallowed_types, reason = "the framework's own extractors are what is measured here")]
type Body = web::Json<NewUser>;
#[expect(clippy::disallowed_types, reason = "the framework's own extractors are what is measured here")]
type Credentials = web::Json<Login>;

async fn get(state: web::Data<State>, id: Id) -> actix_web::Result<HttpResponse> {
    if let Some(user) = state.users.get(&id) {
        return Ok(HttpResponse::Ok().json(user));
    }
    let row =
        sqlx::query(BY_ID).bind(*id).fetch_optional(&state.pool).await.map_err(error::ErrorInternalServerError)?;
    let Some(row) = row else { return Ok(HttpResponse::NotFound().finish()) };
    Ok(HttpResponse::Ok().json(User::from_row(&row).map_err(error::ErrorInternalServerError)?))
}

async fn get_with_token(state: web::Data<State>, request: HttpRequest, id: Id) -> actix_web::Result<HttpResponse> {
    let is_somebody = state.tokens.as_ref().is_some_and(|tokens| tokens.accept(&request));
    if is_somebody { get(state, id).await } else { Ok(HttpResponse::Unauthorized().finish()) }
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

/// Compares the password as most handlers would, on the framework's threads for blocking work, and keeps nothing.
async fn login(state: web::Data<State>, body: Credentials) -> actix_web::Result<HttpResponse> {
    let Login { username, password } = body.into_inner();
    let hash: Option<String> = sqlx::query_scalar("SELECT password_hash FROM users WHERE username_key = ?")
        .bind(username.as_bytes())
        .fetch_optional(&state.pool)
        .await
        .map_err(error::ErrorInternalServerError)?;
    let Some(hash) = hash else { return Ok(HttpResponse::Unauthorized().finish()) };
    let fits = web::block(move || bcrypt::verify(password, &hash)).await?.map_err(error::ErrorInternalServerError)?;
    Ok(if fits { HttpResponse::Ok().finish() } else { HttpResponse::Unauthorized().finish() })
}

#[derive(Serialize)]
struct Page {
    users: Vec<User>,
}

async fn first_page(state: web::Data<State>) -> actix_web::Result<HttpResponse> {
    let rows = sqlx::query(FIRST_PAGE).fetch_all(&state.pool).await.map_err(error::ErrorInternalServerError)?;
    let users: Result<_, _> = rows.iter().map(User::from_row).collect();
    Ok(HttpResponse::Ok().json(Page { users: users.map_err(error::ErrorInternalServerError)? }))
}

#[derive(Deserialize)]
struct NewUser {
    username: String,
    email: String,
    password: String,
    full_name: Option<String>,
}

#[derive(Serialize)]
struct Created {
    id: u64,
    uuid: Uuid,
    username: String,
    email: String,
    full_name: Option<String>,
}

/// One INSERT that commits by itself; the names of a benchmark are their own keys and folded forms.
const INSERT: &str = "INSERT INTO users (uuid, username, email, username_key, email_key, email_canonical, username_folded, \
     email_folded, full_name, full_name_folded, password_hash, password_changed_at, must_change_password, role, is_active, \
     user_metadata, app_metadata, version, auth_epoch, created_at, updated_at) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE, 'user', TRUE, '{}', '{}', 1, 0, ?, ?)";

async fn create(state: web::Data<State>, body: Body) -> actix_web::Result<HttpResponse> {
    let NewUser { username, email, password, full_name } = body.into_inner();
    let hash = state.hashing.hash(password, state.bcrypt_rounds).await?;
    #[expect(clippy::disallowed_methods, reason = "no ports here: this is the least that could be done")]
    let uuid = Uuid::now_v7();
    let now = Utc::now().naive_utc();
    let done = sqlx::query(INSERT)
        .bind(uuid)
        .bind(&username)
        .bind(&email)
        .bind(&username)
        .bind(&email)
        .bind(&email)
        .bind(&username)
        .bind(&email)
        .bind(&full_name)
        .bind(&full_name)
        .bind(hash)
        .bind(now)
        .bind(now)
        .bind(now)
        .execute(&state.pool)
        .await
        .map_err(error::ErrorInternalServerError)?;
    Ok(HttpResponse::Created().json(Created { id: done.last_insert_id(), uuid, username, email, full_name }))
}
