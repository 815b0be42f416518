//! What is kept of a request that is carried out.

use chrono::TimeDelta;
use domain::access::Actor;
use domain::audit::Origin;
use domain::input::{Deactivation, UserChanges};
use domain::ports::StorageFault;
use domain::user::UserView;
use rstest::rstest;
use testkit::user;

use crate::RequestContext;
use crate::authentication::{Login, ResetToken};
use crate::fixture::{FaultyCommits, World, admin, name, put};
use crate::repeated::Repeatable;
use crate::users::{CreateUserError, Precondition};

#[tokio::test]
async fn a_request_is_carried_out_once_and_answered_the_same_again() {
    let world = World::new();
    let (ticket, holder) = world.first(&admin(), "make ann").await;
    let made = world.users.create(&holder, user().named("ann").full_name("Ann Lee").new_user()).await.unwrap();
    assert!(!ticket.is_open(), "there is nothing to complete");
    world.repeated().give_up(&ticket).await.unwrap();
    for _ in 0..2 {
        assert_eq!(UserView::again(world.again(&admin(), "make ann").await), Some(made.clone()));
    }
    assert_eq!(world.actions(), ["user.created"]);
}

#[tokio::test]
async fn the_answer_that_is_kept_is_the_one_that_was_given_with_the_last_sign_in() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    sign_in(&world, "ann").await;
    let (_, holder) = world.first(&admin(), "x").await;
    let changes = UserChanges { first_name: name("Anna"), ..UserChanges::default() };
    let first = world.users.update(&holder, ann.id.into(), put(changes)).await.unwrap();
    assert!(first.last_login_at.is_some());
    world.clock.advance(TimeDelta::seconds(1));
    sign_in(&world, "ann").await;
    assert_eq!(UserView::again(world.again(&admin(), "x").await), Some(first));
}

#[tokio::test]
async fn a_use_case_that_changes_nothing_leaves_the_answer_to_its_caller() {
    let world = World::new();
    let ann = world.given(user()).await;
    let (ticket, holder) = world.first(&admin(), "activate ann").await;
    let active = world.users.activate(&holder, ann.id.into(), Precondition::None).await.unwrap();
    assert!(ticket.is_open());
    world.repeated().complete(&ticket, &active.answers()).await.unwrap();
    world.users.deactivate(&admin(), ann.id.into(), Deactivation::default(), Precondition::None).await.unwrap();
    assert_eq!(UserView::again(world.again(&admin(), "activate ann").await), Some(active));
    assert_eq!(world.actions(), ["user.deactivated"]);
}

#[tokio::test]
async fn a_reset_token_is_shown_again_and_is_the_same() {
    let world = World::new();
    let ann = world.given(user()).await;
    let (_, holder) = world.first(&admin(), "reset").await;
    let made = world.authentication.create_reset_token(&holder, ann.id.into()).await.unwrap();
    let answers = world.again(&admin(), "reset").await;
    assert!(!format!("{answers:?}").contains(made.token.expose()), "{answers:?}");
    let again = ResetToken::again(answers).unwrap();
    assert_eq!((again.token.expose(), again.expires_at), (made.token.expose(), made.expires_at));
}

#[tokio::test]
async fn a_refused_request_is_refused_anew_each_time() {
    let world = World::new();
    world.given(user().named("ann")).await;
    let (ticket, holder) = world.first(&admin(), "make ann").await;
    let refused = world.users.create(&holder, user().named("ann").new_user()).await;
    assert!(matches!(refused, Err(CreateUserError::UsernameTaken)), "{refused:?}");
    assert!(ticket.is_open());
    world.repeated().give_up(&ticket).await.unwrap();
    world.first(&admin(), "make ann").await;
}

#[rstest]
#[case::lost(StorageFault::Retryable, 4)]
#[case::away(StorageFault::Unavailable, 1)]
#[case::broken(StorageFault::Failed, 1)]
#[tokio::test]
async fn a_commit_that_failed_for_sure_can_be_given_up(#[case] fault: StorageFault, #[case] attempts: usize) {
    let world = World::new();
    let (ticket, holder) = world.first(&admin(), "make ann").await;
    make_ann_badly(&world, &holder, vec![fault; attempts]).await;
    world.repeated().give_up(&ticket).await.unwrap();
    world.first(&admin(), "make ann").await;
}

#[tokio::test]
async fn a_request_of_which_nobody_knows_what_came_is_kept_until_its_lease_is_over() {
    let world = World::new();
    let (ticket, holder) = world.first(&admin(), "make ann").await;
    make_ann_badly(&world, &holder, vec![StorageFault::UnknownOutcome]).await;
    world.repeated().give_up(&ticket).await.unwrap();
    assert!(world.is_running(&admin(), "make ann").await, "the lost commit may still happen");
    world.clock.advance(TimeDelta::seconds(60));
    world.first(&admin(), "make ann").await;
}

#[tokio::test]
async fn a_commit_that_lost_once_is_kept_all_the_same() {
    let world = World::new();
    let (ticket, holder) = world.first(&admin(), "make ann").await;
    let users = world.users_on(FaultyCommits::new(&world.storage, [StorageFault::Retryable]));
    let made = users.create(&holder, user().named("ann").new_user()).await.unwrap();
    assert!(!ticket.is_open());
    assert_eq!(UserView::again(world.again(&admin(), "make ann").await), Some(made));
}

async fn make_ann_badly(world: &World, holder: &RequestContext, faults: Vec<StorageFault>) {
    let users = world.users_on(FaultyCommits::new(&world.storage, faults));
    users.create(holder, user().named("ann").new_user()).await.unwrap_err();
}

async fn sign_in(world: &World, name: &str) {
    let nobody = RequestContext::new(Actor::Anonymous, Origin::default());
    let login = Login { name: name.to_owned(), password: "correct horse battery staple".into() };
    world.authentication.login(&nobody, login).await.unwrap();
}
