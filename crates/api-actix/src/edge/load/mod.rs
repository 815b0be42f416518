//! Refusing early what could not be answered soon, so that what is let in is.
//!
//! Requests that wait for something (the database, mostly) queue behind one another: in the pool of connections, in the
//! database, for a processor. A queue that never empties makes every answer late and none more. So the edge bounds how many
//! requests are worked on at once. By Little's law the time they take is their number divided by how many end in a second: the
//! limit is what ends within [`SOON`], at the rate measured just now, and never less than [`floor`](Load::new). Below that nothing is
//! ever refused; above it nothing is either until that has lasted for [`PATIENCE`], so that a burst is served.
//!
//! The last quarter is for callers who have less than their share in work: one who sends without end meets the limit first,
//! and leaves room for the others.
//!
//! What waits on purpose (the change feed) or in a queue with a bound of its own (passwords) has a bound apart.

mod callers;
mod lane;
mod refusals;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use metrics::{Gauge, gauge};
use tokio::time::Instant;

pub(super) use self::callers::{CallerKey, caller_key};
use self::callers::{Callers, Place};
pub(super) use self::lane::Lane;
use self::refusals::{Reason, Refusals};
use crate::metrics::REQUESTS_LIMIT;

/// How soon what is let in shall be answered, on average.
const SOON: Duration = Duration::from_millis(40);

/// How long there may be too much to do before anything is refused.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long no further burst is served after there was too much to do: a storage that hangs, and lets everything go that waited
/// for it in vain, would be met by one burst after the other.
const WARY: Duration = Duration::from_secs(5);

/// How long the rate is measured.
const WINDOW: Duration = Duration::from_millis(100);

/// The largest burst: so many are let in while there is too much to do for less than [`PATIENCE`], or four times the limit
/// where that is more.
const BURST: usize = 1024;

/// The most requests at once that wait for a password to be hashed: their queue refuses by the expected wait, long before.
const MOST_HASHING: usize = 1024;

/// The most at once of those that take long by nature: they have bounds of their own, too.
const MOST_LONG: usize = 2048;

/// How much this process has to do, for all its workers.
pub(crate) struct Load {
    epoch: Instant,
    floor: usize,
    limit: AtomicUsize,
    in_work: AtomicUsize,
    hashing: AtomicUsize,
    long: AtomicUsize,
    /// Requests that waited for something and ended well.
    ended: AtomicU64,
    window: Window,
    /// When there was last not too much to do, in microseconds since the epoch.
    calm_at: AtomicU64,
    /// Until when bursts are not served any more, as there was too much to do a moment ago.
    pressed_until: AtomicU64,
    callers: Callers,
    refusals: Refusals,
    told: Gauge,
}

/// When the rate was last measured, and what had ended by then.
#[derive(Default)]
struct Window {
    begun_at: AtomicU64,
    ended_before: AtomicU64,
}

impl Load {
    /// Lets at least `floor` requests be worked on at once, however long they take.
    pub(crate) fn new(floor: usize) -> Self {
        Self::telling(floor, gauge!(REQUESTS_LIMIT))
    }

    /// The same for a port of its own, of which no number is told.
    pub(crate) fn apart(floor: usize) -> Self {
        Self::telling(floor, Gauge::noop())
    }

