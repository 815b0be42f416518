//! What somebody is told that is kept about them, and what of others is left out.

use chrono::TimeDelta;
use domain::access::Actor;
use domain::audit::Origin;
use domain::input::UserChanges;
use domain::values::{Role, UserUuid};
use rstest::rstest;
use testkit::user;

use crate::RequestContext;
use crate::audit::AuditRecord;
use crate::authentication::{Login, LoginError, TokenPair};
use crate::fixture::{World, admin, by, name, patch, somebody};
use crate::users::{DataPart, GetDataError, PersonalData, Precondition};

const PASSWORD: &str = "correct horse battery staple";
const HOME: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";

fn from(ip: &str) -> Origin {
    Origin { ip: Some(ip.parse().unwrap()), ..Origin::default() }
}

async fn sign_in(world: &World, ip: &str, name: &str, password: &str) -> Result<TokenPair, LoginError> {
    let login = Login { name: name.into(), password: password.into() };
    world.authentication.login(&RequestContext::new(Actor::Anonymous, from(ip)), login).await
}

#[derive(Default)]
struct Read {
    sessions: Vec<domain::session::Session>,
    about: Vec<AuditRecord>,
    by: Vec<AuditRecord>,
    kinds: Vec<&'static str>,
}

async fn read(mut data: PersonalData) -> Read {
    let mut read = Read::default();
    while let Some(part) = data.part().await.unwrap() {
        match part {
            DataPart::Sessions(sessions) => {
                read.kinds.push("sessions");
                read.sessions.extend(sessions);
            }
            DataPart::About(events) => {
                read.kinds.push("about");
                read.about.extend(events);
            }
            DataPart::By(events) => {
                read.kinds.push("by");
                read.by.extend(events);
            }
        }
    }
    read
}

async fn data_of(world: &World, context: &RequestContext, user: UserUuid) -> Read {
    read(world.users.data(context, user.into()).await.unwrap()).await
}

fn full_name(text: &str) -> UserChanges {
    UserChanges { full_name: name(text), ..UserChanges::default() }
}

#[tokio::test]
async fn sessions_are_told_live_or_not_and_networks_are_counted() {
    let world = World::new();
    let ann = world.users.create(&admin(), user().named("ann").password(PASSWORD).new_user()).await.unwrap();
    let first = sign_in(&world, HOME, "ann", PASSWORD).await.unwrap();
    world.clock.advance(TimeDelta::days(8));
    let second = sign_in(&world, ELSEWHERE, "ann", PASSWORD).await.unwrap();
    let data = world.users.data(&by(&ann), ann.uuid.into()).await.unwrap();
    assert_eq!(data.sign_ins.known_networks, 2);
    assert!(data.sign_ins.failures.is_empty());
    let read = read(data).await;
    let ids: Vec<_> = read.sessions.iter().map(domain::session::Session::id).collect();
    assert_eq!(ids, [second.session, first.session], "the newest first, and one that has ended");
    assert_eq!(read.kinds, ["sessions", "about", "by"], "each comes, empty or not");
}

#[tokio::test]
async fn failures_under_ones_names_are_told() {
    let world = World::new();
    let ann = world.users.create(&admin(), user().named("ann").new_user()).await.unwrap();
    for _ in 0..3 {
        sign_in(&world, HOME, "ann", "wrong").await.unwrap_err();
    }
    sign_in(&world, HOME, "ann@example.org", "wrong").await.unwrap_err();
    let data = world.users.data(&by(&ann), ann.uuid.into()).await.unwrap();
    let failures: Vec<_> = data.sign_ins.failures.iter().map(|it| (it.name, it.run.failures)).collect();
    assert_eq!(failures, [("username", 3), ("email", 1)]);
}

