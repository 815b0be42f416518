//! `GET /users`.

use actix_web::http::header::{ContentType, LINK};
use actix_web::{HttpResponse, get};
use application::users::{ListUsersCommand, PageStart};
use domain::query::{CountMode, DeletedScope, Search, UserFilter, UserSort};
use domain::values::{EmailAddress, Role, Username};
use domain::violation::Violation;

use super::PRIVATE;
use super::json::UserJson;
use super::schema::{CountParameter, DeletedParameter, RoleName, SortParameter, UserListResponse};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::query::{Query, boolean};
use crate::rest::call::Call;
use crate::rest::links::{Place, link};

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden];

/// The page size where none is asked for.
const DEFAULT_LIMIT: u64 = 10;

/// List and search users.
///
/// Filters combine with AND. Pages follow one another by `skip`, or by `cursor`: with a cursor a user who lives
/// throughout and keeps their sort value is seen exactly once, whatever comes and goes meanwhile.
#[utoipa::path(
    tag = "users",
    operation_id = "listUsers",
    params(
        ("skip" = Option<u64>, Query, minimum = 0, description = "How many users to skip; 0 where it is missing. Not together with `cursor`.", example = 0),
        ("limit" = Option<u64>, Query, minimum = 0, description = "How many users at most; 10 where it is missing, more than 100 is taken as 100. 0 asks for the total alone.", example = 10),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of a page with the same filters and order.", example = "eyJpZCI6NDJ9"),
        ("role" = Option<RoleName>, Query, description = "Has this role.", example = "admin"),
        ("is_active" = Option<bool>, Query, description = "Is active, or is not.", example = true),
        ("q" = Option<String>, Query, description = "The username, email, full name or last name begins with this, whatever its case; between two stars (`*smith*`) it may stand anywhere in them. `%`, `_` and any other `*` mean themselves. The total stops counting at 10,000. What is common, or shorter than three characters, is looked for inside of at most 20,000 users for each page (on MySQL and MariaDB everything is): if that was not enough, the page is shorter than `limit`, `total_capped` is true, and `next_cursor` goes on.", example = "ada"),
        ("email" = Option<String>, Query, description = "Has this email address, whatever its case.", example = "ada@example.org"),
        ("username" = Option<String>, Query, description = "Has this username, whatever its case and width.", example = "ada"),
        ("external_id" = Option<String>, Query, description = "Has exactly this external id.", example = "hr-4711"),
        ("created_after" = Option<String>, Query, format = "date-time", description = "Was made after this time (RFC 3339).", example = "2026-01-31T12:00:00Z"),
        ("created_before" = Option<String>, Query, format = "date-time", description = "Was made before this time (RFC 3339).", example = "2027-01-31T12:00:00Z"),
        ("deleted" = Option<DeletedParameter>, Query, description = "`false` (default): living users; `true`: deleted ones, too; `only`: only deleted ones. Shows `deleted_at`.", example = "false"),
        ("sort" = Option<SortParameter>, Query, description = "`id` (default), `created_at`, `updated_at`, `username`, `email` or `last_login_at`, each also with a leading `-` for descending order; ties by id. Who never signed in comes last, in both directions.", example = "-created_at"),
        ("count" = Option<CountParameter>, Query, description = "`exact` (default), or `none`, which leaves `total` null and saves the counting.", example = "exact"),
    ),
    responses((
        status = 200, description = "A page of users.", body = UserListResponse,
        headers(("Link" = String, description = "The first, previous, next and last page (RFC 8288)."))
    ))
)]
#[get("")]
pub(super) async fn list_users(call: Call) -> Result<HttpResponse, Problem> {
    let asked = Asked::read(call.request().query_string())?;
    let (skip, shows_deletion) = (asked.skip, asked.command.filter.deleted != DeletedScope::Live);
    let listing = call.api().users.list(&call.reader(), asked.command).await?;
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json()).insert_header(PRIVATE);
    let place = Place {
        skip,
        limit: u64::from(listing.limit),
        total: listing.total.filter(|total| !total.capped).map(|total| total.count),
        next_cursor: listing.next_cursor.as_deref(),
    };
    if let Some(link) = link(call.request().path(), call.request().query_string(), place) {
        response.insert_header((LINK, link));
    }
    let users = UserJson::new(call.api().user_id_format).showing_deletion(shows_deletion);
    Ok(response.body(users.page(&listing, skip)))
}

/// What a query string asks for.
struct Asked {
    command: ListUsersCommand,
    skip: Option<u64>,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut query = Query::parse(query)?;
        let filter = filter(&mut query);
        let sort = query
            .read("sort", |text| UserSort::parse(text).map_err(|violation| broken(&violation)))
            .unwrap_or_default();
        let count = query.read("count", |text| match text {
            "exact" => Ok(CountMode::Exact),
            "none" => Ok(CountMode::None),
            _ => Err(("invalid_count", "It must be exact or none".into())),
        });
        let limit = query.count("limit").unwrap_or(DEFAULT_LIMIT);
        let (skip, cursor) = (query.count("skip"), query.text("cursor"));
        if skip.is_some() && cursor.is_some() {
            query.wrong("cursor", "not_with_skip", "It cannot be given together with skip");
        }
        query.finish()?;
        // Databases count with signed numbers; nobody has as many users anyway.
        let skip = skip.unwrap_or(0).min(i64::MAX.unsigned_abs());
        let (skip, start) = match cursor {
            Some(cursor) => (None, PageStart::Cursor(cursor)),
            None => (Some(skip), PageStart::Skip(skip)),
        };
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Ok(Self { command: ListUsersCommand { filter, sort, start, limit, count: count.unwrap_or_default() }, skip })
    }
}

fn filter(query: &mut Query) -> UserFilter {
    UserFilter {
        role: query.read("role", |text| Role::parse(text).map_err(|violation| broken(&violation))),
        is_active: query.flag("is_active"),
        search: query.text("q").and_then(|text| Search::parse(&text)),
        username: query.text("username").map(|text| Username::key_of(&text)),
        email: query.text("email").map(|text| EmailAddress::key_of(&text)),
        external_id: query.text("external_id"),
        created_after: query.time("created_after"),
        created_before: query.time("created_before"),
        deleted: query.read("deleted", deleted_scope).unwrap_or_default(),
    }
}

fn deleted_scope(text: &str) -> Result<DeletedScope, (&'static str, String)> {
    match boolean(text) {
        Some(false) => Ok(DeletedScope::Live),
        Some(true) => Ok(DeletedScope::All),
        None if text.eq_ignore_ascii_case("only") => Ok(DeletedScope::Only),
        None => Err(("invalid_scope", "It must be false, true or only".into())),
    }
}

fn broken(violation: &Violation) -> (&'static str, String) {
    (violation.code(), violation.detail().to_owned())
}
