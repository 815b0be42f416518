//! `GET /users/export`.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use domain::ports::StorageError;
use domain::user::UserView;
use futures_util::stream;
use tracing::warn;
use user_files::{IdFormat, UserCsv, UserNdjson};

use crate::compression::Compressible;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::query::Query;
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden];

/// Export all users.
///
/// Living users in the order of their numbers, as a stream: whoever lives throughout is in it exactly once. The columns are
/// those of a user in other answers. CSV cells that a spreadsheet would run begin with an apostrophe, which the import takes
/// off again. A stream that breaks off is not complete.
#[utoipa::path(
    tag = "users",
    operation_id = "exportUsers",
    params(("format" = Option<String>, Query, description = "`ndjson` (default) or `csv`.", example = "csv")),
    responses((
        status = 200, description = "The users.",
        content((String = "application/x-ndjson", example = "{\"id\":1,\"username\":\"ada\"}\n"), (String = "text/csv", example = "id,uuid,username\r\n"))
    ))
)]
#[get("/export")]
pub(super) async fn export_users(call: Call) -> Result<HttpResponse, Problem> {
    let writer = writer(call.request().query_string(), call.api().user_id_format.into())?;
    let export = call.api().users.export(&call.reader()).await?;
    let mut beginning = Vec::new();
    if let Writer::Csv(csv) = writer {
        csv.header(&mut beginning);
    }
    let parts = stream::try_unfold((export, beginning, false), move |(mut export, mut out, is_over)| async move {
        if is_over {
            return Ok::<_, StorageError>(None);
        }
        let part = export.part().await.inspect_err(|error| warn!(%error, "an export of users broke off: {error}"))?;
        let is_over = part.is_none();
        part.unwrap_or_default().iter().for_each(|user| writer.row(user, &mut out));
        let bytes = Bytes::from(std::mem::take(&mut out));
        Ok((!(is_over && bytes.is_empty())).then_some((bytes, (export, out, is_over))))
    });
    let (kind, name) = match writer {
        Writer::Ndjson(_) => ("application/x-ndjson", "attachment; filename=\"users.ndjson\""),
        Writer::Csv(_) => ("text/csv; charset=utf-8", "attachment; filename=\"users.csv\""),
    };
    let mut response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .streaming(parts);
    response.extensions_mut().insert(Compressible);
    Ok(response)
}

#[derive(Clone, Copy)]
enum Writer {
    Csv(UserCsv),
    Ndjson(UserNdjson),
}

impl Writer {
    fn row(self, user: &UserView, out: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.row(user, out),
            Self::Ndjson(ndjson) => ndjson.row(user, out),
        }
    }
}

fn writer(query: &str, id_format: IdFormat) -> Result<Writer, Problem> {
    let mut query = Query::parse(query)?;
    let writer = query.read("format", |text| match text {
        "ndjson" => Ok(Writer::Ndjson(UserNdjson::new(id_format))),
        "csv" => Ok(Writer::Csv(UserCsv::new(id_format))),
        _ => Err(("invalid_format", "It must be ndjson or csv".into())),
    });
    query.finish()?;
    Ok(writer.unwrap_or_else(|| Writer::Ndjson(UserNdjson::new(id_format))))
}