    fn telling(floor: usize, told: Gauge) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        told.set(floor as f64);
        Self {
            epoch: Instant::now(),
            floor,
            limit: AtomicUsize::new(floor),
            in_work: AtomicUsize::new(0),
            hashing: AtomicUsize::new(0),
            long: AtomicUsize::new(0),
            ended: AtomicU64::new(0),
            window: Window::default(),
            calm_at: AtomicU64::new(0),
            pressed_until: AtomicU64::new(0),
            callers: Callers::new(),
            refusals: Refusals::new(),
            told,
        }
    }

    /// How many are counted in a lane, if that is bounded.
    fn count(&self, lane: Lane) -> Option<&AtomicUsize> {
        match lane {
            Lane::Free => None,
            Lane::Work => Some(&self.in_work),
            Lane::Hashing => Some(&self.hashing),
            Lane::Long => Some(&self.long),
        }
    }

    fn admit(&self, lane: Lane, now: u64, caller: impl FnOnce() -> CallerKey) -> Result<Option<Place>, Reason> {
        match lane {
            Lane::Free => Ok(None),
            Lane::Work => self.admit_work(now, caller),
            Lane::Hashing => bounded(&self.hashing, MOST_HASHING, Reason::Hashing),
            Lane::Long => bounded(&self.long, MOST_LONG, Reason::Long),
        }
    }

    fn admit_work(&self, now: u64, caller: impl FnOnce() -> CallerKey) -> Result<Option<Place>, Reason> {
        let limit = self.limit_at(now);
        let before = self.in_work.fetch_add(1, Relaxed);
        let admitted = self.judge(before, limit, now, caller);
        if admitted.is_err() {
            self.in_work.fetch_sub(1, Relaxed);
        }
        admitted
    }

    fn judge(
        &self,
        before: usize,
        limit: usize,
        now: u64,
        caller: impl FnOnce() -> CallerKey,
    ) -> Result<Option<Place>, Reason> {
        if before < limit / 2 {
            note_time(&self.calm_at, now);
            return Ok(None);
        }
        let crowded = limit - limit / 4;
        if before < crowded {
            note_time(&self.calm_at, now);
        } else if self.is_pressed(now) {
            if before >= limit {
                return Err(Reason::Full);
            }
            let caller = caller();
            if self.callers.has_its_share(caller, limit) {
                return Err(Reason::Share);
            }
            return Ok(Some(self.callers.enter(caller)));
        } else if before >= BURST.max(4 * limit) {
            return Err(Reason::Full);
        }
        Ok(Some(self.callers.enter(caller())))
    }

    /// Whether there has been too much to do for so long, or so lately, that somebody has to be refused.
    fn is_pressed(&self, now: u64) -> bool {
        let lasts = now.saturating_sub(self.calm_at.load(Relaxed)) > micros(PATIENCE);
        if lasts {
            note_time(&self.pressed_until, now + micros(WARY));
        }
        lasts || now < self.pressed_until.load(Relaxed)
    }

    /// The limit, measured anew where that is due. It rises at once and falls by an eighth at most, so that a machine that
    /// was busy elsewhere for a moment does not make it forget.
    fn limit_at(&self, now: u64) -> usize {
        let begun_at = self.window.begun_at.load(Relaxed);
        let lasted = now.saturating_sub(begun_at);
        let limit = self.limit.load(Relaxed);
        let is_due = lasted >= micros(WINDOW);
        if !is_due || self.window.begun_at.compare_exchange(begun_at, now, Relaxed, Relaxed).is_err() {
            return limit;
        }
        let ended = self.ended.load(Relaxed);
        let ended_now = ended.wrapping_sub(self.window.ended_before.swap(ended, Relaxed));
        let soon = usize::try_from(ended_now.saturating_mul(micros(SOON)) / lasted).unwrap_or(usize::MAX);
        let measured = soon.max(limit - limit / 8).max(self.floor);
        if measured != limit {
            self.limit.store(measured, Relaxed);
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            self.told.set(measured as f64);
        }
        measured
    }
}

fn bounded(count: &AtomicUsize, most: usize, reason: Reason) -> Result<Option<Place>, Reason> {
    if count.fetch_add(1, Relaxed) < most {
        return Ok(None);
    }
    count.fetch_sub(1, Relaxed);
    Err(reason)
}

/// Notes a time, but not so often that the workers get in one another's way.
fn note_time(noted: &AtomicU64, now: u64) {
    if now.saturating_sub(noted.load(Relaxed)) > 5_000 {
        noted.store(now, Relaxed);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// There is more to do than can be done soon.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// The way in, of one worker.
pub(super) struct Gate(Arc<Load>);

impl Gate {
    pub(super) fn new(load: Arc<Load>) -> Rc<Self> {
        Rc::new(Self(load))
    }

    /// Lets a request in that came at `now`, or says that it is one too many. `caller` is only asked where it matters.
    pub(super) fn admit(
        self: &Rc<Self>,
        lane: Lane,
        now: Instant,
        caller: impl FnOnce() -> CallerKey,
    ) -> Result<Slot, TooMuch> {
        let load = &self.0;
        let now = micros(now.saturating_duration_since(load.epoch));
        match load.admit(lane, now, caller) {
            Ok(place) => Ok(Slot {
                gate: Rc::clone(self),
                lane,
                place,
                is_arriving: false,
                has_waited: false,
                ended_well: false,
            }),
            Err(reason) => {
                load.refusals.note(reason, now);
                Err(TooMuch)
            }
        }
    }
}

/// A request that was let in, until this is dropped.
pub(super) struct Slot {
    gate: Rc<Gate>,
    lane: Lane,
    place: Option<Place>,
    /// Whether its body is still waited for, so that it is not counted.
    is_arriving: bool,
    has_waited: bool,
    ended_well: bool,
}

impl Slot {
    /// Gives its place back while the rest of its body is waited for: a client that sends slowly takes nobody's. When all is
    /// there it is counted again, however much there is to do by then; that it was let in is not taken back.
    pub(super) fn arrives(&mut self, is_arriving: bool) {
        if self.is_arriving == is_arriving {
            return;
        }
        self.is_arriving = is_arriving;
        let load = &self.gate.0;
        if is_arriving {
            self.leave();
        } else if let Some(count) = load.count(self.lane) {
            count.fetch_add(1, Relaxed);
            if let Some(place) = &self.place {
                load.callers.count(place);
            }
        }
    }

    fn leave(&self) {
        let load = &self.gate.0;
        let Some(count) = load.count(self.lane) else { return };
        count.fetch_sub(1, Relaxed);
        if let Some(place) = &self.place {
            load.callers.leave(place);
        }
    }

    /// Notes that the request was answered, and not because it was given up.
    pub(super) fn ends_well(&mut self) {
        self.ended_well = true;
    }

    /// Notes that the request waits for something. Those that never do are over at once, and say nothing about how soon the
    /// others will be.
    pub(super) fn waits(&mut self) {
        self.has_waited = true;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.is_arriving {
            self.leave();
        }
        if self.lane == Lane::Work && self.has_waited && self.ended_well {
            self.gate.0.ended.fetch_add(1, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
