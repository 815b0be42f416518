//! What happens when the storage says no.

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::ports::{
    AuditTrail, ErasureRepository, IdempotencyRepository, ImportRepository, LoginRepository, OneTimeTokenRepository,
    SessionRepository, Storage, StorageError, StorageFault, SubjectKeyRepository, UnitOfWork, UserRepository,
};
use infra_memory::MemoryStorage;
use rstest::rstest;
use testkit::user;

use super::people::{HOME, PASSWORD, from, login};
use crate::authentication::{LoginError, RefreshError};
use crate::fixture::{FaultyCommits, World};

#[rstest]
#[case::away(StorageFault::Unavailable)]
#[case::unknown(StorageFault::UnknownOutcome)]
#[case::broken(StorageFault::Failed)]
#[tokio::test]
async fn a_refresh_that_failed_costs_no_token(#[case] fault: StorageFault) {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let failing = world.authentication_on(FaultyCommits::new(&world.storage, [fault]));
    let error = failing.refresh(&from(HOME), &pair.refresh_token).await.unwrap_err();
    assert!(matches!(&error, RefreshError::Storage(error) if error.fault() == fault), "{error:?}");
    let next = world.authentication.refresh(&from(HOME), &pair.refresh_token).await.unwrap();
    assert_eq!(world.standing(&next).await, "good");
}

#[tokio::test]
async fn a_refresh_that_lost_against_another_unit_is_done_again_and_never_taken_for_theft() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let losing = world.authentication_on(FaultyCommits::new(&world.storage, [StorageFault::Retryable; 2]));
    let next = losing.refresh(&from(HOME), &pair.refresh_token).await.unwrap();
    assert_eq!(world.standing(&next).await, "good");
}

#[tokio::test]
async fn a_login_that_failed_can_be_tried_again_and_is_no_failure_of_the_person() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    for _ in 0..7 {
        let failing = world.authentication_on(FaultyCommits::new(&world.storage, [StorageFault::Unavailable]));
        let error = failing.login(&from(HOME), login("ann", PASSWORD)).await.unwrap_err();
        assert!(matches!(error, LoginError::Storage(_)), "{error:?}");
    }
    assert_eq!(world.actions(), Vec::<&str>::new());
    world.signed_in(&ann).await;
}

#[tokio::test]
async fn an_overloaded_hasher_is_told_and_counts_as_no_failure() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    world.hasher.overload(true);
    for _ in 0..7 {
        let error = world.try_login(HOME, "ann", "wrong horse").await.unwrap_err();
        assert!(matches!(error, LoginError::Hashing(_)), "{error:?}");
    }
    world.hasher.overload(false);
    world.signed_in(&ann).await;
}

/// Commits that happen, and whose answer is lost.
struct LostAnswers(MemoryStorage);

#[async_trait]
impl Storage for LostAnswers {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        Ok(Box::new(LostAnswer(self.0.begin().await?)))
    }
}

struct LostAnswer(Box<dyn UnitOfWork>);

#[async_trait]
impl UnitOfWork for LostAnswer {
    fn users(&mut self) -> &mut dyn UserRepository {
        self.0.users()
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self.0.sessions()
    }

    fn logins(&mut self) -> &mut dyn LoginRepository {
        self.0.logins()
    }

    fn one_time_tokens(&mut self) -> &mut dyn OneTimeTokenRepository {
        self.0.one_time_tokens()
    }

    fn subject_keys(&mut self) -> &mut dyn SubjectKeyRepository {
        self.0.subject_keys()
    }

    fn erasure(&mut self) -> &mut dyn ErasureRepository {
        self.0.erasure()
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self.0.idempotency()
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        self.0.imports()
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self.0.audit()
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        #[expect(clippy::disallowed_methods, reason = "this is the commit that `recording` asked for")]
        self.0.commit().await?;
        Err(StorageError::new(StorageFault::UnknownOutcome, "the answer is lost"))
    }
}

#[tokio::test]
async fn a_refresh_that_happened_unanswered_can_be_tried_again_when_the_database_is_back() {
    let world = World::new();
    let pair = world.signed_in(&world.given(user()).await).await;
    let lossy = world.authentication_on(LostAnswers(world.storage.clone()));
    lossy.refresh(&from(HOME), &pair.refresh_token).await.unwrap_err();
    world.clock.advance(TimeDelta::minutes(10));
    let next = lossy.refresh(&from(HOME), &pair.refresh_token).await.unwrap();
    assert_eq!(world.standing(&next).await, "good");
    // Once somebody went on from there, it is a copy.
    world.authentication.refresh(&from(HOME), &next.refresh_token).await.unwrap();
    let error = lossy.refresh(&from(HOME), &pair.refresh_token).await.unwrap_err();
    assert!(matches!(error, RefreshError::Storage(_)), "{error:?}");
    assert_eq!(world.standing(&next).await, "invalid");
}