#[tokio::test]
async fn what_the_staff_did_is_told_without_who_they_are_and_where_they_were() {
    let world = World::new();
    let boss = world.given(user().named("boss").admin()).await;
    let mut context = by(&boss);
    context.origin = from(HOME);
    let ann = world.users.create(&context, user().named("ann").new_user()).await.unwrap();
    world.users.update(&by(&ann), ann.uuid.into(), patch(full_name("Ann Lee"))).await.unwrap();
    let read = data_of(&world, &by(&ann), ann.uuid).await;
    let [own, made] = read.about.as_slice() else { panic!("{:?}", read.about) };
    assert_eq!((own.actor.id, own.actor.name.as_deref()), (Some(ann.uuid), Some("ann")));
    assert_eq!((made.action.as_str(), made.actor.kind.as_str()), ("user.created", "user"));
    assert_eq!((&made.actor.id, &made.actor.name, &made.ip, &made.user_agent), (&None, &None, &None, &None));
    let email = made.changes.iter().find(|change| change.field == "email").unwrap();
    assert_eq!(email.new, Some("ann@example.org".into()), "what is about them is theirs");
}

#[tokio::test]
async fn what_they_did_to_others_is_told_without_the_values_of_others() {
    let world = World::new();
    let moderator = world.given(user().named("mo").moderator()).await;
    let bob = world.users.create(&admin(), user().named("bob").new_user()).await.unwrap();
    world.users.update(&by(&moderator), bob.uuid.into(), patch(full_name("Bob B."))).await.unwrap();
    world.users.update(&by(&moderator), moderator.uuid.into(), patch(full_name("Mo M."))).await.unwrap();
    let read = data_of(&world, &by(&moderator), moderator.uuid).await;
    let [event] = read.by.as_slice() else { panic!("{:?}", read.by) };
    assert_eq!(event.target_id, bob.uuid.get());
    let [change] = event.changes.as_slice() else { panic!("{:?}", event.changes) };
    assert_eq!((change.field.as_str(), &change.old, &change.new), ("full_name", &None, &None));
    assert_eq!(read.about.len(), 1, "their own change stands once, among those about them");
}

#[tokio::test]
async fn much_is_told_part_by_part_and_nothing_twice() {
    let world = World::new();
    let ann = world.users.create(&admin(), user().named("ann").password(PASSWORD).new_user()).await.unwrap();
    for _ in 0..205 {
        world.clock.advance(TimeDelta::seconds(1));
        sign_in(&world, HOME, "ann", PASSWORD).await.unwrap();
    }
    let read = data_of(&world, &by(&ann), ann.uuid).await;
    assert_eq!(read.kinds, ["sessions", "sessions", "about", "about", "about", "by", "by", "by"]);
    let mut sessions: Vec<_> = read.sessions.iter().map(domain::session::Session::id).collect();
    assert!(sessions.is_sorted_by(|a, b| a > b));
    sessions.dedup();
    assert_eq!(sessions.len(), 205);
    let mut events: Vec<_> = read.about.iter().map(|event| event.id).collect();
    events.sort_unstable();
    events.dedup();
    assert_eq!(events.len(), 1 + 2 * 205);
    assert!(read.by.is_empty(), "what they did to themself is told already");
}

#[rstest]
#[case::users_are_told_of_nobody(Role::User, "user does not exist")]
#[case::moderators_see_them_but_not_all_of_it(Role::Moderator, "taking out somebody's data is not allowed")]
#[case::administrators_take_it_out(Role::Admin, "")]
#[tokio::test]
async fn who_is_told_about_others(#[case] role: Role, #[case] told: &str) {
    let world = World::new();
    let ann = world.given(user()).await;
    let answer = world.users.data(&somebody(role), ann.uuid.into()).await;
    assert_eq!(answer.err().map(|error| error.to_string()).unwrap_or_default(), told);
}

#[tokio::test]
async fn of_deleted_people_administrators_are_told_and_of_erased_ones_nobody() {
    let world = World::new();
    let ann = world.users.create(&admin(), user().new_user()).await.unwrap();
    world.users.delete(&admin(), ann.uuid.into(), Precondition::None).await.unwrap();
    assert!(world.users.data(&admin(), ann.uuid.into()).await.unwrap().view.deleted_at.is_some());
    let by_moderator = world.users.data(&somebody(Role::Moderator), ann.uuid.into()).await;
    assert!(matches!(by_moderator, Err(GetDataError::NotFound)));
    world.users.purge(&admin(), ann.uuid.into(), Precondition::None).await.unwrap();
    assert!(matches!(world.users.data(&admin(), ann.uuid.into()).await, Err(GetDataError::NotFound)));
}
