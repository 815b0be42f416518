//! Between stored rows of `audit_chain` and `audit_checkpoints` and what they mean.

use chrono::NaiveDateTime;
use domain::audit::{ChainLink, ChainedEvent, Checkpoint};
use domain::ports::StorageError;
use sea_orm::{FromQueryResult, QueryResult, Value};
use uuid::Uuid;

use super::row::event;
use crate::digests::{from_stored_digest, sixty_four_bytes, to_stored_digest};
use crate::faults::unreadable;
use crate::moments::{from_stored, to_stored};

#[derive(Debug, FromQueryResult)]
struct LinkRow {
    position: i64,
    event_id: Uuid,
    hash: Vec<u8>,
}

pub(super) fn link(row: &QueryResult) -> Result<ChainLink, StorageError> {
    let LinkRow { position, event_id, hash } = LinkRow::from_query_result(row, "").map_err(unreadable)?;
    Ok(ChainLink { position, event_id, hash: from_stored_digest(&hash)? })
}

pub(super) fn link_values(link: &ChainLink) -> [Value; 3] {
    [link.position.into(), link.event_id.into(), to_stored_digest(link.hash)]
}

/// The link in a row, with its event, whose columns are NULL if it is not there.
pub(super) fn chained(row: &QueryResult) -> Result<ChainedEvent, StorageError> {
    let id: Option<Uuid> = row.try_get("", "id").map_err(unreadable)?;
    let event = if id.is_some() { Some(event(row)?) } else { None };
    Ok(ChainedEvent { link: link(row)?, event })
}

#[derive(Debug, FromQueryResult)]
struct CheckpointRow {
    position: i64,
    hash: Vec<u8>,
    recorded_at: NaiveDateTime,
    key_id: String,
    signature: Vec<u8>,
}

pub(super) fn checkpoint(row: &QueryResult) -> Result<Checkpoint, StorageError> {
    let row = CheckpointRow::from_query_result(row, "").map_err(unreadable)?;
    Ok(Checkpoint {
        position: row.position,
        hash: from_stored_digest(&row.hash)?,
        recorded_at: from_stored(row.recorded_at),
        key_id: row.key_id,
        signature: sixty_four_bytes(&row.signature)?,
    })
}

pub(super) fn checkpoint_values(checkpoint: &Checkpoint) -> [Value; 5] {
    [
        checkpoint.position.into(),
        to_stored_digest(checkpoint.hash),
        to_stored(checkpoint.recorded_at).into(),
        checkpoint.key_id.as_str().into(),
        checkpoint.signature.to_vec().into(),
    ]
}
