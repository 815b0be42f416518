//! In what order a change asks its ports, and what it does when one of them fails or somebody else was quicker.

use std::sync::{Arc, Mutex};

use domain::input::UserChanges;
use domain::ports::mocks::{MockPasswordHasher, MockStorage, MockUnitOfWork, MockUserQueries};
use domain::ports::{HashPasswordError, SaveUserError, StorageFault};
use domain::user::{User, UserView};
use domain::values::{Role, UserId};
use mockall::Sequence;
use rstest::rstest;
use testkit::{FakeHasher, user};

use crate::Ports;
use crate::authentication::Login;
use crate::fixture::{
    FaultyCommits, World, admin, by, fault, loaded_in_version, name, password, put, somebody, storage_of,
    unit_that_seals,
};
use crate::users::{ChangeUserError, Precondition, UpdateUser, UpdateUserError, UserPolicy, Users};

fn another_name() -> UserChanges {
    UserChanges { first_name: name("Anna"), ..UserChanges::default() }
}

fn another_password() -> UserChanges {
    UserChanges { password: Some(password("open sesame")), ..UserChanges::default() }
}

/// A unit in which this user is found.
fn unit_with(user: User) -> MockUnitOfWork {
    let mut unit = unit_that_seals();
    unit.users.expect_find().times(1).return_once(|_| Ok(Some(user)));
    unit
}

/// The rest of a unit that saves what replaces this version.
fn saving(mut unit: MockUnitOfWork, version: i64) -> MockUnitOfWork {
    let update = unit.users.expect_update().times(1);
    update.withf(move |user| user.stored_version() == version).returning(|_| Ok(()));
    unit.audit.expect_append().times(1).returning(|_| Ok(()));
    unit.commit.expect_commit().times(1).return_once(|| Ok(()));
    unit
}

#[tokio::test]
async fn a_password_is_hashed_after_the_permission_and_before_the_unit() {
    let stored = loaded_in_version(user(), 1);
    let view = UserView::from(&stored);
    let mut sequence = Sequence::new();
    let mut queries = MockUserQueries::new();
    let found = view.clone();
    queries.expect_find().times(1).in_sequence(&mut sequence).return_once(move |_, _| Ok(Some(found)));
    let mut hasher = MockPasswordHasher::new();
    let hash = FakeHasher::hash_of("open sesame");
    hasher.expect_hash().times(1).in_sequence(&mut sequence).return_once(|_| Ok(hash));
    let mut storage = MockStorage::new();
    let mut unit = saving(unit_with(stored), 1);
    unit.sessions.expect_find_live().times(1).returning(|_, _| Ok(Vec::new()));
    unit.one_time_tokens.expect_forget().times(1).returning(|_| Ok(()));
    queries.expect_find().times(1).in_sequence(&mut sequence).return_once(move |_, _| Ok(Some(view)));
    storage.expect_begin().times(1).in_sequence(&mut sequence).return_once(move || Ok(Box::new(unit)));

    let mut ports = World::new().ports;
    (ports.queries, ports.hasher, ports.storage) = (Arc::new(queries), Arc::new(hasher), Arc::new(storage));
    let users = Users::new(ports, UserPolicy::default());
    users.update(&admin(), UserId::new(1).into(), put(another_password())).await.unwrap();
}

#[tokio::test]
async fn what_is_answered_has_the_last_sign_in_and_a_database_that_is_away_is_asked_once() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    world
        .authentication
        .login(&admin(), Login { name: "ann".into(), password: "correct horse battery staple".into() })
        .await
        .unwrap();
    let view = world.users.update(&admin(), ann.id.into(), put(another_name())).await.unwrap();
    assert_eq!(view, world.stored(ann.uuid).await);
    assert_eq!(view.last_login_at, Some(world.ports.clock.now()));
    let mut queries = MockUserQueries::new();
    queries.expect_find().times(1).returning(|_, _| Err(fault(StorageFault::Unavailable)));
    let ports = Ports { queries: Arc::new(queries), storage: Arc::new(MockStorage::new()), ..world.ports.clone() };
    let users = Users::new(ports, UserPolicy::default());
    let changes = UserChanges { first_name: name("Anne"), ..UserChanges::default() };
    let error = users.update(&admin(), ann.id.into(), put(changes)).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::Storage(_))), "{error:?}");
}

