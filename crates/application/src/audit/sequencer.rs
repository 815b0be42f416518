//! Giving events their places in the chain.
//!
//! Events get their numbers when they are written and are seen when they are committed, so a smaller number may appear
//! after a greater one. New ones are looked for above the greatest number that was seen; numbers that were passed over are
//! looked for again for a minute, twice a second at first; and everything is gone through, a little at a time, when somebody begins
//! and every hour. Which event comes before which in the chain is decided by when it was found, once and for all.
//!
//! Only one process should be at work, but nothing breaks if two are: a position is taken once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::audit::{ChainLink, Checkpoint, GENESIS, NumberedEvent};
use domain::ports::{AppendLinksError, AuditChain, AuditSigner, Clock, StorageError};
use domain::values::Digest;
use uuid::Uuid;

use super::gaps::Gaps;
use super::{canonical, hash_after};
use crate::Ports;

/// Events that get their places at once.
const PAGE: u32 = 2_000;

/// Between two times that everything is gone through.
const SWEEP_PACE: Duration = Duration::from_hours(1);

/// How many numbers are gone through in a step.
const SWEEP_STEP: i64 = 20_000;

/// So far behind the last event with a place others may still have none when somebody begins: what could not wait for the
/// sweep.
const FIRST_LOOK: i64 = 5_000;

/// More forged events than this are not kept in mind, and are told of again at each sweep.
const FORGED: usize = 10_000;

/// Makes the chain longer, step by step.
pub struct Sequencer {
    chain: Arc<dyn AuditChain>,
    signer: Arc<dyn AuditSigner>,
    clock: Arc<dyn Clock>,
    /// Nothing after a failure, as what is stored then is anybody's guess.
    state: Option<State>,
    forged: HashSet<Uuid>,
}

/// Where the chain stands, and where to look.
struct State {
    position: i64,
    hash: Digest,
    /// The greatest number that was seen.
    highest: i64,
    gaps: Gaps,
    sweep: Sweep,
}

/// Going through everything.
struct Sweep {
    /// Up to here it was gone through, if it is under way.
    done: Option<i64>,
    begun: Instant,
}

/// What a step did.
#[derive(Debug, Default)]
pub struct Sequenced {
    /// How many events got their places.
    pub placed: usize,
    /// What was signed.
    pub checkpoint: Option<Checkpoint>,
    /// The first position that nobody has signed, where there is one: places are given together with a signature, so somebody
    /// wrote them by hand. Nothing gets a place behind them.
    pub unsigned: Option<i64>,
    /// Events that the service has not written: found for the first time, and without a place for ever.
    pub forged: Vec<Uuid>,
    /// Whether another process gave places meanwhile; nothing is lost, and this one has to look anew.
    pub is_taken: bool,
    /// Whether there may be more to do at once.
    pub has_more: bool,
}

impl Sequencer {
    /// A sequencer that knows nothing yet.
    pub fn new(ports: &Ports) -> Self {
        Self {
            chain: Arc::clone(&ports.chain),
            signer: Arc::clone(&ports.audit_signer),
            clock: Arc::clone(&ports.clock),
            state: None,
            forged: HashSet::new(),
        }
    }

    /// Gives places to events that have none, a bounded number of them, and signs them in the same breath: what stands in the
    /// chain without a signature was written by somebody else. Cheap where there is nothing to do: to be called a few times a
    /// second by the process whose turn it is, with its monotonic time.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only, also where it is not known whether events got their places: the next step finds out.
    pub async fn step(&mut self, now: Instant) -> Result<Sequenced, StorageError> {
        let mut state = match self.state.take() {
            Some(state) => state,
            None => match self.begin(now).await? {
                Ok(state) => state,
                Err(taken) => return Ok(taken),
            },
        };
        let mut done = Sequenced::default();
        let mut found = self.find_new(&mut state, now, &mut done).await?;
        if found.len() < PAGE as usize {
            found.extend(self.find_late(&mut state, now, &mut done).await?);
        }
        if self.append(&mut state, &found, &mut done).await? {
            self.state = Some(state);
        }
        Ok(done)
    }

    /// Forgets where the chain stands: another process has been at work, or may have.
    pub fn forget(&mut self) {
        self.state = None;
    }

