//! What the trail says somebody was is what was answered then.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Actor;
use domain::audit::Origin;
use domain::input::{Change, Credential, Deactivation, ImportedUser, UserChanges};
use domain::ports::{Clock as _, UserQueries as _};
use domain::user::UserView;
use domain::values::{EmailAddress, PasswordHash, Role, StatusReason, UserId, UserUuid, Username};
use proptest::prelude::*;
use rstest::rstest;
use testkit::user;

use crate::RequestContext;
use crate::authentication::Login;
use crate::fixture::{World, admin, by, name, object, password, patch, put, somebody};
use crate::users::{GetUserError, ImportBatch, OnConflict, Precondition, Verdict};

const PASSWORD: &str = "correct horse battery staple";

/// Something that may happen to a user.
#[derive(Debug, Clone)]
enum Step {
    Patch(Box<UserChanges>),
    Put(Box<UserChanges>),
    Deactivate(bool, bool),
    Activate,
    Delete,
    Restore,
    SignIn,
}

fn texts() -> impl Strategy<Value = Change<&'static str>> {
    prop_oneof![
        Just(Change::Keep),
        Just(Change::Clear),
        prop::sample::select(vec!["Ann", "Ann \"B\" Lee", "[erased]", "ü", ""]).prop_map(Change::Set)
    ]
}

fn objects() -> impl Strategy<Value = Change<&'static str>> {
    let values = vec![r#"{"a":[null,1.5],"b":1}"#, r#"{"a":null}"#, "{}", r#"{"n":18446744073709551615}"#];
    prop_oneof![Just(Change::Keep), Just(Change::Clear), prop::sample::select(values).prop_map(Change::Set)]
}

fn changes() -> impl Strategy<Value = Box<UserChanges>> {
    let names = (texts(), texts(), texts());
    let of_account = (any::<Option<(bool, bool)>>(), any::<Option<bool>>(), any::<Option<bool>>(), any::<bool>());
    (names, objects(), objects(), of_account).prop_map(|((full, first, last), of_user, of_app, account)| {
        let person_name = |change: Change<&'static str>| match change {
            Change::Set(text) => name(text),
            Change::Clear => Change::Clear,
            Change::Keep => Change::Keep,
        };
        let metadata = |change: Change<&'static str>| match change {
            Change::Set(text) => object(text),
            Change::Clear => Change::Clear,
            Change::Keep => Change::Keep,
        };
        let (names, role, is_active, has_password) = account;
        Box::new(UserChanges {
            username: names.map(|(other, _)| Username::parse(if other { "anna" } else { "ANN" }).unwrap()),
            email: names.map(|(_, other)| {
                EmailAddress::parse(if other { "anna@example.org" } else { "Ann@example.org" }).unwrap()
            }),
            password: has_password.then(|| password(PASSWORD)),
            full_name: person_name(full),
            first_name: person_name(first),
            last_name: person_name(last),
            role: role.map(|moderates| if moderates { Role::Moderator } else { Role::User }),
            is_active,
            user_metadata: metadata(of_user),
            app_metadata: metadata(of_app),
            ..UserChanges::default()
        })
    })
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let step = prop_oneof![
        4 => changes().prop_map(Step::Patch),
        2 => changes().prop_map(Step::Put),
        1 => any::<(bool, bool)>().prop_map(|(reason, until)| Step::Deactivate(reason, until)),
        1 => Just(Step::Activate),
        1 => Just(Step::Delete),
        1 => Just(Step::Restore),
        1 => Just(Step::SignIn),
    ];
    prop::collection::vec((step, 1..2_000_000_i64), 1..12)
}

/// Does it, if it can be done now.
async fn take(world: &World, ann: UserUuid, step: Step) {
    let (user, none) = (ann.into(), Precondition::None);
    match step {
        Step::Patch(changes) => drop(world.users.update(&admin(), user, patch(*changes)).await),
        Step::Put(changes) => drop(world.users.update(&admin(), user, put(*changes)).await),
        Step::Deactivate(has_reason, has_end) => {
            let reason = has_reason.then(|| StatusReason::parse("left").unwrap());
            let until = has_end.then(|| world.clock.now() + TimeDelta::hours(1));
            drop(world.users.deactivate(&admin(), user, Deactivation { reason, until }, none).await);
        }
        Step::Activate => drop(world.users.activate(&admin(), user, none).await),
        Step::Delete => drop(world.users.delete(&admin(), user, none).await),
        Step::Restore => drop(world.users.restore(&admin(), user, none).await),
        Step::SignIn => {
            let login = Login { name: "ann".into(), password: PASSWORD.into() };
            drop(world.authentication.login(&nobody(), login).await);
        }
    }
}

fn nobody() -> RequestContext {
    RequestContext::new(Actor::Anonymous, Origin::default())
}

async fn remember(world: &World, ann: UserUuid) -> (DateTime<Utc>, UserView) {
    let now = world.users.get(&admin(), ann.into(), true).await.unwrap();
    (world.clock.now(), Arc::unwrap_or_clone(now))
}

