//! Reading the trail page by page.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::audit::{ListEvents, MAX_EVENTS, Origin};
use domain::input::UserChanges;
use domain::ports::Clock as _;
use domain::ports::mocks::MockAuditQueries;
use domain::user::UserView;
use domain::values::{Role, UserId, UserRef, UserUuid};
use rstest::rstest;
use testkit::user;
use uuid::Uuid;

use crate::audit::{ERASED, EventConditions, EventListing, ListEventsCommand, ListEventsError, Trail};
use crate::fixture::{World, admin, by, name, patch, somebody};
use crate::users::{Precondition, UserPolicy, Users};
use crate::{Ports, RequestContext};

fn all() -> ListEventsCommand {
    ListEventsCommand { limit: 100, ..ListEventsCommand::default() }
}

fn only(conditions: EventConditions) -> ListEventsCommand {
    ListEventsCommand { conditions, ..all() }
}

async fn made(world: &World, context: &RequestContext, username: &str) -> UserView {
    world.users.create(context, user().named(username).new_user()).await.unwrap()
}

async fn renamed(world: &World, context: &RequestContext, user: &UserView) {
    let changes = UserChanges { full_name: name("Another"), ..UserChanges::default() };
    world.users.update(context, user.uuid.into(), patch(changes)).await.unwrap();
}

fn actions(listing: &EventListing) -> Vec<&str> {
    listing.events.iter().map(|event| event.action.as_str()).collect()
}

#[tokio::test]
async fn the_newest_event_comes_first_and_cursors_lead_through_events_of_one_moment() {
    let world = World::new();
    for username in ["ann", "bob", "cid"] {
        made(&world, &admin(), username).await;
    }
    world.clock.advance(TimeDelta::seconds(1));
    made(&world, &admin(), "dan").await;
    let trail = Trail::new(&world.users);
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page = trail.list(&admin(), ListEventsCommand { cursor, limit: 2, ..all() }).await.unwrap();
        seen.extend(page.events.iter().map(|event| (event.recorded_at, event.id)));
        cursor = page.next_cursor;
        if cursor.is_none() || seen.len() > 4 {
            break;
        }
    }
    assert_eq!(seen.len(), 4);
    assert!(seen.is_sorted_by(|newer, older| newer > older), "{seen:?}");
}

#[tokio::test]
async fn a_page_that_is_just_full_is_the_last_one() {
    let world = World::new();
    made(&world, &admin(), "ann").await;
    let page = Trail::new(&world.users).list(&admin(), ListEventsCommand { limit: 1, ..all() }).await.unwrap();
    assert_eq!((page.events.len(), page.next_cursor), (1, None));
}

#[tokio::test]
async fn conditions_are_all_met() {
    let world = World::new();
    let boss = made(&world, &admin(), "boss").await;
    let boss = world
        .users
        .update(&admin(), boss.uuid.into(), patch(UserChanges { role: Some(Role::Admin), ..UserChanges::default() }))
        .await
        .unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    let from = world.clock.now();
    let ann = made(&world, &by(&boss), "ann").await;
    world.clock.advance(TimeDelta::seconds(1));
    renamed(&world, &by(&boss), &ann).await;
    renamed(&world, &by(&boss), &boss).await;
    let trail = Trail::new(&world.users);
    let none = EventConditions::default();
    for (conditions, expected) in [
        (EventConditions { actor: Some(boss.uuid.into()), ..none.clone() }, 3),
        (EventConditions { actor: Some(boss.id.into()), ..none.clone() }, 3),
        (EventConditions { target: Some(ann.uuid.into()), ..none.clone() }, 2),
        (EventConditions { target: Some(ann.id.into()), ..none.clone() }, 2),
        (EventConditions { actor: Some(boss.id.into()), target: Some(boss.id.into()), ..none.clone() }, 1),
        (EventConditions { action: Some("user.created".into()), ..none.clone() }, 2),
        (EventConditions { from: Some(from), ..none.clone() }, 3),
        (EventConditions { to: Some(from), ..none.clone() }, 2),
        (EventConditions { from: Some(from), to: Some(world.clock.now()), ..none.clone() }, 1),
        (EventConditions { actor: Some(UserUuid::new(Uuid::from_u128(99)).into()), ..none.clone() }, 0),
    ] {
        let page = trail.list(&admin(), only(conditions.clone())).await.unwrap();
        assert_eq!(page.events.len(), expected, "{conditions:?}");
    }
}

