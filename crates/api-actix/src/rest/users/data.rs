//! `GET /users/{id}/data`.

use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use application::audit::AuditRecord;
use application::audit::export_lines::push_record_json;
use application::users::{DataPart, GetDataError, PersonalData};
use domain::ports::StorageError;
use domain::session::Session;
use domain::values::StatusReason;
use futures_util::stream;
use serde_json::{Value, json};
use tracing::warn;

use super::data_schema::UserDataResponse;
use super::json::UserJson;
use crate::compression::Compressible;
use crate::config::UserIdFormat;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::audit::UNSTORED;
use crate::rest::call::Call;
use crate::rest::rfc3339;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden, ErrorCode::UserNotFound];

/// Take out everything that is kept about a person.
///
/// For themself, and for those who may export users. Left out are secrets and what is derived from one (the hash of the password,
/// the digests of tokens), which of the staff did something, and the values of others. A stream that breaks off is not complete.
#[utoipa::path(
    tag = "users",
    operation_id = "getUserData",
    params(("id" = String, Path, description = "The user's number or UUID.", example = "42")),
    responses((status = 200, description = "Everything.", body = UserDataResponse))
)]
#[get("/{id}/data")]
pub(super) async fn get_user_data(call: Call) -> Result<HttpResponse, Problem> {
    let id = call.user()?;
    let data = call.api().users.data(&call.reader(), id).await?;
    let writer = Writer { head: Some(head(&data, call.api().user_id_format)), section: None, data, is_over: false };
    let parts = stream::try_unfold(writer, |mut writer| async move {
        let part = writer.part().await.inspect_err(|error| warn!(%error, "somebody's data broke off: {error}"))?;
        Ok::<_, StorageError>(part.map(|part| (Bytes::from(part), writer)))
    });
    let mut response = HttpResponse::Ok().content_type(ContentType::json()).insert_header(UNSTORED).streaming(parts);
    response.extensions_mut().insert(Compressible);
    Ok(response)
}

/// Writes the document part by part.
struct Writer {
    data: PersonalData,
    head: Option<String>,
    /// The member that is being written, and whether something stands in it already.
    section: Option<(&'static str, bool)>,
    is_over: bool,
}

impl Writer {
    async fn part(&mut self) -> Result<Option<String>, StorageError> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        if self.is_over {
            return Ok(None);
        }
        let mut out = String::new();
        match self.data.part().await? {
            Some(DataPart::Sessions(sessions)) => {
                self.write("sessions", &sessions, &mut out, |session, out| out.push_str(&session_json(session)));
            }
            Some(DataPart::About(events)) => self.write("events_about", &events, &mut out, push_event),
            Some(DataPart::By(events)) => self.write("events_by", &events, &mut out, push_event),
            None => {
                out.push_str("]}");
                self.is_over = true;
            }
        }
        Ok(Some(out))
    }

    fn write<T>(&mut self, name: &'static str, items: &[T], out: &mut String, push: impl Fn(&T, &mut String)) {
        if self.section.is_none_or(|(section, _)| section != name) {
            out.push_str(if self.section.is_some() { "],\"" } else { ",\"" });
            out.extend([name, "\":["]);
            self.section = Some((name, false));
        }
        for item in items {
            if let Some((_, has_some)) = &mut self.section
                && std::mem::replace(has_some, true)
            {
                out.push(',');
            }
            push(item, out);
        }
    }
}

fn push_event(event: &AuditRecord, out: &mut String) {
    push_record_json(out, event);
}

/// The document up to what may be much, without its end.
fn head(data: &PersonalData, id_format: UserIdFormat) -> String {
    let (record, time) = (data.user.record(), |at| rfc3339::text(at));
    let mut user = UserJson::new(id_format).showing_deletion(true).one(&data.view);
    // In place of the brace that ends it.
    user.pop();
    let user = String::from_utf8(user).expect("users are written as text");
    let more = json!({
        "email_verified_at": record.email_verified_at.map(time),
        "must_change_password": record.must_change_password,
        "password_changed_at": time(record.password_changed_at),
        "status_reason": record.status_reason.as_ref().map(StatusReason::as_str),
    });
    let more = more.to_string();
    let failures: Vec<Value> = data
        .sign_ins
        .failures
        .iter()
        .map(|failed| {
            json!({
                "name": failed.name,
                "failures": failed.run.failures,
                "last_failed_at": time(failed.run.last_failed_at),
                "wait_until": failed.run.wait_until.map(time),
            })
        })
        .collect();
    let sign_ins = json!({
        "last_login_at": data.view.last_login_at.map(time),
        "known_networks": data.sign_ins.known_networks,
        "failures": failures,
    });
    let more = more.trim_start_matches('{');
    format!("{{\"generated_at\":\"{}\",\"user\":{user},{more},\"sign_ins\":{sign_ins}", time(data.now))
}

fn session_json(session: &Session) -> String {
    let (record, time) = (session.record(), |at| rfc3339::text(at));
    let json = json!({
        "id": record.id.get(),
        "method": record.method.as_str(),
        "created_at": time(record.created_at),
        "last_used_at": time(record.last_used_at),
        "expires_at": time(record.expires_at),
        "ends_at": time(record.ends_at),
        "revoked_at": record.revoked_at.map(time),
        "ip": record.ip,
        "user_agent": record.user_agent,
    });
    json.to_string()
}

impl From<GetDataError> for Problem {
    fn from(error: GetDataError) -> Self {
        match error {
            GetDataError::NotFound => Self::of(ErrorCode::UserNotFound),
            GetDataError::Forbidden => Self::of(ErrorCode::Forbidden),
            GetDataError::Storage(error) => error.into(),
        }
    }
}
