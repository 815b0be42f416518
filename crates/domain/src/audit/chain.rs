//! The chain: every event at a position, with a hash over everything up to it.

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::SealedEvent;
use crate::values::Digest;

/// What the first event follows.
pub const GENESIS: Digest = Digest::new([0; 32]);

/// One event's place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainLink {
    /// Dense, from 1.
    pub position: i64,
    /// Which event.
    pub event_id: Uuid,
    /// SHA-256 of the hash before it and the event's canonical form.
    pub hash: Digest,
}

/// A link with the event that it points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedEvent {
    /// The link.
    pub link: ChainLink,
    /// The event; `None` if somebody took it away.
    pub event: Option<SealedEvent>,
}

/// An event that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedEvent {
    /// The number that the database gave it when it was written.
    pub number: i64,
    /// The event.
    pub event: SealedEvent,
}

/// A signed statement of what the chain's hash was at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The position.
    pub position: i64,
    /// The hash there.
    pub hash: Digest,
    /// When it was signed.
    pub recorded_at: DateTime<Utc>,
    /// Which key signed it.
    pub key_id: String,
    /// The Ed25519 signature (RFC 8032) over [`Checkpoint::message`].
    pub signature: [u8; 64],
}

impl Checkpoint {
    /// What is signed: a few lines that anybody can put together again.
    ///
    /// `previous` is the position of the checkpoint before it, zero before the first, so that none can be taken out from
    /// between others without showing.
    pub fn message(previous: i64, position: i64, hash: &Digest, recorded_at: DateTime<Utc>) -> Vec<u8> {
        let at = recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        format!("usermgmt audit checkpoint v1\n{previous}\n{position}\n{}\n{at}\n", hash.to_hex()).into_bytes()
    }
}
