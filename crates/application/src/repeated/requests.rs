//! Reserving a request, and what becomes of its reservation.

use chrono::TimeDelta;
use domain::access::Actor;
use domain::audit::Event;
use domain::ports::{Reservation, StorageError, UnitOfWork};
use domain::values::Digest;
use uuid::Uuid;

use super::answer::{Answer, Answers, unreadable};
use super::ticket::{Ticket, bound_to};
use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};
use crate::{Ports, RequestContext, Users};

/// For so long nobody else may begin a request that somebody is carrying out. Whoever needs longer renews it.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// For so long a key is known.
pub(crate) const KEPT: TimeDelta = TimeDelta::hours(24);

/// Requests that are carried out once, however often they are sent.
#[derive(Clone)]
pub struct RepeatedRequests {
    ports: Ports,
}

/// What to do about a request.
#[derive(Debug)]
pub enum Begun {
    /// It is to be carried out, by whoever holds this.
    First(Ticket),
    /// It was carried out before, and this was the answer.
    Again(Answers),
}

/// Why a request is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Somebody is carrying it out.
    #[error("the request is still running")]
    Running,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    Reused,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Retryable for BeginError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

impl RepeatedRequests {
    /// The requests that are kept where the users are.
    pub fn new(users: &Users) -> Self {
        Self { ports: users.ports.clone() }
    }

    /// What stands for a request in all its parts. The caller's role is one of them: what they were told in another one is
    /// not told again.
    pub fn fingerprint(&self, context: &RequestContext, parts: &[&[u8]]) -> Digest {
        let role = match &context.actor {
            Actor::User { role, .. } => role.as_str(),
            Actor::AnonymousAdministrator | Actor::Anonymous | Actor::System => "",
        };
        self.ports.outcome_sealer.fingerprint(&[&[b"request", role.as_bytes()], parts].concat())
    }

    /// Reserves the request of this caller and key, in a unit of its own, or finds what came of it before. Callers who are
    /// nobody are told apart by their `network`.
    ///
    /// Whoever gets a ticket hands it to the use case, and in the end [completes](Self::complete) it or
    /// [gives it up](Self::give_up), unless an answer was kept on the way.
    ///
    /// # Errors
    ///
    /// [`BeginError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin(
        &self,
        context: &RequestContext,
        network: &str,
        key: &str,
        fingerprint: Digest,
    ) -> Result<Begun, BeginError> {
        let key = self.key(context, network, key);
        let now = self.ports.clock.now();
        let ticket = self.ports.ids.uuid(now);
        let wanted =
            Reservation { key, fingerprint, ticket, leased_until: now + LEASE, completed_at: None, created_at: now };
        retry(&*self.ports.backoff, || self.try_begin(&wanted)).await
    }

    async fn try_begin(&self, wanted: &Reservation) -> Result<Begun, BeginError> {
        let mut unit = self.ports.storage.begin().await?;
        let Some(found) = unit.idempotency().find(wanted.key).await? else {
            unit.idempotency().insert(wanted).await?;
            self.commit(unit).await?;
            return Ok(Begun::First(Ticket::new(wanted.clone(), Answers::new())));
        };
        if found.fingerprint != wanted.fingerprint {
            return Err(BeginError::Reused);
        }
        if found.completed_at.is_some() {
            return Ok(Begun::Again(self.answers(&mut *unit, &found).await?));
        }
        // Whoever reserves has now for a time of creation, too.
        if found.leased_until > wanted.created_at {
            return Err(BeginError::Running);
        }
        let taken = Reservation { created_at: found.created_at, ..wanted.clone() };
        if !unit.idempotency().take_over(found.ticket, &taken).await? {
            return Err(BeginError::Running);
        }
        let done = self.answers(&mut *unit, &taken).await?;
        self.commit(unit).await?;
        Ok(Begun::First(Ticket::new(taken, done)))
    }

    /// Completes a request that no use case completed, with these answers besides those that are kept already.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; [`StorageFault::Failed`](domain::ports::StorageFault::Failed) if another process has taken the
    /// request over.
    pub async fn complete(&self, ticket: &Ticket, answers: &Answers) -> Result<(), StorageError> {
        let now = self.ports.clock.now();
        let seal = |(part, answer): (&i32, &Answer)| ticket.seal(&self.ports, *part, answer.outcome());
        let kept: Vec<_> = answers.iter().map(seal).collect();
        retry(&*self.ports.backoff, || async {
            let mut unit = self.ports.storage.begin().await?;
            ticket.keep(&mut *unit, &kept, Some(now)).await?;
            self.commit(unit).await
        })
        .await
    }

    /// Keeps others from taking the request over for another while.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn renew(&self, ticket: &Ticket) -> Result<(), StorageError> {
        let leased_until = self.ports.clock.now() + LEASE;
        let Reservation { ticket: holder, .. } = ticket.reservation;
        let renewed = Reservation { leased_until, ..ticket.reservation.clone() };
        let mut unit = self.ports.storage.begin().await?;
        unit.idempotency().take_over(holder, &renewed).await?;
        self.commit(unit).await
    }

    /// Lets the same request be carried out at once when it is sent again: nothing came of it, or not of all its parts.
    /// Where nobody knows what came of it, nothing is done, and the reservation ends with its lease.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; then, too, the reservation ends with its lease.
    pub async fn give_up(&self, ticket: &Ticket) -> Result<(), StorageError> {
        if !ticket.is_open() {
            return Ok(());
        }
        let Reservation { key, ticket: holder, .. } = ticket.reservation;
        let ended = Reservation { leased_until: self.ports.clock.now(), ..ticket.reservation.clone() };
        retry(&*self.ports.backoff, || async {
            let mut unit = self.ports.storage.begin().await?;
            unit.idempotency().release(key, holder).await?;
            // Still there if something came of some parts.
            unit.idempotency().take_over(holder, &ended).await?;
            self.commit(unit).await
        })
        .await
    }

    /// Nobody's change: there is nothing to tell of it in the trail.
    async fn commit(&self, unit: Box<dyn UnitOfWork>) -> Result<(), StorageError> {
        let (context, now) = (RequestContext::system(), self.ports.clock.now());
        record(unit, &context, &self.ports, now, Vec::<Event>::new(), Outcome::Done).await
    }

    async fn answers(&self, unit: &mut dyn UnitOfWork, of: &Reservation) -> Result<Answers, StorageError> {
        let kept = unit.idempotency().outcomes(of.key).await?;
        let open = |outcome: &str, part| self.ports.outcome_sealer.open(outcome, &bound_to(of, part));
        kept.into_iter()
            .map(|kept| {
                let plain =
                    open(&kept.outcome, kept.part).ok_or_else(|| unreadable("it was sealed with another key"))?;
                Ok((kept.part, Answer::from_bytes(&plain)?))
            })
            .collect()
    }

    /// What stands for a caller and a key.
    fn key(&self, context: &RequestContext, network: &str, key: &str) -> Digest {
        let sealer = &self.ports.outcome_sealer;
        match context.actor.uuid().map(|user| Uuid::into_bytes(user.get())) {
            Some(user) => sealer.fingerprint(&[b"user", &user, key.as_bytes()]),
            None => sealer.fingerprint(&[b"anonymous", network.as_bytes(), key.as_bytes()]),
        }
    }
}
