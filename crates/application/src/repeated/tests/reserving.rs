//! Who may carry a request out.

use chrono::TimeDelta;
use domain::access::Actor;
use domain::audit::Origin;
use domain::ports::StorageFault;
use domain::user::UserView;
use domain::values::Role;
use testkit::user;

use super::KEY;
use crate::RequestContext;
use crate::fixture::{FaultyCommits, World, admin, by, somebody};
use crate::repeated::{BeginError, Begun, Repeatable, RepeatedRequests};

#[tokio::test]
async fn of_two_at_once_one_carries_it_out_and_the_other_is_told_to_wait() {
    let world = World::new();
    let context = admin();
    let (one, other) = tokio::join!(world.begin(&context, "make ann"), world.begin(&context, "make ann"));
    let begun = [&one, &other].iter().filter(|begun| matches!(begun, Ok(Begun::First(_)))).count();
    let running = [&one, &other].iter().filter(|begun| matches!(begun, Err(BeginError::Running))).count();
    assert_eq!((begun, running), (1, 1), "{one:?} {other:?}");
    assert_eq!(world.actions(), Vec::<String>::new(), "a reservation is nobody's change");
}

#[tokio::test]
async fn a_key_is_good_for_one_request() {
    let world = World::new();
    let (ticket, _) = world.first(&admin(), "make ann").await;
    assert!(matches!(world.begin(&admin(), "make bob").await, Err(BeginError::Reused)), "while it runs");
    world.repeated().complete(&ticket, &().answers()).await.unwrap();
    assert!(matches!(world.begin(&admin(), "make bob").await, Err(BeginError::Reused)), "and afterwards");
}

#[tokio::test]
async fn every_caller_has_keys_of_their_own() {
    let world = World::new();
    let (ann, bob) = (world.given(user()).await, world.given(user()).await);
    world.first(&by(&ann), "x").await;
    world.first(&by(&bob), "y").await;
    let anonymous = RequestContext::new(Actor::AnonymousAdministrator, Origin::default());
    world.first(&anonymous, "z").await;
    let fingerprint = world.fingerprint(&anonymous, "another");
    let elsewhere = world.repeated().begin(&anonymous, "198.51.100.1", KEY, fingerprint).await;
    assert!(matches!(elsewhere, Ok(Begun::First(_))), "another network: {elsewhere:?}");
}

#[tokio::test]
async fn what_somebody_was_told_in_another_role_is_not_told_again() {
    let world = World::new();
    let boss = world.given(user().admin()).await;
    let (ticket, _) = world.first(&by(&boss), "reset a password").await;
    world.repeated().complete(&ticket, &().answers()).await.unwrap();
    let demoted = UserView { role: Role::User, ..boss };
    assert!(matches!(world.begin(&by(&demoted), "reset a password").await, Err(BeginError::Reused)));
}

#[tokio::test]
async fn a_request_whose_lease_is_over_is_taken_over_and_whoever_had_it_changes_nothing_any_more() {
    let world = World::new();
    let (slow, slow_holder) = world.first(&admin(), "make ann").await;
    world.clock.advance(TimeDelta::seconds(60) - TimeDelta::microseconds(1));
    assert!(world.is_running(&admin(), "make ann").await);
    world.clock.advance(TimeDelta::microseconds(1));
    let (_, quick_holder) = world.first(&admin(), "make ann").await;
    assert!(world.is_running(&admin(), "make ann").await, "it has a lease of its own");

    let late = world.users.create(&slow_holder, user().named("ann").new_user()).await;
    assert!(late.is_err(), "{late:?}");
    assert!(world.repeated().complete(&slow, &().answers()).await.is_err());
    world.repeated().give_up(&slow).await.unwrap();
    assert!(world.is_running(&admin(), "make ann").await, "whoever lost it cannot give it up");
    assert_eq!(world.actions(), Vec::<String>::new());

    world.users.create(&quick_holder, user().named("ann").new_user()).await.unwrap();
    assert_eq!(world.actions(), ["user.created"]);
}

#[tokio::test]
async fn whoever_needs_longer_renews_the_lease() {
    let world = World::new();
    let (ticket, _) = world.first(&admin(), "x").await;
    world.clock.advance(TimeDelta::seconds(50));
    world.repeated().renew(&ticket).await.unwrap();
    world.clock.advance(TimeDelta::seconds(50));
    assert!(world.is_running(&admin(), "x").await);
    world.clock.advance(TimeDelta::seconds(10));
    world.first(&admin(), "x").await;
}

#[tokio::test]
async fn a_request_that_was_given_up_is_carried_out_when_it_is_sent_again() {
    let world = World::new();
    let (ticket, _) = world.first(&admin(), "x").await;
    world.repeated().give_up(&ticket).await.unwrap();
    world.first(&admin(), "something else").await;
}

#[tokio::test]
async fn a_reservation_that_lost_is_tried_again() {
    let world = World::new();
    let users = world.users_on(FaultyCommits::new(&world.storage, [StorageFault::Retryable; 2]));
    let fingerprint = world.fingerprint(&admin(), "x");
    let begun = RepeatedRequests::new(&users).begin(&admin(), "", KEY, fingerprint).await;
    assert!(matches!(begun, Ok(Begun::First(_))), "{begun:?}");
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day_and_not_before() {
    let world = World::new();
    let (ticket, _) = world.first(&somebody(Role::Admin), "x").await;
    world.repeated().complete(&ticket, &().answers()).await.unwrap();
    world.clock.advance(TimeDelta::hours(24));
    assert_eq!(world.authentication.clean_up().await.unwrap().requests, 0);
    world.again(&admin(), "x").await;
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.authentication.clean_up().await.unwrap().requests, 1);
    world.first(&admin(), "something else").await;
}