async fn check_history(first: (&str, &str), steps: Vec<(Step, i64)>) {
    let world = World::new();
    let ann = user().named("ann").password(PASSWORD).first_name(first.0).user_metadata(first.1).locale("de-AT");
    let ann = world.users.create(&admin(), ann.new_user()).await.unwrap().uuid;
    let mut remembered = vec![remember(&world, ann).await];
    for (step, micros) in steps {
        world.clock.advance(TimeDelta::microseconds(micros));
        take(&world, ann, step).await;
        remembered.push(remember(&world, ann).await);
    }
    for (at, then) in remembered {
        assert_eq!(world.users.get_as_of(&admin(), ann.into(), at, true).await.unwrap(), then);
        let living = world.users.get_as_of(&admin(), ann.into(), at, false).await;
        assert_eq!(living.ok(), Some(then).filter(|then| then.deleted_at.is_none()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn whatever_happens_everybody_reads_as_they_were(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check_history(("Ann", r#"{"theme":1}"#), steps));
    }
}

#[tokio::test]
async fn before_they_were_made_nobody_is_there() {
    let world = World::new();
    let ann = world.users.create(&admin(), user().new_user()).await.unwrap();
    for (micros, expected) in [(-1, None), (0, Some(&ann)), (86_400_000_000, Some(&ann))] {
        let at = ann.created_at + TimeDelta::microseconds(micros);
        let found = world.users.get_as_of(&admin(), ann.uuid.into(), at, true).await;
        assert_eq!(found.as_ref().ok(), expected, "{micros} µs after they were made");
        assert!(!matches!(found, Err(GetUserError::Forbidden | GetUserError::Storage(_))));
    }
}

#[tokio::test]
async fn of_an_erased_person_nothing_can_be_told() {
    let world = World::new();
    let ann = world.users.create(&admin(), user().new_user()).await.unwrap();
    world.users.purge(&admin(), ann.uuid.into(), Precondition::None).await.unwrap();
    for user in [ann.uuid.into(), ann.id.into()] {
        let found = world.users.get_as_of(&admin(), user, ann.created_at, true).await;
        assert!(matches!(found, Err(GetUserError::NotFound)), "{found:?}");
    }
}

#[rstest]
#[case::users_are_told_of_nobody(Role::User, "user does not exist")]
#[case::moderators_may_not(Role::Moderator, "seeing deleted users is not allowed")]
#[tokio::test]
async fn only_those_who_read_the_trail_see_the_past(#[case] role: Role, #[case] told: &str) {
    let world = World::new();
    let ann = world.users.create(&admin(), user().new_user()).await.unwrap();
    let found = world.users.get_as_of(&somebody(role), ann.uuid.into(), ann.created_at, false).await;
    assert_eq!(found.unwrap_err().to_string(), told);
    let own = world.users.get_as_of(&by(&ann), ann.uuid.into(), ann.created_at, false).await;
    assert!(matches!(own, Err(GetUserError::Forbidden)), "{own:?}");
}

#[tokio::test]
async fn somebody_who_came_from_elsewhere_reads_as_they_came_and_what_is_proven_lasts_as_long() {
    let world = World::new();
    let elsewhere = ImportedUser {
        username: Username::parse("ann").unwrap(),
        email: EmailAddress::parse("ann@example.org").unwrap(),
        credential: Some(Credential::Hash(PasswordHash::from_stored("$2b$04$hash".into()))),
        full_name: name("Ann Lee"),
        first_name: Change::Keep,
        last_name: Change::Keep,
        role: Some(Role::Moderator),
        is_active: Some(false),
        suspended_until: Some(world.clock.now() + TimeDelta::days(1)),
        email_verified: Some(true),
        must_change_password: None,
        external_id: Change::Keep,
        locale: Change::Keep,
        user_metadata: object(r#"{"a":1}"#),
        app_metadata: Change::Keep,
        created_at: Some(world.clock.now() - TimeDelta::days(400)),
        uuid: None,
    };
    let users = vec![world.users.prepare_import(&admin(), elsewhere).await.unwrap()];
    let batch = ImportBatch { users, on_conflict: OnConflict::Fail, source: None };
    world.users.import(&admin(), &batch, &|_| Verdict::Keep).await.unwrap();
    let ann = world.storage.export(UserId::new(0), 1).await.unwrap().remove(0).uuid;
    let mut remembered = vec![remember(&world, ann).await];
    for email in ["Ann@example.org", "anna@example.org"] {
        world.clock.advance(TimeDelta::seconds(1));
        let email = Some(EmailAddress::parse(email).unwrap());
        take(&world, ann, Step::Patch(Box::new(UserChanges { email, ..UserChanges::default() }))).await;
        remembered.push(remember(&world, ann).await);
    }
    let proven: Vec<_> = remembered.iter().map(|(_, then)| then.email_verified).collect();
    assert_eq!(proven, [true, true, false]);
    for (at, then) in remembered {
        assert_eq!(world.users.get_as_of(&admin(), ann.into(), at, true).await.unwrap(), then);
    }
}
