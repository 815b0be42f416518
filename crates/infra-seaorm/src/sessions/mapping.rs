//! Between a stored row and a [`Session`].

use chrono::NaiveDateTime;
use domain::session::{AuthenticationMethod, Session, SessionRecord};
use domain::values::{SessionId, UserUuid};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::faults::Defect;
use crate::moments::{from_stored, to_stored};

/// Every column, in the order of [`SessionRow`] and [`values`].
pub(super) const COLUMNS: &str =
    "id, user_uuid, amr, created_at, last_used_at, expires_at, ends_at, revoked_at, ip, user_agent";

#[derive(Debug, FromQueryResult)]
pub(super) struct SessionRow {
    id: Uuid,
    user_uuid: Uuid,
    amr: String,
    created_at: NaiveDateTime,
    last_used_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    ends_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl TryFrom<SessionRow> for Session {
    type Error = Defect;

    fn try_from(row: SessionRow) -> Result<Self, Defect> {
        let method = AuthenticationMethod::parse(&row.amr);
        let method = method.ok_or(Defect::UnknownMethod { session: row.id, method: row.amr })?;
        Ok(Self::from_stored(SessionRecord {
            id: SessionId::new(row.id),
            user: UserUuid::new(row.user_uuid),
            method,
            created_at: from_stored(row.created_at),
            last_used_at: from_stored(row.last_used_at),
            expires_at: from_stored(row.expires_at),
            ends_at: from_stored(row.ends_at),
            revoked_at: row.revoked_at.map(from_stored),
            // Only for showing: what does not read as an address is left out.
            ip: row.ip.and_then(|ip| ip.parse().ok()),
            user_agent: row.user_agent,
        }))
    }
}

pub(super) fn values(session: &Session) -> [Value; 10] {
    let record = session.record();
    [
        record.id.get().into(),
        record.user.get().into(),
        record.method.as_str().into(),
        to_stored(record.created_at).into(),
        to_stored(record.last_used_at).into(),
        to_stored(record.expires_at).into(),
        to_stored(record.ends_at).into(),
        record.revoked_at.map(to_stored).into(),
        record.ip.map(|ip| ip.to_string()).into(),
        record.user_agent.clone().into(),
    ]
}
