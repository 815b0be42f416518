//! Verifying the trail where it is stored.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Permission;
use domain::audit::{ChainedEvent, Checkpoint, SealedEvent};
use domain::ports::{AuditSigner, StorageError, StorageFault};
use uuid::Uuid;

use super::check::{ChainCheck, CheckedLink, Flaw, SignatureCheck, Verified, Wrong};
use super::range::{Checkpoints, PositionRange, signed_end, start_at};
use super::{Sequencer, Trail, canonical};
use crate::{Ports, RequestContext};

/// Events that are read at once.
const PAGE: u32 = 1_000;

/// The most events without a place that are named.
const NAMED: usize = 100;

/// An event gets its place within a second; whoever wrote it may have died before, and another takes over.
fn patience() -> TimeDelta {
    TimeDelta::minutes(1)
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedTrail {
    /// What is in order, or the first position that is not.
    pub chain: Result<Verified, Wrong>,
    /// Events that have no place and should; looked for where the end of the chain was verified.
    pub strays: Strays,
}

/// Events without a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strays {
    /// Those that the service has not written: somebody put them there by hand. At most a hundred are named.
    pub forged: Vec<Uuid>,
    /// How many there are.
    pub forged_count: u64,
    /// How many have waited for longer than a minute. That is no tampering; nobody is at work who gives places.
    pub waiting: u64,
    /// When the oldest of them happened.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Whether some of them could not be read at all.
    pub is_unreadable: bool,
}

impl VerifiedTrail {
    /// Whether nothing was changed.
    pub fn is_ok(&self) -> bool {
        self.chain.is_ok() && self.strays.forged_count == 0 && !self.strays.is_unreadable
    }
}

/// The check of signatures with the keys that a signer knows.
fn signatures_of(signer: Arc<dyn AuditSigner>) -> SignatureCheck {
    Arc::new(move |key_id, message, signature| signer.is_signed(key_id, message, signature))
}

/// Why nothing was verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyTrailError {
    /// The actor may not.
    #[error("verifying the trail is not allowed")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Trail {
    /// Verifies a part of the chain, and beyond it up to the next checkpoint, so that all of the part is signed. Where the
    /// part reaches the end of the chain, events without a place are looked for, too. `progress` is told how many positions
    /// were looked at, and of how many.
    ///
    /// It holds a page of events at a time, however long the chain is, and takes some seconds for each million.
    ///
    /// # Errors
    ///
    /// [`VerifyTrailError`], by variant: what it cannot read is a finding.
    pub async fn verify(
        &self,
        context: &RequestContext,
        range: PositionRange,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<VerifiedTrail, VerifyTrailError> {
        if !context.actor.may(Permission::AuditRead) {
            return Err(VerifyTrailError::Forbidden);
        }
        Ok(verify(&self.ports, range, progress).await?)
    }

    /// The key with which an auditor verifies checkpoints: its id and its 32 bytes.
    pub fn public_key(&self) -> (String, [u8; 32]) {
        (self.ports.audit_signer.key_id(), self.ports.audit_signer.public_key())
    }

    /// What gives events their places.
    pub fn sequencer(&self) -> Sequencer {
        Sequencer::new(&self.ports)
    }

    /// Events without a place that should have one, or that the service has not written.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only, where the storage is away.
    pub async fn strays(&self) -> Result<Strays, StorageError> {
        strays(&self.ports).await
    }

    /// The last position that is taken, zero before the first, and the last checkpoint.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn end(&self) -> Result<(i64, Option<Checkpoint>), StorageError> {
        let signed = self.ports.chain.last_checkpoint().await?;
        Ok((self.ports.chain.head().await?.map_or(0, |head| head.position), signed))
    }
}

