//! Work that one process at a time does: of all who could, one holds a lease.
//!
//! Nobody compares clocks. The holder renews the lease every second, which makes its term grow; whoever has seen one and
//! the same term for six seconds of their own monotonic time may take it. So a holder that was killed is followed by
//! another within eight seconds, and one that was only slow finds that the lease is gone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ports::{Lease, Leases, StorageError};
use uuid::Uuid;

/// Between two looks or renewals.
pub const LEASE_PACE: Duration = Duration::from_secs(1);

/// So long a lease must have stood still before somebody else may take it.
const PATIENCE: Duration = Duration::from_secs(6);

/// So long after it was renewed last the holder relies on it: well before anybody may take it.
const RELIANCE: Duration = Duration::from_secs(4);

/// A candidate for a lease, or its holder.
pub struct Leaseholder {
    leases: Arc<dyn Leases>,
    name: &'static str,
    owner: Uuid,
    standing: Standing,
    /// When it is time to look or to renew again.
    due: Option<Instant>,
}

enum Standing {
    /// Somebody else's, seen like this for the first time then.
    Watching { seen: Option<(Lease, Instant)> },
    /// Ours, renewed then.
    Holding { lease: Lease, renewed: Instant },
}

impl Leaseholder {
    /// A candidate for the lease of this name. `owner` is nobody else's, not even of another candidate in this process.
    pub fn new(leases: Arc<dyn Leases>, name: &'static str, owner: Uuid) -> Self {
        Self { leases, name, owner, standing: Standing::Watching { seen: None }, due: None }
    }

    /// Does what is due at `now`, and tells whether the lease is held: looks at it, takes it if nobody renews it, or
    /// renews it. To be called as often as work is done, and at least every [`LEASE_PACE`].
    ///
    /// # Errors
    ///
    /// [`StorageError`] only. The lease may still be held then: see [`holds`](Self::holds).
    pub async fn tick(&mut self, now: Instant) -> Result<bool, StorageError> {
        if self.due.is_none_or(|due| now >= due) {
            self.due = Some(now + LEASE_PACE);
            match &self.standing {
                Standing::Watching { seen } => {
                    let seen = seen.clone();
                    self.look(seen, now).await?;
                }
                Standing::Holding { lease, .. } => {
                    let lease = lease.clone();
                    self.renew(&lease, now).await?;
                }
            }
        }
        Ok(self.holds(now))
    }

    /// Whether this process may do the work at `now`.
    pub fn holds(&self, now: Instant) -> bool {
        matches!(&self.standing, Standing::Holding { renewed, .. } if now.duration_since(*renewed) < RELIANCE)
    }

    /// Gives the lease back, so that nobody has to wait for it.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; others take it after a while all the same.
    pub async fn release(&mut self) -> Result<(), StorageError> {
        match std::mem::replace(&mut self.standing, Standing::Watching { seen: None }) {
            Standing::Holding { lease, .. } => self.leases.release(&lease).await,
            Standing::Watching { .. } => Ok(()),
        }
    }

    async fn look(&mut self, seen: Option<(Lease, Instant)>, now: Instant) -> Result<(), StorageError> {
        let found = self.leases.find(self.name).await?;
        let may_take = match (&found, &seen) {
            (None, _) => true,
            // Taken or renewed by a call whose answer was lost.
            (Some(lease), _) if lease.owner == self.owner => true,
            (Some(lease), Some((before, since))) => lease == before && now.duration_since(*since) >= PATIENCE,
            (Some(_), None) => false,
        };
        if may_take {
            if let Some(lease) = self.leases.take(self.name, found, self.owner).await? {
                self.standing = Standing::Holding { lease, renewed: now };
                return Ok(());
            }
            self.standing = Standing::Watching { seen: None };
            return Ok(());
        }
        let since = seen.filter(|(before, _)| Some(before) == found.as_ref()).map_or(now, |(_, since)| since);
        self.standing = Standing::Watching { seen: found.map(|lease| (lease, since)) };
        Ok(())
    }

