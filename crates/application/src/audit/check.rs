//! Whether a chain is what it was when it was signed: one link after the other, in constant memory, wherever they come
//! from.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::audit::{Checkpoint, GENESIS};
use domain::values::Digest;
use uuid::Uuid;

use super::export_lines::ChainStart;
use super::hash_after;
use super::range::REMEMBERED;

/// Whether the key of this id, if it is a known one, made the signature of this message.
pub type SignatureCheck = Arc<dyn Fn(&str, &[u8], &[u8; 64]) -> bool + Send + Sync>;

/// What is wrong at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The chain has no such position, but later ones.
    PositionMissing,
    /// The chain ends before this position, up to which it was signed.
    Cut,
    /// The position is there and its event is not.
    EventMissing,
    /// The event is not as it was when it got its place.
    Changed,
    /// The event was made by the service, but something else stood here when the chain was made, or the hash was another.
    Reordered,
    /// The hash fits, but the service has not written the event like this: the chain was written anew, without the key.
    NotAuthentic,
    /// What was signed here is another hash: the chain was written anew since the checkpoint before.
    SignedOtherwise,
    /// Nobody with a known key has signed this checkpoint as the successor of the one before it: it was made or changed by
    /// hand, or one before it was taken away.
    WrongSignature,
    /// Nobody has signed the chain from here on: places are given together with a signature, so it was written by hand.
    Unsigned,
    /// What is stored cannot even be read.
    Unreadable,
}

impl Flaw {
    /// A name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PositionMissing => "position_missing",
            Self::Cut => "cut",
            Self::EventMissing => "event_missing",
            Self::Changed => "changed",
            Self::Reordered => "reordered",
            Self::NotAuthentic => "not_authentic",
            Self::SignedOtherwise => "signed_otherwise",
            Self::WrongSignature => "wrong_signature",
            Self::Unsigned => "unsigned",
            Self::Unreadable => "unreadable",
        }
    }

    /// A sentence for a person.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::PositionMissing => "The chain has no such position, though it goes on",
            Self::Cut => "The chain ends before this position, though it was signed up to a later one",
            Self::EventMissing => "The event was taken away",
            Self::Changed => "The event is not what it was when it got its place",
            Self::Reordered => "Another event stood here, or the stored hash was changed",
            Self::NotAuthentic => "The service has not written this event like this",
            Self::SignedOtherwise => "The chain was written anew: what was signed here is another hash",
            Self::WrongSignature => "No known key has signed this checkpoint as the successor of the one before it",
            Self::Unsigned => "Nobody has signed the chain from here on, so the service has not written it",
            Self::Unreadable => "What is stored here cannot be read",
        }
    }
}

/// The first position that is not as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    /// The position.
    pub position: i64,
    /// What is wrong with it.
    pub flaw: Flaw,
    /// The event there, where there is one.
    pub event: Option<Uuid>,
}

/// What was found in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The first position.
    pub first: i64,
    /// The last position; before the first if there was nothing.
    pub last: i64,
    /// The hash at the last position.
    pub hash: Digest,
    /// How many checkpoints fit.
    pub checkpoints: u64,
    /// The position of the last of them.
    pub signed_to: Option<i64>,
}

impl Verified {
    /// How many events it is about.
    pub fn events(&self) -> u64 {
        u64::try_from(self.last + 1 - self.first).unwrap_or_default()
    }
}

/// A link of the chain, with what is known of its event.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckedLink<'a> {
    /// The position.
    pub(super) position: i64,
    /// The hash that stands there.
    pub(super) hash: Digest,
    /// The event's id, where it is known.
    pub(super) event: Option<Uuid>,
    /// The event's canonical form; `None` if the event is not there.
    pub(super) canonical: Option<&'a [u8]>,
    /// Whether the service has written the event; `None` where nobody can tell.
    pub(super) is_authentic: Option<bool>,
}

/// A check that is under way. After the first thing that is wrong it is over.
pub(super) struct ChainCheck {
    is_signed: SignatureCheck,
    /// The positions of the last checkpoints, the newest last.
    earlier: VecDeque<i64>,
    done: Verified,
}

impl ChainCheck {
    /// Begins a check behind `start`.
    pub(super) fn new(start: &ChainStart, is_signed: SignatureCheck) -> Self {
        let done = Verified {
            first: start.position + 1,
            last: start.position,
            hash: start.hash,
            checkpoints: 0,
            signed_to: None,
        };
        Self { is_signed, earlier: start.checkpoints.iter().copied().collect(), done }
    }

    /// Begins with the first event.
    pub(super) fn of_all(is_signed: SignatureCheck) -> Self {
        Self::new(&ChainStart { position: 0, hash: GENESIS, checkpoints: Vec::new() }, is_signed)
    }

    /// Checks the next link.
    ///
    /// # Errors
    ///
    /// [`Wrong`], at this position or, if there is a gap, at the first that is missing.
    pub(super) fn link(&mut self, link: CheckedLink<'_>) -> Result<(), Wrong> {
        let CheckedLink { position, hash, event, canonical, is_authentic } = link;
        let wrong = |flaw| Err(Wrong { position, flaw, event });
        let expected = self.done.last + 1;
        if position > expected {
            return Err(Wrong { position: expected, flaw: Flaw::PositionMissing, event: None });
        }
        if position < expected {
            return wrong(Flaw::Reordered);
        }
        let Some(canonical) = canonical else { return wrong(Flaw::EventMissing) };
        if hash_after(&self.done.hash, canonical) != hash {
            return wrong(if is_authentic == Some(true) { Flaw::Reordered } else { Flaw::Changed });
        }
        if is_authentic == Some(false) {
            return wrong(Flaw::NotAuthentic);
        }
        (self.done.last, self.done.hash) = (position, hash);
        Ok(())
    }

    /// Checks the checkpoint at the position of the last link.
    ///
    /// # Errors
    ///
    /// [`Wrong`] at its position, or behind the last link if that comes earlier and the checkpoint is genuine.
    pub(super) fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Wrong> {
        let Checkpoint { position, hash, recorded_at, key_id, signature } = checkpoint;
        let wrong = |position, flaw| Err(Wrong { position, flaw, event: None });
        // Two processes that took themselves for the one at work may have signed after the same one.
        let first = if self.earlier.len() < REMEMBERED { Some(0) } else { None };
        let is_signed = self.earlier.iter().rev().copied().chain(first).any(|previous| {
            (self.is_signed)(key_id, &Checkpoint::message(previous, *position, hash, *recorded_at), signature)
        });
        if !is_signed || *position < self.done.last {
            return wrong(*position, Flaw::WrongSignature);
        }
        if *position > self.done.last {
            return wrong(self.done.last + 1, Flaw::Cut);
        }
        if *hash != self.done.hash {
            return wrong(*position, Flaw::SignedOtherwise);
        }
        self.earlier.push_back(*position);
        if self.earlier.len() > REMEMBERED {
            self.earlier.pop_front();
        }
        self.done.checkpoints += 1;
        self.done.signed_to = Some(*position);
        Ok(())
    }

    /// The next position.
    pub(super) fn expected(&self) -> i64 {
        self.done.last + 1
    }

    /// What was in order so far.
    pub(super) fn finish(self) -> Verified {
        self.done
    }
}
