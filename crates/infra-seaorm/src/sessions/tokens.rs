//! Between a stored row and a [`RefreshToken`].

use chrono::NaiveDateTime;
use domain::session::RefreshToken;
use domain::values::{Digest, Nonce, SessionId};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::digests::{from_stored_digest, thirty_two_bytes, to_stored_digest};
use crate::faults::Defect;
use crate::moments::{from_stored, to_stored};

/// Every column, in the order of [`TokenRow`] and [`values`].
pub(super) const COLUMNS: &str = "digest, session_id, parent, nonce, issued_at, spent_at";

#[derive(Debug, FromQueryResult)]
pub(super) struct TokenRow {
    digest: Vec<u8>,
    session_id: Uuid,
    parent: Option<Vec<u8>>,
    nonce: Vec<u8>,
    issued_at: NaiveDateTime,
    spent_at: Option<NaiveDateTime>,
}

impl TryFrom<TokenRow> for RefreshToken {
    type Error = Defect;

    fn try_from(row: TokenRow) -> Result<Self, Defect> {
        Ok(Self {
            digest: from_stored_digest(&row.digest)?,
            session: SessionId::new(row.session_id),
            parent: row.parent.as_deref().map(from_stored_digest).transpose()?,
            nonce: Nonce::new(thirty_two_bytes(&row.nonce)?),
            issued_at: from_stored(row.issued_at),
            spent_at: row.spent_at.map(from_stored),
        })
    }
}

pub(super) fn values(token: &RefreshToken) -> [Value; 6] {
    [
        to_stored_digest(token.digest),
        token.session.get().into(),
        token.parent.map(|parent: Digest| parent.bytes().to_vec()).into(),
        token.nonce.bytes().to_vec().into(),
        to_stored(token.issued_at).into(),
        token.spent_at.map(to_stored).into(),
    ]
}