    /// Finds out where the chain stands. One that goes on behind its last signature is not continued, as that would vouch for
    /// it.
    async fn begin(&self, now: Instant) -> Result<Result<State, Sequenced>, StorageError> {
        let head = self.chain.head().await?;
        // After the head: somebody else may be at work.
        let signed = self.chain.last_checkpoint().await?.map_or(0, |checkpoint| checkpoint.position);
        if head.is_some_and(|head| head.position > signed) {
            return Ok(Err(Sequenced { unsigned: Some(signed + 1), ..Sequenced::default() }));
        }
        let last = self.chain.last_sequenced().await?;
        Ok(Ok(State {
            position: head.map_or(0, |head| head.position),
            hash: head.map_or(GENESIS, |head| head.hash),
            highest: (last - FIRST_LOOK).max(0),
            gaps: Gaps::default(),
            sweep: Sweep { done: Some(0), begun: now },
        }))
    }

    /// Events with greater numbers than any before.
    async fn find_new(
        &mut self,
        state: &mut State,
        now: Instant,
        done: &mut Sequenced,
    ) -> Result<Vec<Found>, StorageError> {
        let page = self.chain.unsequenced(state.highest, None, PAGE).await?;
        done.has_more |= page.len() == PAGE as usize;
        for event in &page {
            state.gaps.pass_over(state.highest, event.number, now);
            state.highest = event.number;
        }
        Ok(self.authentic(page, done))
    }

    /// Events whose numbers were passed over.
    async fn find_late(
        &mut self,
        state: &mut State,
        now: Instant,
        done: &mut Sequenced,
    ) -> Result<Vec<Found>, StorageError> {
        let mut late = Vec::new();
        for (first, last) in state.gaps.due(now) {
            late.extend(self.chain.unsequenced(first - 1, Some(last), PAGE).await?);
        }
        if state.sweep.done.is_none() && now.duration_since(state.sweep.begun) >= SWEEP_PACE {
            state.sweep = Sweep { done: Some(0), begun: now };
        }
        if let Some(after) = state.sweep.done {
            let until = after.saturating_add(SWEEP_STEP).min(state.highest);
            let page = self.chain.unsequenced(after, Some(until), PAGE).await?;
            let is_full = page.len() == PAGE as usize;
            let swept = if is_full { page.last().map_or(until, |last| last.number) } else { until };
            state.sweep.done = (swept < state.highest).then_some(swept);
            done.has_more |= is_full;
            late.extend(page);
        }
        late.sort_unstable_by_key(|event| event.number);
        late.dedup_by_key(|event| event.number);
        Ok(self.authentic(late, done))
    }

    /// Those that the service has written.
    fn authentic(&mut self, events: Vec<NumberedEvent>, done: &mut Sequenced) -> Vec<Found> {
        let mut found = Vec::with_capacity(events.len());
        for NumberedEvent { event, .. } in events {
            let canonical = canonical(&event);
            if self.signer.is_authentic(&canonical, &event.mac) {
                found.push(Found { id: event.id, canonical });
            } else if !self.forged.contains(&event.id) {
                if self.forged.len() < FORGED {
                    self.forged.insert(event.id);
                }
                done.forged.push(event.id);
            }
        }
        found
    }

    /// Makes the chain longer by these events, and signs it; whether the state is still good.
    async fn append(&self, state: &mut State, found: &[Found], done: &mut Sequenced) -> Result<bool, StorageError> {
        let (mut position, mut hash) = (state.position, state.hash);
        let mut placed = HashSet::new();
        let mut links = Vec::with_capacity(found.len());
        for event in found.iter().filter(|event| placed.insert(event.id)) {
            position += 1;
            hash = hash_after(&hash, &event.canonical);
            links.push(ChainLink { position, event_id: event.id, hash });
        }
        if links.is_empty() {
            return Ok(true);
        }
        let checkpoint = self.sign(state.position, position, hash);
        match self.chain.append(&links, Some(checkpoint.clone())).await {
            Ok(()) => {}
            Err(AppendLinksError::Taken) => {
                (done.is_taken, done.has_more) = (true, true);
                return Ok(false);
            }
            Err(AppendLinksError::Storage(error)) => return Err(error),
        }
        (state.position, state.hash) = (position, hash);
        done.placed += links.len();
        done.checkpoint = Some(checkpoint);
        Ok(true)
    }

    fn sign(&self, previous: i64, position: i64, hash: Digest) -> Checkpoint {
        let recorded_at = self.clock.now();
        let signature = self.signer.sign(&Checkpoint::message(previous, position, &hash, recorded_at));
        Checkpoint { position, hash, recorded_at, key_id: self.signer.key_id(), signature }
    }
}

/// An event that is to get a place.
struct Found {
    id: Uuid,
    canonical: Vec<u8>,
}

#[cfg(test)]
mod tests;
