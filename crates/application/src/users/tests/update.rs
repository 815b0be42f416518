//! What a change makes of a user, who may change what, and what the trail tells of it.

use domain::input::{Change, UserChanges};
use domain::user::UserView;
use domain::values::{EmailAddress, ExternalId, Locale, Role, UserId, Username};
use rstest::rstest;
use testkit::{FakeHasher, UserBuilder, user};

use crate::fixture::{World, admin, by, confirmed, name, object, password, patch, put, somebody};
use crate::users::{ChangeUserError, UpdateUserError};

type Shown = fn(&UserView) -> String;

fn every_member() -> Vec<(&'static str, UserChanges, Shown, &'static str)> {
    let none = UserChanges::default;
    vec![
        ("username", UserChanges { username: Some(username("anna")), ..none() }, |view| view.username.clone(), "anna"),
        ("email", UserChanges { email: Some(email("a@b.org")), ..none() }, |view| view.email.clone(), "a@b.org"),
        (
            "full_name",
            UserChanges { full_name: name("A. Lee"), ..none() },
            |view| text(view.full_name.as_ref()),
            "A. Lee",
        ),
        (
            "first_name",
            UserChanges { first_name: name("Anna"), ..none() },
            |view| text(view.first_name.as_ref()),
            "Anna",
        ),
        ("last_name", UserChanges { last_name: name("Cole"), ..none() }, |view| text(view.last_name.as_ref()), "Cole"),
        ("role", UserChanges { role: Some(Role::Moderator), ..none() }, |view| view.role.to_string(), "moderator"),
        ("is_active", UserChanges { is_active: Some(false), ..none() }, |view| view.is_active.to_string(), "false"),
        ("external_id", external_id("hr-2"), |view| text(view.external_id.as_ref()), "hr-2"),
        ("locale", UserChanges { locale: locale("fr"), ..none() }, |view| text(view.locale.as_ref()), "fr"),
        (
            "user_metadata",
            UserChanges { user_metadata: object(r#"{"theme":2}"#), ..none() },
            |view| view.user_metadata.as_json().to_owned(),
            r#"{"theme":2}"#,
        ),
        (
            "app_metadata",
            UserChanges { app_metadata: object(r#"{"plan":2}"#), ..none() },
            |view| view.app_metadata.as_json().to_owned(),
            r#"{"plan":2}"#,
        ),
    ]
}

fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn locale(text: &str) -> Change<Locale> {
    Change::Set(Locale::parse(text).unwrap())
}

fn external_id(text: &str) -> UserChanges {
    UserChanges { external_id: Change::Set(ExternalId::parse(text).unwrap()), ..UserChanges::default() }
}

fn text(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn ann() -> UserBuilder {
    let ann = user().named("ann").full_name("Ann B. Lee").first_name("Ann").last_name("Lee").locale("de");
    ann.external_id("hr-1").user_metadata(r#"{"theme":1}"#).app_metadata(r#"{"plan":1}"#)
}

#[tokio::test]
async fn every_member_can_be_changed_and_is_the_only_one_that_changes() {
    for (member, changes, shown, expected) in every_member() {
        let world = World::new();
        let before = world.given(ann()).await;
        let after = world.users.update(&admin(), before.id.into(), patch(changes)).await.unwrap();
        assert_eq!(world.stored(before.uuid).await, after, "{member}");
        assert_eq!((shown(&after).as_str(), after.version), (expected, 2), "{member}");
        for (other, _, shown, _) in every_member().into_iter().filter(|(other, ..)| *other != member) {
            assert_eq!(shown(&after), shown(&before), "{other} changed together with {member}");
        }
        let event = world.last_event().await;
        assert_eq!(event.changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(), [member]);
        let action = match member {
            "role" => "user.role_changed",
            "is_active" => "user.deactivated",
            _ => "user.updated",
        };
        assert_eq!(world.actions(), [action], "{member}");
    }
}

#[tokio::test]
async fn every_optional_member_can_be_cleared() {
    let world = World::new();
    let before = world.given(ann()).await;
    let changes = UserChanges {
        full_name: Change::Clear,
        first_name: Change::Clear,
        last_name: Change::Clear,
        external_id: Change::Clear,
        locale: Change::Clear,
        user_metadata: Change::Clear,
        app_metadata: Change::Clear,
        ..UserChanges::default()
    };
    let after = world.users.update(&admin(), before.id.into(), patch(changes)).await.unwrap();
    assert_eq!((&after.full_name, &after.first_name, &after.last_name), (&None, &None, &None));
    assert_eq!((&after.external_id, &after.locale), (&None, &None));
    assert_eq!((after.user_metadata.as_json(), after.app_metadata.as_json()), ("{}", "{}"));
    assert_eq!(after.username, before.username);
}

#[tokio::test]
async fn what_is_sent_back_as_it_was_changes_nothing_whoever_sends_it() {
    let world = World::new();
    let before = world.given(ann()).await;
    let same = UserChanges {
        username: Some(username("ann")),
        email: Some(email("ann@example.org")),
        password: None,
        full_name: name("Ann B. Lee"),
        first_name: name("Ann"),
        last_name: name("Lee"),
        role: Some(Role::User),
        is_active: Some(true),
        locale: locale("de"),
        user_metadata: object(r#"{"theme":1}"#),
        app_metadata: object(r#"{"plan":1}"#),
        ..external_id("hr-1")
    };
    for context in [by(&before), somebody(Role::Moderator), admin()] {
        for command in [put(same.clone()), patch(same.clone())] {
            let after = world.users.update(&context, before.id.into(), command).await.unwrap();
            assert_eq!(after, before, "{:?}", context.actor);
        }
    }
    assert_eq!(world.stored(before.uuid).await, before);
    assert_eq!(world.actions(), Vec::<&str>::new());
}

#[tokio::test]
async fn one_member_that_may_not_change_refuses_the_whole_change() {
    let world = World::new();
    let before = world.given(ann()).await;
    let changes = UserChanges { first_name: name("Anna"), role: Some(Role::Admin), ..UserChanges::default() };
    let error = world.users.update(&by(&before), before.id.into(), put(changes)).await.unwrap_err();
    assert!(matches!(error, UpdateUserError::Change(ChangeUserError::Forbidden)), "{error:?}");
    assert_eq!(world.stored(before.uuid).await, before);
    assert_eq!(world.actions(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_change_of_several_kinds_is_one_version_and_an_event_of_each_kind() {
    let world = World::new();
    let before = world.given(ann()).await;
    let changes = UserChanges {
        first_name: name("Anna"),
        password: Some(password("second password")),
        role: Some(Role::Moderator),
        is_active: Some(false),
        ..UserChanges::default()
    };
    let after = world.users.update(&admin(), before.id.into(), put(changes)).await.unwrap();
    assert_eq!(after.version, 2);
    let expected = ["user.updated", "user.password_changed", "user.role_changed", "user.deactivated"];
    assert_eq!(world.actions(), expected);
    let mut ids: Vec<_> = world.storage.audit_events().into_iter().map(|event| event.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each event has an id of its own");
}

#[tokio::test]
async fn the_trail_tells_old_and_new_and_who_asked() {
    let world = World::new();
    let ann = world.given(ann()).await;
    let changes = UserChanges { first_name: name("Anna"), ..UserChanges::default() };
    world.users.update(&by(&ann), ann.id.into(), patch(changes)).await.unwrap();
    let event = world.last_event().await;
    assert_eq!((event.actor.id, event.subject), (Some(ann.uuid), Some(ann.uuid)));
    assert_eq!(event.request_id, by(&ann).origin.request_id);
    let text = |text: &str| Some(text.into());
    assert_eq!((&event.changes[0].old, &event.changes[0].new), (&text("Ann"), &text("Anna")));
}

#[tokio::test]
async fn a_new_password_is_stored_as_a_hash_and_never_written_down() {
    let world = World::new();
    let ann = world.given(ann()).await;
    for (context, epoch) in [(by(&ann), 0), (admin(), 1)] {
        let changes = UserChanges { password: Some(password("open sesame")), ..UserChanges::default() };
        world.users.update(&context, ann.id.into(), confirmed(put(changes))).await.unwrap();
        let loaded = world.loaded(ann.uuid).await;
        assert_eq!(loaded.record().password_hash, FakeHasher::hash_of("open sesame"));
        assert_eq!(loaded.record().auth_epoch, epoch, "one that somebody else sets ends access");
    }
    assert_eq!(world.actions(), ["user.password_changed"; 2]);
    assert!(!format!("{:?}", world.events().await).contains("sesame"));
}

#[rstest]
#[case::username(UserChanges { username: Some(username("BOB")), ..UserChanges::default() }, "username is already taken")]
#[case::email(UserChanges { email: Some(email("Bob@Example.org")), ..UserChanges::default() }, "email is already taken")]
#[case::both(
    UserChanges { username: Some(username("bob")), email: Some(email("bob@example.org")), ..UserChanges::default() },
    "username is already taken"
)]
#[case::external_id(external_id("hr-7"), "external id is already taken")]
#[tokio::test]
async fn a_taken_name_is_refused_and_nothing_changes(#[case] changes: UserChanges, #[case] expected: &str) {
    let world = World::new();
    world.given(user().named("bob").external_id("hr-7")).await;
    let before = world.given(ann()).await;
    let error = world.users.update(&admin(), before.id.into(), put(changes)).await.unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(world.stored(before.uuid).await, before);
    assert_eq!(world.actions(), Vec::<&str>::new());
}

#[tokio::test]
async fn ones_own_name_in_other_letters_is_not_taken() {
    let world = World::new();
    let ann = world.given(ann()).await;
    let changes = UserChanges { username: Some(username("ANN")), ..UserChanges::default() };
    let after = world.users.update(&by(&ann), ann.id.into(), confirmed(put(changes))).await.unwrap();
    assert_eq!(after.username, "ANN");
}

#[tokio::test]
async fn absent_deleted_and_unseen_users_are_not_found() {
    let world = World::new();
    let (ann, gone) = (world.given(ann()).await, world.given(user()).await);
    world.users.delete(&admin(), gone.id.into(), crate::users::Precondition::None).await.unwrap();
    let unseen = world.given(user()).await;
    for (context, target) in
        [(admin(), UserId::new(99)), (admin(), gone.id), (by(&gone), gone.id), (by(&ann), unseen.id)]
    {
        for changes in
            [UserChanges::default(), UserChanges { password: Some(password("open sesame")), ..UserChanges::default() }]
        {
            let error = world.users.update(&context, target.into(), put(changes)).await.unwrap_err();
            assert!(matches!(error, UpdateUserError::Change(ChangeUserError::NotFound)), "{target} {error:?}");
        }
    }
}