#[tokio::test]
async fn a_password_is_not_hashed_for_one_who_may_not_set_it() {
    let world = World::new();
    let (ann, bob) = (world.given(user()).await, world.given(user()).await);
    let mut ports = world.ports.clone();
    (ports.hasher, ports.storage) = (Arc::new(MockPasswordHasher::new()), Arc::new(MockStorage::new()));
    let users = Users::new(ports, UserPolicy::default());
    for (context, target, expected) in [
        (somebody(Role::Moderator), ann.id, "changing this is not allowed"),
        (by(&ann), bob.id, "user does not exist"),
        (admin(), UserId::new(99), "user does not exist"),
    ] {
        let error = users.update(&context, target.into(), put(another_password())).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_password_is_not_hashed_where_the_precondition_fails_already() {
    let world = World::new();
    let ann = world.given(user()).await;
    let mut ports = world.ports.clone();
    (ports.hasher, ports.storage) = (Arc::new(MockPasswordHasher::new()), Arc::new(MockStorage::new()));
    let users = Users::new(ports, UserPolicy::default());
    for (precondition, expected) in [
        (Precondition::Missing, "a precondition is required"),
        (Precondition::OneOf(vec![7]), "user was changed meanwhile"),
    ] {
        let command = UpdateUser { precondition, ..put(another_password()) };
        let error = users.update(&admin(), ann.id.into(), command).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn an_overloaded_hasher_is_told_and_nothing_changes() {
    let world = World::new();
    let ann = world.given(user()).await;
    world.hasher.overload(true);
    let changes = UserChanges { first_name: name("Anna"), ..another_password() };
    let error = world.users.update(&admin(), ann.id.into(), put(changes)).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Hashing(HashPasswordError::Overloaded { .. })), "{error:?}");
    assert_eq!(world.stored(ann.uuid).await, ann);
}

#[tokio::test]
async fn a_change_without_news_writes_nothing_at_all() {
    // The unit is only read from: an update, an event or a commit would fail the test.
    let unit = unit_with(loaded_in_version(user(), 4));
    let users = World::new().users_on(storage_of([unit]));
    let view = users.update(&admin(), UserId::new(1).into(), put(UserChanges::default())).await.unwrap();
    assert_eq!(view.version, 4);
}

#[tokio::test]
async fn the_last_write_wins_over_one_that_came_between() {
    let (read, written_meanwhile) = (loaded_in_version(user(), 1), loaded_in_version(user().last_name("Lee"), 2));
    let mut beaten = unit_with(read);
    beaten.users.expect_update().times(1).returning(|_| Err(SaveUserError::StaleVersion));
    let users = World::new().users_on(storage_of([beaten, saving(unit_with(written_meanwhile), 2)]));
    let view = users.update(&admin(), UserId::new(1).into(), put(another_name())).await.unwrap();
    assert_eq!((view.first_name.as_deref(), view.last_name.as_deref()), (Some("Anna"), Some("Lee")));
    assert_eq!(view.version, 3);
}

#[tokio::test]
async fn a_precondition_that_held_is_checked_again_after_another_write_came_between() {
    let mut beaten = unit_with(loaded_in_version(user(), 1));
    beaten.users.expect_update().times(1).returning(|_| Err(SaveUserError::StaleVersion));
    let changed_meanwhile = unit_with(loaded_in_version(user(), 2));
    let users = World::new().users_on(storage_of([beaten, changed_meanwhile]));
    let command = UpdateUser { precondition: Precondition::OneOf(vec![1]), ..put(another_name()) };
    let error = users.update(&admin(), UserId::new(1).into(), command).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::PreconditionFailed)), "{error:?}");
}

#[tokio::test]
async fn a_user_deleted_meanwhile_is_not_found() {
    let mut beaten = unit_with(loaded_in_version(user(), 1));
    beaten.users.expect_update().times(1).returning(|_| Err(SaveUserError::StaleVersion));
    let mut gone = MockUnitOfWork::default();
    gone.users.expect_find().times(1).returning(|_| Ok(None));
    let users = World::new().users_on(storage_of([beaten, gone]));
    let error = users.update(&admin(), UserId::new(1).into(), put(another_name())).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::NotFound)), "{error:?}");
}

#[tokio::test]
async fn a_password_is_hashed_once_for_all_attempts() {
    let world = World::new();
    let ann = world.given(user()).await;
    let calls = Arc::new(Mutex::new(0));
    let mut hasher = MockPasswordHasher::new();
    let count = calls.clone();
    hasher.expect_hash().returning(move |password| {
        *count.lock().unwrap() += 1;
        Ok(FakeHasher::hash_of(password.expose_normalized()))
    });
    let mut ports = world.ports.clone();
    ports.hasher = Arc::new(hasher);
    ports.storage = Arc::new(FaultyCommits::new(&world.storage, [StorageFault::Retryable; 2]));
    let users = Users::new(ports, UserPolicy::default());
    users.update(&admin(), ann.id.into(), put(another_password())).await.unwrap();
    assert_eq!(*calls.lock().unwrap(), 1);
    assert_eq!(world.actions(), ["user.password_changed"]);
}

#[rstest]
#[case::lost_every_time(StorageFault::Retryable, 4)]
#[case::unknown_so_never_again(StorageFault::UnknownOutcome, 1)]
#[case::away(StorageFault::Unavailable, 1)]
#[case::broken(StorageFault::Failed, 1)]
#[tokio::test]
async fn a_failing_commit_is_told_and_changes_nothing(#[case] kind: StorageFault, #[case] attempts: usize) {
    let world = World::new();
    let ann = world.given(user()).await;
    // One more attempt than these would meet no fault, and save.
    let users = world.users_on(FaultyCommits::new(&world.storage, vec![kind; attempts]));
    let error = users.update(&admin(), ann.id.into(), put(another_name())).await.unwrap_err();
    let UpdateUserError::Change(ChangeUserError::Storage(error)) = error else { panic!("{error:?}") };
    assert_eq!(error.fault(), kind);
    assert_eq!(world.stored(ann.uuid).await, ann);
    assert_eq!(world.actions(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_change_that_the_trail_cannot_hold_is_not_committed() {
    let mut unit = unit_with(loaded_in_version(user(), 1));
    unit.users.expect_update().times(1).returning(|_| Ok(()));
    unit.audit.expect_append().times(1).returning(|_| Err(fault(StorageFault::Failed)));
    unit.commit.expect_commit().never();
    let users = World::new().users_on(storage_of([unit]));
    let error = users.update(&admin(), UserId::new(1).into(), put(another_name())).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::Storage(_))), "{error:?}");
}
