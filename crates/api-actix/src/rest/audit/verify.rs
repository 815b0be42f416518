//! `GET /audit/verify`.

use std::time::Duration;

use actix_web::{HttpMessage as _, HttpResponse, get};
use application::audit::{PositionRange, VerifiedTrail};
use domain::values::Digest;
use serde_json::{Value, json};

use super::schema::VerificationResponse;
use super::{read_range, show};
use crate::edge::RequestScope;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::query::Query;
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden];

/// So long the answer may take: some tens of millions of events. A longer trail is verified part by part.
const TIME: Duration = Duration::from_mins(5);

/// Verify the trail.
///
/// Checks the chain of hashes and the signed checkpoints, and names the first position that does not fit. A part is checked up to
/// the next checkpoint behind it, so that all of it is signed. It takes some seconds for each million events. An auditor need not
/// believe the answer: what `/audit/export` writes is verified by `usermgmt audit verify` with the public key alone.
#[utoipa::path(
    tag = "audit",
    operation_id = "verifyAuditTrail",
    params(
        ("from" = Option<i64>, Query, minimum = 1, description = "The first position; 1 where it is missing.", example = 1),
        ("to" = Option<i64>, Query, minimum = 1, description = "The last position; the last there is where it is missing, and then events that have no place are looked for, too.", example = 1000),
    ),
    responses((status = 200, description = "What was found, good or bad.", body = VerificationResponse))
)]
#[get("/verify")]
pub(super) async fn verify_audit_trail(call: Call) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(call.request().query_string())?;
    let range = read_range(&mut query);
    query.finish()?;
    if let Some(scope) = call.request().extensions().get::<RequestScope>() {
        scope.extend(TIME);
    }
    let trail = &call.api().trail;
    let found = trail.verify(&call.reader(), range, &mut |_, _| {}).await?;
    let (key_id, public_key) = trail.public_key();
    Ok(show(answer(range, &found, &key_id, public_key).to_string()))
}

fn answer(range: PositionRange, found: &VerifiedTrail, key_id: &str, public_key: [u8; 32]) -> Value {
    let strays = &found.strays;
    let unplaced = range
        .last()
        .is_none()
        .then(|| json!({"forged": strays.forged, "forged_count": strays.forged_count, "waiting": strays.waiting}));
    let (from, to, events, rest) = match &found.chain {
        Ok(verified) => (verified.first, verified.last, verified.events(), Some(verified)),
        Err(wrong) => {
            let first = range.first().min(wrong.position);
            (first, wrong.position - 1, u64::try_from(wrong.position - first).unwrap_or_default(), None)
        }
    };
    let wrong = found.chain.as_ref().err().map(|wrong| {
        json!({
            "position": wrong.position,
            "what": wrong.flaw.code(),
            "detail": wrong.flaw.detail(),
            "event": wrong.event,
        })
    });
    json!({
        "ok": found.is_ok(),
        "from": from,
        "to": to,
        "events": events,
        "checkpoints": rest.map(|verified| verified.checkpoints),
        "signed_to": rest.and_then(|verified| verified.signed_to),
        "hash": rest.map(|verified| verified.hash.to_hex()),
        "public_key": Digest::new(public_key).to_hex(),
        "key_id": key_id,
        "first_wrong": wrong,
        "unplaced": unplaced,
    })
}