#[tokio::test]
async fn a_number_that_nobody_has_and_an_action_that_never_happens_are_named() {
    let trail = Trail::new(&World::new().users);
    let nobody = Some(UserRef::Id(UserId::new(7)));
    let actor = trail.list(&admin(), only(EventConditions { actor: nobody, ..Default::default() })).await;
    assert!(matches!(actor, Err(ListEventsError::UnknownNumber("actor"))), "{actor:?}");
    let target = trail.list(&admin(), only(EventConditions { target: nobody, ..Default::default() })).await;
    assert!(matches!(target, Err(ListEventsError::UnknownNumber("target"))), "{target:?}");
    let action = Some("user.create".to_owned());
    let action = trail.list(&admin(), only(EventConditions { action, ..Default::default() })).await;
    assert!(matches!(action, Err(ListEventsError::UnknownAction)), "{action:?}");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_conditions_only() {
    let world = World::new();
    let ann = made(&world, &admin(), "ann").await;
    renamed(&world, &admin(), &ann).await;
    let trail = Trail::new(&world.users);
    let first = ListEventsCommand { limit: 1, ..all() };
    let cursor = trail.list(&admin(), first.clone()).await.unwrap().next_cursor;
    assert!(cursor.is_some());
    let (now, none) = (Some(world.clock.now()), EventConditions::default());
    for conditions in [
        EventConditions { actor: Some(ann.uuid.into()), ..none.clone() },
        EventConditions { target: Some(ann.uuid.into()), ..none.clone() },
        EventConditions { action: Some("user.created".into()), ..none.clone() },
        EventConditions { from: now, ..none.clone() },
        EventConditions { to: now, ..none.clone() },
    ] {
        let other = ListEventsCommand { cursor: cursor.clone(), ..only(conditions) };
        assert!(matches!(trail.list(&admin(), other).await, Err(ListEventsError::InvalidCursor)));
    }
    let next = ListEventsCommand { cursor, ..first };
    let about = trail.list_about(&admin(), ann.uuid.into(), next.clone()).await;
    assert!(matches!(about, Err(ListEventsError::InvalidCursor)), "{about:?}");
    assert_eq!(actions(&trail.list(&admin(), next).await.unwrap()), ["user.created"]);
}

#[rstest]
#[case(1, 2)]
#[case(MAX_EVENTS, MAX_EVENTS + 1)]
#[case(u32::MAX, MAX_EVENTS + 1)]
#[tokio::test]
async fn nobody_gets_more_than_the_longest_page(#[case] asked: u32, #[case] read: u32) {
    let mut queries = MockAuditQueries::new();
    queries.expect_list().withf(move |query: &ListEvents| query.limit == read).return_once(|_| Ok(Vec::new()));
    let ports = Ports { audit: Arc::new(queries), ..World::new().ports };
    let trail = Trail::new(&Users::new(ports, UserPolicy::default()));
    trail.list(&admin(), ListEventsCommand { limit: asked, ..all() }).await.unwrap();
}

#[tokio::test]
async fn the_trail_of_one_user_holds_what_was_done_to_them_and_not_what_they_did() {
    let world = World::new();
    let ann = made(&world, &admin(), "ann").await;
    let boss = world.given(user().named("boss").admin()).await;
    renamed(&world, &by(&boss), &ann).await;
    let trail = Trail::new(&world.users);
    for user in [UserRef::Uuid(ann.uuid), UserRef::Id(ann.id)] {
        let page = trail.list_about(&admin(), user, all()).await.unwrap();
        assert_eq!(actions(&page), ["user.updated", "user.created"]);
    }
    assert!(trail.list_about(&admin(), boss.uuid.into(), all()).await.unwrap().events.is_empty());
}

#[tokio::test]
async fn deleted_and_erased_users_have_a_trail_for_those_who_read_all_of_it() {
    let world = World::new();
    let ann = made(&world, &admin(), "ann").await;
    world.users.delete(&admin(), ann.uuid.into(), Precondition::None).await.unwrap();
    let trail = Trail::new(&world.users);
    let moderator = somebody(Role::Moderator);
    let by_moderator = trail.list_about(&moderator, ann.uuid.into(), all()).await;
    assert!(matches!(by_moderator, Err(ListEventsError::UserNotFound)), "{by_moderator:?}");
    assert_eq!(trail.list_about(&admin(), ann.id.into(), all()).await.unwrap().events.len(), 2);
    world.users.purge(&admin(), ann.uuid.into(), Precondition::None).await.unwrap();
    let page = trail.list_about(&admin(), ann.uuid.into(), all()).await.unwrap();
    assert_eq!(actions(&page), ["user.purged", "user.deleted", "user.created"]);
    let created = page.events.last().unwrap();
    assert!(created.changes.iter().all(|change| change.field == "password" || change.new == Some(ERASED.into())));
    let nobody = trail.list_about(&admin(), UserUuid::new(Uuid::from_u128(99)).into(), all()).await;
    assert!(matches!(nobody, Err(ListEventsError::UserNotFound)), "{nobody:?}");
}

#[tokio::test]
async fn from_where_the_staff_acted_is_not_for_moderators() {
    let world = World::new();
    let ip = Some("192.0.2.1".parse().unwrap());
    let staff = RequestContext { origin: Origin { ip, ..Origin::default() }, ..admin() };
    let ann = made(&world, &staff, "ann").await;
    let changes = UserChanges { first_name: name("Anna"), ..UserChanges::default() };
    let own = RequestContext { origin: Origin { ip, ..Origin::default() }, ..by(&ann) };
    world.users.update(&own, ann.uuid.into(), patch(changes)).await.unwrap();
    let trail = Trail::new(&world.users);
    for (context, seen) in [(admin(), [true, true]), (somebody(Role::Moderator), [true, false])] {
        let page = trail.list_about(&context, ann.uuid.into(), all()).await.unwrap();
        let ips: Vec<_> = page.events.iter().map(|event| event.ip.is_some()).collect();
        assert_eq!(ips, seen, "{:?}", context.actor);
    }
}

#[rstest]
#[case::users_are_told_of_nobody(Role::User, Role::User, "user does not exist")]
#[case::moderators_read_that_of_users(Role::Moderator, Role::User, "")]
#[case::and_of_no_moderator(Role::Moderator, Role::Moderator, "reading these events is not allowed")]
#[case::nor_of_an_administrator(Role::Moderator, Role::Admin, "reading these events is not allowed")]
#[case::administrators_read_all(Role::Admin, Role::Admin, "")]
#[tokio::test]
async fn who_reads_the_trail_of_whom(#[case] role: Role, #[case] of: Role, #[case] told: &str) {
    let world = World::new();
    let ann = world.given(user().role(of)).await;
    let answer = Trail::new(&world.users).list_about(&somebody(role), ann.uuid.into(), all()).await;
    assert_eq!(answer.err().map(|error| error.to_string()).unwrap_or_default(), told);
}

#[rstest]
#[tokio::test]
async fn ones_own_trail_is_for_administrators(#[values(Role::User, Role::Moderator)] role: Role) {
    let world = World::new();
    let ann = world.given(user().role(role)).await;
    let trail = Trail::new(&world.users);
    let own = trail.list_about(&by(&ann), ann.uuid.into(), all()).await;
    assert!(matches!(own, Err(ListEventsError::Forbidden)), "{own:?}");
    assert!(matches!(trail.list(&by(&ann), all()).await, Err(ListEventsError::Forbidden)));
}
