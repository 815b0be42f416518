//! `GET /audit/export`.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use application::audit::{ExportFormat, PositionRange};
use domain::ports::StorageError;
use futures_util::stream;
use tracing::warn;

use super::{UNSTORED, read_range};
use crate::compression::Compressible;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::query::Query;
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden];

/// Export the trail.
///
/// In the order of the chain, as a stream. A line of NDJSON holds the sealed event as it stands in the chain, so that the file
/// is verified by `usermgmt audit verify` without the database, and the same event for reading; it ends with the next signed
/// checkpoint, at the latest. CSV is for reading alone. A stream that breaks off is not complete.
#[utoipa::path(
    tag = "audit",
    operation_id = "exportAuditTrail",
    params(
        ("format" = Option<String>, Query, description = "`ndjson` (default) or `csv`.", example = "ndjson"),
        ("from" = Option<i64>, Query, minimum = 1, description = "The first position; 1 where it is missing.", example = 1),
        ("to" = Option<i64>, Query, minimum = 1, description = "The last position; the last there is where it is missing.", example = 1000),
    ),
    responses((
        status = 200, description = "The events.",
        content((String = "application/x-ndjson", example = "{\"position\":1,\"hash\":\"…\",\"canonical\":\"…\",\"event\":{}}\n"), (String = "text/csv", example = "position,id\r\n"))
    ))
)]
#[get("/export")]
pub(super) async fn export_audit_trail(call: Call) -> Result<HttpResponse, Problem> {
    let (format, range) = asked(call.request().query_string())?;
    let export = call.api().trail.export(&call.reader(), range, format).await?;
    let (kind, name) = match format {
        ExportFormat::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\""),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
    };
    let parts = stream::try_unfold(export, |mut export| async move {
        let part =
            export.part().await.inspect_err(|error| warn!(%error, "an export of the trail broke off: {error}"))?;
        Ok::<_, StorageError>(part.map(|part| (Bytes::from(part), export)))
    });
    let mut response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header(UNSTORED)
        .streaming(parts);
    response.extensions_mut().insert(Compressible);
    Ok(response)
}

fn asked(query: &str) -> Result<(ExportFormat, PositionRange), Problem> {
    let mut query = Query::parse(query)?;
    let format = query.read("format", |text| match text {
        "ndjson" => Ok(ExportFormat::Ndjson),
        "csv" => Ok(ExportFormat::Csv),
        _ => Err(("invalid_format", "It must be ndjson or csv".into())),
    });
    let range = read_range(&mut query);
    query.finish()?;
    Ok((format.unwrap_or(ExportFormat::Ndjson), range))
}
