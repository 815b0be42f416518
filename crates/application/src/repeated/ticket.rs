//! The right to carry a request out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, Utc};
use domain::ports::{KeptOutcome, Reservation, StorageError, StorageFault, UnitOfWork};

use super::answer::{Answers, to_bytes};
use crate::recording::Outcome;
use crate::{Ports, RequestContext};

/// The right to carry a request out, or a part of it: whoever holds it keeps the answer in the change's own unit of work.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub(super) reservation: Reservation,
    /// Which part, from 0.
    part: i32,
    /// Whether the request is complete with this part.
    completes: bool,
    done: Arc<Answers>,
    progress: Arc<AtomicU8>,
}

/// How far a ticket has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing came of it yet.
    Open,
    /// Its answer is kept.
    Kept,
    /// Whether its answer is kept is not known.
    InDoubt,
}

impl Ticket {
    pub(super) fn new(reservation: Reservation, done: Answers) -> Self {
        let progress = Arc::new(AtomicU8::new(Progress::Open as u8));
        Self { reservation, part: 0, completes: true, done: Arc::new(done), progress }
    }

    /// What came of it already when somebody else, who then broke off, carried it out.
    pub fn done(&self) -> &Answers {
        &self.done
    }

    /// The ticket for a part of the request, which is not complete with it.
    pub(crate) fn part(&self, part: i32) -> Self {
        let progress = Arc::new(AtomicU8::new(Progress::Open as u8));
        Self { part, completes: false, progress, ..self.clone() }
    }

    /// Whether nothing came of it so far, which is known for sure: it may be completed or given up.
    pub fn is_open(&self) -> bool {
        self.progress() == Progress::Open
    }

    pub(crate) fn progress(&self) -> Progress {
        match self.progress.load(Ordering::Acquire) {
            progress if progress == Progress::Open as u8 => Progress::Open,
            progress if progress == Progress::Kept as u8 => Progress::Kept,
            _ => Progress::InDoubt,
        }
    }

    /// From now on nobody knows, unless [`committed`](Self::committed) is told.
    pub(crate) fn committing(&self) {
        self.set(Progress::InDoubt);
    }

    /// What became of the unit of work that held the answer.
    pub(crate) fn committed(&self, result: &Result<(), StorageError>) {
        match result {
            Ok(()) => self.set(Progress::Kept),
            Err(error) if error.fault() == StorageFault::UnknownOutcome => {}
            Err(_) => self.set(Progress::Open),
        }
    }

    fn set(&self, progress: Progress) {
        self.progress.store(progress as u8, Ordering::Release);
    }

    /// Keeps the answers within a unit of work, and completes the request with them if it is to be.
    ///
    /// # Errors
    ///
    /// [`StorageFault::Failed`] if another process has taken the request over.
    pub(super) async fn keep(
        &self,
        unit: &mut dyn UnitOfWork,
        kept: &[KeptOutcome],
        completed_at: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError> {
        let Reservation { key, ticket, .. } = self.reservation;
        let repository = unit.idempotency();
        let mut is_mine = true;
        for outcome in kept {
            is_mine = is_mine && repository.keep(key, ticket, outcome).await?;
        }
        if let Some(now) = completed_at {
            is_mine = is_mine && repository.complete(key, ticket, now).await?;
        }
        if is_mine {
            Ok(())
        } else {
            Err(StorageError::new(StorageFault::Failed, "another process has taken this request over"))
        }
    }

    /// An answer, sealed.
    pub(super) fn seal(&self, ports: &Ports, part: i32, outcome: Outcome<'_>) -> KeptOutcome {
        let (subject, plain) = to_bytes(outcome);
        KeptOutcome { part, subject, outcome: ports.outcome_sealer.seal(&plain, &bound_to(&self.reservation, part)) }
    }
}

impl RequestContext {
    /// Keeps the outcome in the unit that brought it about, if the request is one to be carried out once.
    ///
    /// # Errors
    ///
    /// [`StorageFault::Failed`] if another process has taken the request over, because this one took too long.
    pub(crate) async fn keep_outcome(
        &self,
        unit: &mut dyn UnitOfWork,
        ports: &Ports,
        now: DateTime<Utc>,
        outcome: Outcome<'_>,
    ) -> Result<(), StorageError> {
        let Some(ticket) = &self.once else { return Ok(()) };
        let kept: Vec<_> = match outcome {
            Outcome::Parts(answers) => {
                (0..).zip(answers).map(|(part, answer)| ticket.seal(ports, part, answer.outcome())).collect()
            }
            Outcome::Done | Outcome::User(_) | Outcome::Json(_) => vec![ticket.seal(ports, ticket.part, outcome)],
        };
        ticket.keep(unit, &kept, ticket.completes.then_some(now)).await
    }
}

/// What a sealed answer is good together with.
pub(super) fn bound_to(reservation: &Reservation, part: i32) -> Vec<u8> {
    [reservation.key.bytes().as_slice(), &part.to_be_bytes()].concat()
}
