//! Letting users sign in again whose suspension's time is up.

use domain::ports::StorageFault;
use domain::values::UserUuid;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;

/// How many suspensions one round ends at most.
const ROUND: u32 = 100;

impl Users {
    /// Activates users whose suspension has ended, and says how many. Run it at least once a minute.
    ///
    /// Several replicas may run it at once: whoever comes second finds nothing to change.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError`] of the last user who could not be activated. All others were; save that nobody else is tried
    /// once the storage cannot be reached.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_suspensions(&self) -> Result<u64, ChangeUserError> {
        let (mut ended, mut failure) = (0, None);
        loop {
            let due = self.ports.queries.suspensions_ended(self.ports.clock.now(), ROUND).await?;
            let mut ended_now = 0;
            for user in &due {
                match self.end_suspension(*user).await {
                    Ok(has_ended) => ended_now += u64::from(has_ended),
                    Err(error) if is_outage(&error) => return Err(error),
                    Err(error) => failure = Some(error),
                }
            }
            ended += ended_now;
            // A round of users who all stay as they are would only come again.
            if due.len() < ROUND as usize || ended_now == 0 {
                return failure.map_or(Ok(ended), Err);
            }
        }
    }

    /// Whether this call ended it, and nobody else before.
    async fn end_suspension(&self, user: UserUuid) -> Result<bool, ChangeUserError> {
        let context = RequestContext::system();
        let target = Target::living(user.into(), Precondition::None);
        let ended = self.change(&context, &target, |user, now| match user.end_suspension(now) {
            events if events.is_empty() => Err(ChangeUserError::NotFound),
            events => Ok(events),
        });
        match ended.await {
            Ok(_) => Ok(true),
            Err(ChangeUserError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn is_outage(error: &ChangeUserError) -> bool {
    matches!(error, ChangeUserError::Storage(error) if error.fault() == StorageFault::Unavailable)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, TimeDelta, Utc};
    use domain::input::Deactivation;
    use domain::ports::mocks::MockUserQueries;
    use domain::ports::{StorageFault, UserQueries};
    use domain::user::UserView;
    use testkit::{FixedClock, user};

    use super::*;
    use crate::fixture::{FaultyCommits, World, admin};
    use crate::users::UserPolicy;

    fn end() -> DateTime<Utc> {
        FixedClock::START + TimeDelta::hours(1)
    }

    async fn suspended(world: &World, until: DateTime<Utc>) -> UserView {
        let target = world.given(user()).await;
        let deactivation = Deactivation { reason: None, until: Some(until) };
        world.users.deactivate(&admin(), target.id.into(), deactivation, Precondition::None).await.unwrap()
    }

    #[tokio::test]
    async fn a_suspension_ends_when_its_time_has_come_and_not_before() {
        let world = World::new();
        let ann = suspended(&world, end()).await;
        world.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
        assert_eq!(world.users.end_suspensions().await.unwrap(), 0);
        assert!(!world.stored(ann.uuid).await.is_active);
        world.clock.advance(TimeDelta::microseconds(1));
        assert_eq!(world.users.end_suspensions().await.unwrap(), 1);
        let after = world.stored(ann.uuid).await;
        assert_eq!((after.is_active, after.suspended_until), (true, None));
    }

    #[tokio::test]
    async fn a_suspension_ends_once_and_the_service_itself_ended_it() {
        let world = World::new();
        suspended(&world, end()).await;
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(world.users.end_suspensions().await.unwrap(), 1);
        assert_eq!(world.users.end_suspensions().await.unwrap(), 0);
        assert_eq!(world.actions(), ["user.deactivated", "user.activated"]);
        assert_eq!(world.last_event().await.actor.kind, "system");
    }

    #[tokio::test]
    async fn who_is_deactivated_for_good_stays_so() {
        let world = World::new();
        let ann = world.given(user().inactive()).await;
        world.clock.advance(TimeDelta::days(365));
        assert_eq!(world.users.end_suspensions().await.unwrap(), 0);
        assert!(!world.stored(ann.uuid).await.is_active);
    }

    #[tokio::test]
    async fn more_than_one_round_ends_in_one_call() {
        let world = World::new();
        for _ in 0..=2 * ROUND {
            suspended(&world, end()).await;
        }
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(world.users.end_suspensions().await.unwrap(), u64::from(2 * ROUND + 1));
        assert_eq!(world.storage.suspensions_ended(end(), ROUND).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_replica_that_comes_second_ends_nothing() {
        let world = World::new();
        let (ann, gone) = (suspended(&world, end()).await, suspended(&world, end()).await);
        world.users.activate(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        world.users.delete(&admin(), gone.id.into(), Precondition::None).await.unwrap();
        let before = world.storage.audit_events();
        world.clock.advance(TimeDelta::hours(1));
        // What it was told a moment before the other replica was quicker; a whole round, so that it would ask again.
        let due: Vec<_> = [ann.uuid, gone.uuid].into_iter().cycle().take(ROUND as usize).collect();
        let mut queries = MockUserQueries::new();
        queries.expect_suspensions_ended().times(1).return_once(|_, _| Ok(due));
        queries.expect_find().returning(|_, _| Ok(None));
        let mut ports = world.ports.clone();
        ports.queries = Arc::new(queries);
        let users = Users::new(ports, UserPolicy::default());
        assert_eq!(users.end_suspensions().await.unwrap(), 0);
        assert_eq!(world.storage.audit_events(), before);
    }

    #[tokio::test]
    async fn one_who_cannot_be_activated_holds_nobody_up() {
        let world = World::new();
        let (first, second) = (suspended(&world, end()).await, suspended(&world, end() + TimeDelta::minutes(1)).await);
        world.clock.advance(TimeDelta::hours(2));
        let lost_then_broken = [StorageFault::Retryable, StorageFault::Failed];
        let users = world.users_on(FaultyCommits::new(&world.storage, lost_then_broken));
        assert!(users.end_suspensions().await.is_err());
        assert!(!world.stored(first.uuid).await.is_active, "lost once, then broken");
        assert!(world.stored(second.uuid).await.is_active);
        assert_eq!(users.end_suspensions().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn nobody_else_is_tried_once_the_storage_is_away() {
        let world = World::new();
        let (_, second) = (suspended(&world, end()).await, suspended(&world, end() + TimeDelta::minutes(1)).await);
        world.clock.advance(TimeDelta::hours(2));
        let users = world.users_on(FaultyCommits::new(&world.storage, [StorageFault::Unavailable]));
        assert!(users.end_suspensions().await.is_err());
        assert!(!world.stored(second.uuid).await.is_active);
    }
}
