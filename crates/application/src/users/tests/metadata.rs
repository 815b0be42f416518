//! Metadata are replaced or merged, and never grow beyond their size.

use domain::input::{Change, UserChanges};
use domain::ports::StorageFault;
use domain::user::UserView;
use domain::values::{Metadata, Role};
use rstest::rstest;
use testkit::user;

use crate::fixture::{World, admin, by, object, patch, put, somebody};
use crate::users::{ChangeUserError, Precondition, UpdateUser, UpdateUserError};

fn of_user(json: &str) -> UserChanges {
    UserChanges { user_metadata: object(json), ..UserChanges::default() }
}

fn of_app(json: &str) -> UserChanges {
    UserChanges { app_metadata: object(json), ..UserChanges::default() }
}

/// An object whose one member fills it to the most that is allowed.
fn full(member: &str) -> String {
    let empty = format!(r#"{{"{member}":""}}"#);
    format!(r#"{{"{member}":"{}"}}"#, "x".repeat(Metadata::MAX_BYTES - empty.len()))
}

async fn given(world: &World, json: &str) -> UserView {
    world.given(user().user_metadata(json).app_metadata(json)).await
}

#[rstest]
#[case::a_member_is_added(r#"{"a":1}"#, r#"{"b":2}"#, r#"{"a":1,"b":2}"#)]
#[case::a_member_is_replaced(r#"{"a":1}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#)]
#[case::null_removes(r#"{"a":1,"b":2}"#, r#"{"a":null}"#, r#"{"b":2}"#)]
#[case::objects_are_merged_to_any_depth(
    r#"{"a":{"b":{"c":1}}}"#,
    r#"{"a":{"b":{"d":2}}}"#,
    r#"{"a":{"b":{"c":1,"d":2}}}"#
)]
#[case::large_integers_stay_exact(r#"{"n":18446744073709551615}"#, r#"{"a":1}"#, r#"{"a":1,"n":18446744073709551615}"#)]
#[case::fractions_stay_exact(r#"{"n":31.245270191439438}"#, r#"{"a":1}"#, r#"{"a":1,"n":31.245270191439438}"#)]
#[tokio::test]
async fn merging_follows_rfc_7396(#[case] before: &str, #[case] change: &str, #[case] after: &str) {
    let world = World::new();
    let ann = given(&world, before).await;
    let changes = UserChanges { app_metadata: object(change), ..of_user(change) };
    let view = world.users.update(&admin(), ann.id.into(), patch(changes)).await.unwrap();
    assert_eq!((view.user_metadata.as_json(), view.app_metadata.as_json()), (after, after));
}

#[tokio::test]
async fn replacing_keeps_nothing_and_null_is_a_value_like_any_other() {
    let world = World::new();
    let ann = given(&world, r#"{"a":1}"#).await;
    let view = world.users.update(&admin(), ann.id.into(), put(of_user(r#"{"b":null}"#))).await.unwrap();
    assert_eq!(view.user_metadata.as_json(), r#"{"b":null}"#);
    assert_eq!(view.app_metadata.as_json(), r#"{"a":1}"#);
}

#[tokio::test]
async fn clearing_makes_metadata_empty_when_replacing_and_when_merging() {
    for command in [put, patch] {
        let world = World::new();
        let ann = given(&world, r#"{"a":1}"#).await;
        let changes = UserChanges { user_metadata: Change::Clear, ..UserChanges::default() };
        let view = world.users.update(&by(&ann), ann.id.into(), command(changes)).await.unwrap();
        assert_eq!(view.user_metadata, Metadata::empty());
    }
}

#[rstest]
#[case::another_order(r#"{"b":2,"a":1}"#)]
#[case::as_a_database_spaces_it(r#"{"a": 1, "b": 2}"#)]
#[tokio::test]
async fn metadata_that_say_the_same_change_nothing(#[case] stored: &str) {
    let world = World::new();
    let ann = given(&world, stored).await;
    for command in [put, patch] {
        let changes = UserChanges { app_metadata: object(r#"{"a":1,"b":2}"#), ..of_user(r#"{"a":1,"b":2}"#) };
        // Also from one who may not change the application's metadata.
        let view = world.users.update(&by(&ann), ann.id.into(), command(changes)).await.unwrap();
        assert_eq!(view, ann);
    }
    assert_eq!(world.actions(), Vec::<&str>::new());
}

#[tokio::test]
async fn removing_what_is_not_there_changes_nothing() {
    let world = World::new();
    let ann = given(&world, r#"{"a":1}"#).await;
    let view = world.users.update(&by(&ann), ann.id.into(), patch(of_user(r#"{"b":null}"#))).await.unwrap();
    assert_eq!(view, ann);
}

#[rstest]
#[case::of_the_person(of_user(r#"{"b":1}"#), &["/user_metadata"])]
#[case::of_the_application(of_app(r#"{"b":1}"#), &["/app_metadata"])]
#[case::of_both(
    UserChanges { app_metadata: of_app(r#"{"b":1}"#).app_metadata, ..of_user(r#"{"b":1}"#) },
    &["/user_metadata", "/app_metadata"],
)]
#[tokio::test]
async fn metadata_that_grow_too_large_are_all_refused_by_name(#[case] changes: UserChanges, #[case] pointers: &[&str]) {
    let world = World::new();
    let ann = given(&world, &full("a")).await;
    let error = world.users.update(&admin(), ann.id.into(), patch(changes)).await.unwrap_err();
    let UpdateUserError::Invalid(found) = error else { panic!("{error:?}") };
    assert_eq!(found.iter().map(|found| found.pointer.as_str()).collect::<Vec<_>>(), pointers);
    assert!(found.iter().all(|found| found.violation.code() == "too_large"));
    assert_eq!(world.stored(ann.uuid).await, ann);
    assert_eq!(world.actions(), Vec::<&str>::new());
}

#[tokio::test]
async fn full_metadata_can_be_merged_into_as_long_as_they_do_not_grow() {
    let world = World::new();
    let ann = given(&world, &full("a")).await;
    let view = world.users.update(&admin(), ann.id.into(), patch(of_user(&full("a").replace('x', "y")))).await.unwrap();
    assert_eq!(view.user_metadata.as_json().len(), Metadata::MAX_BYTES);
}

#[tokio::test]
async fn who_may_not_change_metadata_is_told_that_before_their_size() {
    let world = World::new();
    let ann = given(&world, &full("a")).await;
    for context in [by(&ann), somebody(Role::Moderator)] {
        let error = world.users.update(&context, ann.id.into(), patch(of_app(r#"{"b":1}"#))).await.unwrap_err();
        assert!(matches!(error, UpdateUserError::Change(ChangeUserError::Forbidden)), "{error:?}");
    }
}

#[tokio::test]
async fn a_stale_version_is_told_before_the_size_in_another_one() {
    let world = World::new();
    let ann = given(&world, &full("a")).await;
    let command = UpdateUser { precondition: Precondition::OneOf(vec![7]), ..patch(of_user(r#"{"b":1}"#)) };
    let error = world.users.update(&admin(), ann.id.into(), command).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::PreconditionFailed)), "{error:?}");
}

#[tokio::test]
async fn stored_metadata_that_are_no_json_are_a_failure_of_the_storage() {
    let world = World::new();
    let ann = given(&world, "{broken}").await;
    for command in [put, patch] {
        let error = world.users.update(&admin(), ann.id.into(), command(of_user("{}"))).await.unwrap_err();
        let UpdateUserError::Change(ChangeUserError::Storage(error)) = error else { panic!("{error:?}") };
        assert_eq!(error.fault(), StorageFault::Failed);
    }
}
