//! Wrapping people's keys anew, after the encryption key was changed.

use domain::audit::Event;
use domain::ports::StorageError;
use domain::values::UserUuid;

use crate::recording::{Outcome, record};
use crate::retry::retry;
use crate::{Ports, RequestContext};

/// How many keys are wrapped in one unit of work: others want to write, too.
const BATCH: u32 = 500;

/// Sees to it that the key which the service uses now wraps everybody's key.
///
/// What was sealed with people's keys stays as it is. It may be stopped at any moment and begun again: a key is wrapped by
/// the one or by the other, and both are known until nothing is left to do.
#[derive(Clone)]
pub struct KeyRotation {
    ports: Ports,
}

/// What came of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    /// How many keys were wrapped anew.
    pub rewrapped: u64,
    /// How many stay as they are: the key that wraps them is not known, or they are damaged.
    pub unknown: u64,
    /// The last person who was looked at; `None` if nobody is left after them.
    pub last: Option<UserUuid>,
}

impl KeyRotation {
    /// With these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Wraps the keys of people after `after`, by uuid, and of so many at most that nobody waits for it. To be called again
    /// with [`Rotated::last`] until there is none.
    ///
    /// Of several processes that do it at once each does a part, or finds it done.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; nothing of this part was changed then.
    pub async fn run(&self, after: Option<UserUuid>) -> Result<Rotated, StorageError> {
        let now = self.ports.clock.now();
        retry(&*self.ports.backoff, || async {
            let sealer = &*self.ports.subject_sealer;
            let mut unit = self.ports.storage.begin().await?;
            let found = unit.subject_keys().find_wrapped_otherwise(&sealer.key_id(), after, BATCH).await?;
            let mut rotated = Rotated::default();
            for (person, wrapped) in &found {
                match sealer.rewrap(*person, wrapped) {
                    Some(rewrapped) => {
                        unit.subject_keys().rewrap(*person, wrapped, &rewrapped).await?;
                        rotated.rewrapped += 1;
                    }
                    None => rotated.unknown += 1,
                }
            }
            if found.len() >= BATCH as usize {
                rotated.last = found.last().map(|(person, _)| *person);
            }
            if rotated.rewrapped > 0 {
                record(unit, &RequestContext::system(), &self.ports, now, Vec::<Event>::new(), Outcome::Done).await?;
            }
            Ok(rotated)
        })
        .await
    }

