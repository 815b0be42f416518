//! Erasing a person for good.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ports::StorageFault;
use domain::values::UserRef;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users, login_names};
use crate::RequestContext;
use crate::authentication::name_digest;
use crate::authorization::may_see;
use crate::recording::{Outcome, record};
use crate::retry::retry;

/// Why a person was not erased.
pub type PurgeUserError = ChangeUserError;

/// How many people one round of the job erases at most.
const ROUND: u32 = 100;

impl Users {
    /// Erases a person, living or deleted: the account, sessions, sign-ins and their key go, so that what the audit trail
    /// holds of them can never be read again. What stays is a tombstone (number, uuid, time); neither is given again.
    ///
    /// Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError`], by variant; a person who was erased already is not found.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn purge(
        &self,
        context: &RequestContext,
        user: UserRef,
        precondition: Precondition,
    ) -> Result<(), PurgeUserError> {
        let target = Target::also_deleted(user, precondition).not_shown();
        let now = self.ports.clock.now();
        retry(&*self.ports.backoff, || self.try_purge(context, &target, now)).await
    }

    /// Whether deleted users are erased after a time.
    pub fn purges(&self) -> bool {
        self.policy.purge_deleted_after.is_some()
    }

    /// Erases those who were deleted longer ago than the policy keeps them, and says how many.
    ///
    /// Several replicas may run it at once: whoever comes second finds nobody.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError`] of the last person who could not be erased. All others were; save that nobody else is tried once
    /// the storage cannot be reached.
    pub async fn purge_due(&self) -> Result<u64, PurgeUserError> {
        let Some(ago) = self.policy.purge_deleted_after else { return Ok(0) };
        let context = RequestContext::system();
        let (mut purged, mut failure) = (0, None);
        loop {
            let before = self.ports.clock.now() - ago;
            let due = self.ports.storage.begin().await?.erasure().deleted_before(before, ROUND).await?;
            let mut purged_now = 0;
            for user in &due {
                match self.purge(&context, (*user).into(), Precondition::None).await {
                    Ok(()) => purged_now += 1,
                    Err(ChangeUserError::NotFound) => {}
                    Err(ChangeUserError::Storage(error)) if error.fault() == StorageFault::Unavailable => {
                        return Err(error.into());
                    }
                    Err(error) => failure = Some(error),
                }
            }
            purged += purged_now;
            // A round of people who all stay would only come again.
            if due.len() < ROUND as usize || purged_now == 0 {
                return failure.map_or(Ok(purged), Err);
            }
        }
    }

    async fn try_purge(
        &self,
        context: &RequestContext,
        target: &Target,
        now: DateTime<Utc>,
    ) -> Result<(), PurgeUserError> {
        let mut unit = self.ports.storage.begin().await?;
        let found = unit.users().find_including_deleted(target.user).await?;
        let Some(user) = found.filter(|user| may_see(&context.actor, user.uuid())) else {
            return Err(ChangeUserError::NotFound);
        };
        if !context.actor.may(Permission::UsersPurge) {
            return Err(ChangeUserError::Forbidden);
        }
        target.precondition.check(user.stored_version())?;
        if self.policy.protect_last_administrator
            && user.is_active_administrator()
            && unit.users().count_administrators_exclusively().await? <= 1
        {
            return Err(ChangeUserError::LastAdministrator);
        }
        for name in login_names(&user) {
            unit.logins().forget_name(name_digest(&self.ports, &name)).await?;
        }
        unit.erasure().erase(&user, now).await?;
        Ok(record(unit, context, &self.ports, now, vec![user.purged()], Outcome::Done).await?)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::query::DeletedScope;
    use domain::values::Role;
    use rstest::rstest;
    use serde_json::Value;
    use testkit::user;

    use super::*;
    use crate::audit::ERASED;
    use crate::fixture::{World, admin, by, patch, somebody};
    use crate::users::UserPolicy;
    use domain::input::UserChanges;
    use domain::ports::UserQueries;

    #[rstest]
    #[tokio::test]
    async fn nothing_of_an_erased_person_can_be_read_and_the_trail_still_tells_what_happened(
        #[values(false, true)] is_deleted: bool,
    ) {
        let world = World::new();
        let new = user().named("ann").email("ann@example.org").new_user();
        let ann = world.users.create(&admin(), new).await.unwrap();
        let changes = UserChanges { first_name: crate::fixture::name("Annabel"), ..UserChanges::default() };
        world.users.update(&by(&ann), ann.id.into(), patch(changes)).await.unwrap();
        let readable = format!("{:?}", world.events().await);
        assert!(readable.contains("Annabel") && readable.contains("ann@example.org"), "{readable}");
        if is_deleted {
            world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        }
        world.users.purge(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        assert_eq!(world.storage.find(ann.uuid.into(), DeletedScope::All).await.unwrap(), None);
        let events = world.events().await;
        let text = format!("{events:?}");
        assert!(!text.contains("Annabel") && !text.contains("ann@example.org"), "{text}");
        assert_eq!(events[1].actor.name.as_deref(), Some(ERASED));
        assert_eq!(events[1].changes[0].field, "first_name");
        assert_eq!(events[1].changes[0].new, Some(Value::from(ERASED)));
        let last = events.last().unwrap();
        assert_eq!((last.action.as_str(), last.target_id), ("user.purged", ann.uuid.get()));
        assert_eq!(last.actor.name, admin().actor.name().map(ToOwned::to_owned), "who did it is somebody else");
    }

    #[tokio::test]
    async fn whoever_was_erased_never_gets_another_key() {
        let world = World::new();
        let ann = world.users.create(&admin(), user().new_user()).await.unwrap();
        let bob = world.users.create(&admin(), user().new_user()).await.unwrap();
        let boss = RequestContext::new(
            domain::access::Actor::User { uuid: ann.uuid, username: "ann-to-be-erased".into(), role: Role::Admin },
            domain::audit::Origin::default(),
        );
        world.users.purge(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        // A request of theirs that was on its way.
        world.users.delete(&boss, bob.id.into(), Precondition::None).await.unwrap();
        let last = world.last_event().await;
        assert_eq!((last.actor.id, last.actor.name.as_deref()), (Some(ann.uuid), Some(ERASED)));
        assert!(!format!("{:?}", world.events().await).contains("ann-to-be-erased"));
    }

    #[tokio::test]
    async fn a_person_is_erased_once_and_only_by_administrators() {
        let world = World::new();
        let ann = world.given(user()).await;
        for role in [Role::User, Role::Moderator] {
            let error = world.users.purge(&somebody(role), ann.id.into(), Precondition::None).await.unwrap_err();
            let hidden = role == Role::User;
            assert_eq!(matches!(error, ChangeUserError::NotFound), hidden, "{error:?}");
        }
        let error = world.users.purge(&by(&ann), ann.id.into(), Precondition::None).await.unwrap_err();
        assert!(matches!(error, ChangeUserError::Forbidden), "{error:?}");
        world.users.purge(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        let again = world.users.purge(&admin(), ann.id.into(), Precondition::None).await.unwrap_err();
        assert!(matches!(again, ChangeUserError::NotFound), "{again:?}");
    }

    #[tokio::test]
    async fn the_last_administrator_is_not_erased_and_a_stale_version_neither() {
        let world = World::under(UserPolicy { protect_last_administrator: true, ..UserPolicy::default() });
        let boss = world.given(user().admin()).await;
        let error = world.users.purge(&by(&boss), boss.id.into(), Precondition::None).await.unwrap_err();
        assert!(matches!(error, ChangeUserError::LastAdministrator), "{error:?}");
        world.given(user().admin()).await;
        let stale = Precondition::OneOf(vec![7]);
        let error = world.users.purge(&by(&boss), boss.id.into(), stale).await.unwrap_err();
        assert!(matches!(error, ChangeUserError::PreconditionFailed), "{error:?}");
        world.users.purge(&by(&boss), boss.id.into(), Precondition::None).await.unwrap();
    }

    #[tokio::test]
    async fn those_are_erased_who_were_deleted_long_enough_ago() {
        let after = Some(TimeDelta::days(30));
        let world = World::under(UserPolicy { purge_deleted_after: after, ..UserPolicy::default() });
        let (ann, bob, kim) = (world.given(user()).await, world.given(user()).await, world.given(user()).await);
        world.users.delete(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        world.clock.advance(TimeDelta::days(20));
        world.users.delete(&admin(), bob.id.into(), Precondition::None).await.unwrap();
        world.clock.advance(TimeDelta::days(11));
        assert_eq!(world.users.purge_due().await.unwrap(), 1);
        assert_eq!(world.users.purge_due().await.unwrap(), 0);
        for (person, is_there) in [(ann, false), (bob, true), (kim, true)] {
            let found = world.storage.find(person.uuid.into(), DeletedScope::All).await.unwrap();
            assert_eq!(found.is_some(), is_there);
        }
        let last = world.last_event().await;
        assert_eq!((last.action.as_str(), last.actor.kind.as_str()), ("user.purged", "system"));
    }

    #[tokio::test]
    async fn a_name_of_an_erased_person_is_free() {
        let world = World::new();
        let ann = world.users.create(&admin(), user().named("ann").new_user()).await.unwrap();
        world.users.purge(&admin(), ann.id.into(), Precondition::None).await.unwrap();
        let again = world.users.create(&admin(), user().named("ann").new_user()).await.unwrap();
        assert!(again.id > ann.id && again.uuid != ann.uuid);
    }
}