async fn verify(
    ports: &Ports,
    range: PositionRange,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<VerifiedTrail, StorageError> {
    let chain = verify_chain(ports, range, progress).await?;
    let strays = if range.last().is_none() { strays(ports).await? } else { Strays::default() };
    Ok(VerifiedTrail { chain, strays })
}

async fn verify_chain(
    ports: &Ports,
    range: PositionRange,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Result<Verified, Wrong>, StorageError> {
    let chain = &ports.chain;
    // In this order: the chain may become longer meanwhile, but was never shorter than it was signed.
    let signed = chain.last_checkpoint().await;
    let Some(signed) = readable(signed)? else { return Ok(unreadable(range.first())) };
    let Some(head) = readable(chain.head().await)? else { return Ok(unreadable(range.first())) };
    let signed = signed.map_or(0, |checkpoint| checkpoint.position);
    let end = signed.max(head.map_or(0, |head| head.position));
    let mut last = range.last().unwrap_or(end).min(end);
    if range.last().is_some() && last >= range.first() {
        last = readable(signed_end(&**chain, last).await)?.unwrap_or(last);
    }
    // Whatever stands before the first position would hide its event from the one who gives places.
    if let Some(hidden) =
        readable(chain.links(i64::MIN, 1).await)?.unwrap_or_default().first().filter(|one| one.link.position < 1)
    {
        let (position, event) = (hidden.link.position, Some(hidden.link.event_id));
        return Ok(Err(Wrong { position, flaw: Flaw::NotAuthentic, event }));
    }
    let before = range.first().min(end.saturating_add(1)) - 1;
    let Some(start) = readable(start_at(chain, before).await)?.flatten() else {
        return Ok(Err(Wrong { position: before, flaw: Flaw::PositionMissing, event: None }));
    };
    let under_way = Walk {
        ports,
        check: ChainCheck::new(&start, signatures_of(Arc::clone(&ports.audit_signer))),
        checkpoints: Checkpoints::after(Arc::clone(chain), before),
        key_id: ports.audit_signer.key_id(),
        last,
    };
    under_way.go_on(progress).await
}

/// A part of the chain on its way.
struct Walk<'a> {
    ports: &'a Ports,
    check: ChainCheck,
    checkpoints: Checkpoints,
    key_id: String,
    last: i64,
}

impl Walk<'_> {
    async fn go_on(
        mut self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Result<Verified, Wrong>, StorageError> {
        let count = |from, to: i64| u64::try_from(to - from).unwrap_or_default();
        let before = self.check.expected() - 1;
        let total = count(before, self.last);
        let mut limit = PAGE;
        while self.check.expected() <= self.last {
            let next = self.check.expected();
            let page = match readable(self.ports.chain.links(next - 1, limit).await)? {
                Some(page) => page,
                None if limit == 1 => return Ok(unreadable(next)),
                None => {
                    // What comes before the row that cannot be read may be wrong already.
                    limit = 1;
                    continue;
                }
            };
            let checked = if page.is_empty() { self.end(next).await? } else { self.page(page).await? };
            if let Err(wrong) = checked {
                return Ok(Err(wrong));
            }
            progress(count(before, self.check.expected() - 1), total);
        }
        let verified = self.check.finish();
        let signed_to = verified.signed_to.unwrap_or(verified.first - 1);
        if signed_to < verified.last {
            // Unless that happened a moment ago.
            let signed = readable(self.ports.chain.last_checkpoint().await)?.flatten();
            if signed.is_none_or(|checkpoint| checkpoint.position < verified.last) {
                return Ok(Err(Wrong { position: signed_to + 1, flaw: Flaw::Unsigned, event: None }));
            }
        }
        Ok(Ok(verified))
    }

    /// The chain ends, though it was longer a moment ago or a checkpoint stands behind it.
    async fn end(&mut self, position: i64) -> Result<Result<(), Wrong>, StorageError> {
        let Some(next) = readable(self.checkpoints.next_up_to(i64::MAX).await)? else {
            return Ok(unreadable(position));
        };
        let cut = Err(Wrong { position, flaw: Flaw::Cut, event: None });
        Ok(next.map_or(cut, |checkpoint| self.check.checkpoint(&checkpoint)))
    }

    async fn page(&mut self, page: Vec<ChainedEvent>) -> Result<Result<(), Wrong>, StorageError> {
        for chained in page {
            let position = chained.link.position;
            if position > self.last && self.check.expected() > self.last {
                break;
            }
            let Some(next) = readable(self.checkpoints.peek().await)? else {
                return Ok(unreadable(self.check.expected()));
            };
            // Codes of an earlier key, of which only the public half may be left, are vouched for by its signatures.
            let knows_codes = next.is_none_or(|checkpoint| checkpoint.key_id == self.key_id);
            let canonical = chained.event.as_ref().map(canonical);
            let is_authentic = chained.event.as_ref().zip(canonical.as_deref()).and_then(|(event, canonical)| {
                let is_authentic = self.ports.audit_signer.is_authentic(canonical, &event.mac);
                (is_authentic || knows_codes).then_some(is_authentic)
            });
            let link = CheckedLink {
                position,
                hash: chained.link.hash,
                event: Some(chained.link.event_id),
                canonical: canonical.as_deref(),
                is_authentic,
            };
            if let Err(wrong) = self.check.link(link) {
                return Ok(Err(wrong));
            }
            while let Some(checkpoint) = self.checkpoints.next_up_to(position).await? {
                if let Err(wrong) = self.check.checkpoint(&checkpoint) {
                    return Ok(Err(wrong));
                }
            }
        }
        Ok(Ok(()))
    }
}

async fn strays(ports: &Ports) -> Result<Strays, StorageError> {
    let mut strays = Strays::default();
    let until = ports.clock.now() - patience();
    let mut after = 0;
    loop {
        let Some(page) = readable(ports.chain.unsequenced(after, None, PAGE).await)? else {
            strays.is_unreadable = true;
            return Ok(strays);
        };
        for event in &page {
            strays.take(ports, &event.event, until);
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = last.number,
            _ => return Ok(strays),
        }
    }
}

impl Strays {
    fn take(&mut self, ports: &Ports, event: &SealedEvent, until: DateTime<Utc>) {
        if !ports.audit_signer.is_authentic(&canonical(event), &event.mac) {
            self.forged_count += 1;
            if self.forged.len() < NAMED {
                self.forged.push(event.id);
            }
        } else if event.recorded_at < until {
            self.waiting += 1;
            self.oldest_waiting =
                Some(self.oldest_waiting.map_or(event.recorded_at, |oldest| oldest.min(event.recorded_at)));
        }
    }
}

fn unreadable<T>(position: i64) -> Result<T, Wrong> {
    Err(Wrong { position, flaw: Flaw::Unreadable, event: None })
}

/// `None` if what is stored makes no sense.
fn readable<T>(read: Result<T, StorageError>) -> Result<Option<T>, StorageError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.fault() == StorageFault::Failed => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