    /// Whether the first of the keys that are still wrapped otherwise can be opened; `None` if there are none.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn is_remainder_known(&self) -> Result<Option<bool>, StorageError> {
        let sealer = &*self.ports.subject_sealer;
        let mut unit = self.ports.storage.begin().await?;
        let first = unit.subject_keys().find_wrapped_otherwise(&sealer.key_id(), None, 1).await?;
        Ok(first.first().map(|(person, wrapped)| sealer.unwrap(*person, wrapped).is_some()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::ports::{Storage as _, StorageFault, WrappedKey};
    use testkit::{PlainSubjectKeys, user};

    use super::*;
    use crate::Keyring;
    use crate::fixture::{FaultyCommits, World, admin};
    use crate::users::Precondition;

    /// The same service after a restart with these keys.
    fn restarted(world: &World, keys: PlainSubjectKeys) -> Ports {
        Ports { subject_sealer: Arc::new(keys), keyring: Keyring::default(), ..world.ports.clone() }
    }

    fn with_a_new_key(world: &World) -> Ports {
        restarted(world, PlainSubjectKeys::new().replacing("key-2"))
    }

    async fn people(world: &World, count: usize) -> Vec<UserUuid> {
        let mut people = Vec::new();
        for _ in 0..count {
            people.push(world.users.create(&admin(), user().new_user()).await.unwrap().uuid);
        }
        people
    }

    /// All keys: the people's, and those of whoever else is named in events.
    async fn wrapped(world: &World) -> Vec<(UserUuid, WrappedKey)> {
        let mut unit = world.storage.begin().await.unwrap();
        unit.subject_keys().find_wrapped_otherwise("none", None, u32::MAX).await.unwrap()
    }

    async fn rotate(rotation: &KeyRotation) -> Vec<Rotated> {
        let mut parts = vec![rotation.run(None).await.unwrap()];
        while let Some(after) = parts.last().and_then(|part| part.last) {
            parts.push(rotation.run(Some(after)).await.unwrap());
        }
        parts
    }

    #[tokio::test]
    async fn everything_opens_with_the_new_key_alone_once_all_keys_are_wrapped_anew() {
        let world = World::new();
        people(&world, 3).await;
        let (before, count) = (world.events().await, wrapped(&world).await.len() as u64);
        let rotation = KeyRotation::new(with_a_new_key(&world));
        assert_eq!(rotation.is_remainder_known().await.unwrap(), Some(true));
        assert_eq!(rotate(&rotation).await, [Rotated { rewrapped: count, unknown: 0, last: None }]);
        assert_eq!(rotation.is_remainder_known().await.unwrap(), None);

        let alone = restarted(&world, PlainSubjectKeys::with_only("key-2"));
        let stored = world.storage.audit_events().into_iter();
        let stored = stored.map(|event| domain::audit::StoredEvent { event, place: None }).collect();
        assert_eq!(crate::audit::open_all(&alone, stored).await.unwrap(), before);
    }

    #[tokio::test]
    async fn a_second_time_there_is_nothing_to_do_and_nothing_is_recorded() {
        let world = World::new();
        people(&world, 2).await;
        let events = world.storage.audit_events().len();
        let rotation = KeyRotation::new(with_a_new_key(&world));
        rotate(&rotation).await;
        let after = wrapped(&world).await;
        assert_eq!(rotate(&rotation).await, [Rotated::default()]);
        assert_eq!((wrapped(&world).await, world.storage.audit_events().len()), (after, events));
    }

    #[tokio::test]
    async fn a_part_ends_after_so_many_and_the_next_goes_on_behind_it() {
        let world = World::new();
        let others = wrapped(&world).await.len();
        people(&world, BATCH as usize + 1).await;
        let count = wrapped(&world).await.len() - others;
        let parts = rotate(&KeyRotation::new(with_a_new_key(&world))).await;
        let rewrapped: Vec<_> = parts.iter().map(|part| part.rewrapped).collect();
        assert_eq!(rewrapped, [u64::from(BATCH), (count - BATCH as usize) as u64]);
        assert!(wrapped(&world).await.iter().all(|(_, key)| key.key_id == "key-2"));
    }

    #[tokio::test]
    async fn keys_of_an_unknown_key_stay_as_they_are_and_hold_nobody_up() {
        let world = World::new();
        people(&world, 1).await;
        let before = wrapped(&world).await;
        let rotation = KeyRotation::new(restarted(&world, PlainSubjectKeys::with_only("key-2")));
        assert_eq!(rotation.is_remainder_known().await.unwrap(), Some(false));
        let parts = rotate(&rotation).await;
        assert_eq!(parts, [Rotated { rewrapped: 0, unknown: before.len() as u64, last: None }]);
        assert_eq!(wrapped(&world).await, before);
    }

    #[tokio::test]
    async fn whoever_is_erased_meanwhile_gets_no_key_back() {
        let world = World::new();
        let ann = people(&world, 1).await[0];
        world.users.purge(&admin(), ann.into(), Precondition::None).await.unwrap();
        rotate(&KeyRotation::new(with_a_new_key(&world))).await;
        assert!(wrapped(&world).await.iter().all(|(person, _)| *person != ann));
    }

    #[tokio::test]
    async fn a_lost_race_is_run_again_and_a_failure_changes_nothing() {
        let world = World::new();
        people(&world, 2).await;
        let before = wrapped(&world).await;
        let on = |fault| {
            let storage = Arc::new(FaultyCommits::new(&world.storage, [fault]));
            KeyRotation::new(Ports { storage, ..with_a_new_key(&world) })
        };
        assert!(on(StorageFault::Failed).run(None).await.is_err());
        assert_eq!(wrapped(&world).await, before);
        assert_eq!(on(StorageFault::Retryable).run(None).await.unwrap().rewrapped, before.len() as u64);
    }
}