    async fn renew(&mut self, lease: &Lease, now: Instant) -> Result<(), StorageError> {
        self.standing = match self.leases.renew(lease).await? {
            Some(lease) => Standing::Holding { lease, renewed: now },
            None => Standing::Watching { seen: None },
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::ports::StorageFault;
    use domain::ports::mocks::MockLeases;
    use infra_memory::MemoryStorage;

    use super::*;

    fn candidate(storage: &MemoryStorage, owner: u128) -> Leaseholder {
        Leaseholder::new(Arc::new(storage.clone()), "work", Uuid::from_u128(owner))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn the_first_who_comes_holds_it_as_long_as_they_renew_it() {
        let (storage, start) = (MemoryStorage::new(), Instant::now());
        let (mut one, mut other) = (candidate(&storage, 1), candidate(&storage, 2));
        for second in 0..30 {
            let now = start + seconds(second);
            assert!(one.tick(now).await.unwrap());
            assert!(!other.tick(now).await.unwrap());
        }
    }

    #[tokio::test]
    async fn whoever_stops_is_followed_within_eight_seconds_and_not_before_six() {
        let (storage, start) = (MemoryStorage::new(), Instant::now());
        let (mut one, mut other) = (candidate(&storage, 1), candidate(&storage, 2));
        assert!(one.tick(start).await.unwrap());
        let mut taken = None;
        for second in 0..=8 {
            let now = start + seconds(second);
            if other.tick(now).await.unwrap() {
                taken.get_or_insert(second);
            }
        }
        assert_eq!(taken, Some(6));
        assert!(!one.holds(start + RELIANCE), "the first no longer relies on it by then");
        assert!(!one.tick(start + seconds(9)).await.unwrap(), "and finds that it is gone");
    }

    #[tokio::test]
    async fn what_is_given_back_is_taken_at_once() {
        let (storage, start) = (MemoryStorage::new(), Instant::now());
        let (mut one, mut other) = (candidate(&storage, 1), candidate(&storage, 2));
        one.tick(start).await.unwrap();
        other.tick(start).await.unwrap();
        one.release().await.unwrap();
        assert!(!one.holds(start));
        assert!(other.tick(start + LEASE_PACE).await.unwrap());
        assert!(!one.tick(start + LEASE_PACE).await.unwrap());
    }

    #[tokio::test]
    async fn a_holder_that_cannot_renew_stops_before_anybody_may_follow() {
        let mut leases = MockLeases::new();
        let lease = Lease { name: "work".to_owned(), owner: Uuid::from_u128(1), term: 1 };
        let taken = lease.clone();
        leases.expect_find().return_once(|_| Ok(None));
        leases.expect_take().return_once(|_, _, _| Ok(Some(taken)));
        leases.expect_renew().returning(|_| Err(StorageError::new(StorageFault::Unavailable, "away")));
        let mut holder = Leaseholder::new(Arc::new(leases), "work", lease.owner);
        let start = Instant::now();
        assert!(holder.tick(start).await.unwrap());
        holder.tick(start + seconds(1)).await.unwrap_err();
        assert!(holder.holds(start + seconds(3)));
        holder.tick(start + seconds(4)).await.unwrap_err();
        assert!(!holder.holds(start + seconds(4)));
    }

    #[tokio::test]
    async fn a_renewal_whose_answer_was_lost_costs_nothing() {
        let (storage, start) = (MemoryStorage::new(), Instant::now());
        let mut one = candidate(&storage, 1);
        one.tick(start).await.unwrap();
        let held = storage.find("work").await.unwrap().unwrap();
        storage.renew(&held).await.unwrap();
        assert!(!one.tick(start + seconds(1)).await.unwrap());
        assert!(one.tick(start + seconds(2)).await.unwrap());
    }

    #[tokio::test]
    async fn of_two_who_take_it_at_the_same_moment_one_does() {
        let (storage, start) = (MemoryStorage::new(), Instant::now());
        let mut candidates: Vec<_> = (1..=5).map(|owner| candidate(&storage, owner)).collect();
        let mut held = 0;
        for candidate in &mut candidates {
            held += u32::from(candidate.tick(start).await.unwrap());
        }
        assert_eq!(held, 1);
    }
}
