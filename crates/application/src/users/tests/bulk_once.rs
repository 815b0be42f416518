//! Many operations in one call that is carried out once.

use chrono::TimeDelta;
use domain::ports::StorageFault;
use testkit::user;

use super::bulk::{create, delete, prepare, rename, restore};
use crate::RequestContext;
use crate::fixture::{FaultyCommits, World, admin};
use crate::repeated::{Answer, Answers, BeginError, Begun, RepeatedRequests, Ticket};
use crate::users::CarriedOut;

async fn begin(world: &World) -> Result<Begun, BeginError> {
    let requests = RepeatedRequests::new(&world.users);
    requests.begin(&admin(), "", "key", requests.fingerprint(&admin(), &[])).await
}

async fn first(world: &World) -> (Ticket, RequestContext) {
    let begun = begin(world).await;
    let Ok(Begun::First(ticket)) = begun else { panic!("{begun:?}") };
    (ticket.clone(), RequestContext { once: Some(ticket), ..admin() })
}

async fn again(world: &World) -> Answers {
    let begun = begin(world).await;
    let Ok(Begun::Again(answers)) = begun else { panic!("{begun:?}") };
    answers
}

fn is_kept(done: Option<&CarriedOut>) -> bool {
    done.is_some_and(|done| done.is_kept)
}

#[tokio::test]
async fn what_is_done_together_is_kept_part_by_part() {
    let world = World::new();
    let ann = world.given(user()).await;
    let (ticket, holder) = first(&world).await;
    let operations = [rename(ann.id, "Anna"), delete(ann.id), create(user()), restore(ann.id)];
    let prepared = prepare(&world.users, &admin(), operations).await;
    let answers = world.users.carry_out_together(&holder, prepared).await.unwrap();
    assert!(!ticket.is_open());
    assert_eq!(again(&world).await, (0..).zip(answers).collect());
}

#[tokio::test]
async fn a_call_that_broke_off_goes_on_where_it_stopped_and_nothing_happens_twice() {
    let world = World::new();
    let ann = world.given(user()).await;
    let operations = || [rename(ann.id, "Anna"), restore(ann.id), create(user().named("bob")), delete(ann.id)];

    let (ticket, holder) = first(&world).await;
    // The first commit is answered, the second fails.
    let storage = FaultyCommits::then(&world.storage, [None, Some(StorageFault::Unavailable)]);
    let users = world.users_on(storage);
    let prepared = prepare(&users, &admin(), operations()).await.into_iter().map(Some).collect();
    let done = users.carry_out(&holder, prepared).await;
    assert_eq!(done.len(), 3, "it stopped behind the one that failed");
    assert_eq!([0, 1, 2].map(|part| is_kept(done[part].as_ref())), [true, false, false]);
    assert!(ticket.is_open());
    RepeatedRequests::new(&world.users).give_up(&ticket).await.unwrap();

    let (ticket, holder) = first(&world).await;
    assert_eq!(ticket.done().keys().collect::<Vec<_>>(), [&0]);
    let prepared = prepare(&world.users, &admin(), operations()).await.into_iter();
    let left = (0..).zip(prepared).map(|(part, one)| (!ticket.done().contains_key(&part)).then_some(one)).collect();
    let done = world.users.carry_out(&holder, left).await;
    assert_eq!([0, 1, 2, 3].map(|part| is_kept(done[part].as_ref())), [false, false, true, true]);
    let unkept = done[1].as_ref().unwrap().result.as_ref().unwrap().clone();
    let requests = RepeatedRequests::new(&world.users);
    requests.complete(&ticket, &Answers::from([(1, unkept)])).await.unwrap();

    let answers = again(&world).await;
    assert_eq!(answers.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(answers[&3], Answer::Done);
    assert_eq!(world.actions(), ["user.updated", "user.created", "user.deleted"]);
}

#[tokio::test]
async fn a_call_with_a_part_that_nobody_knows_of_is_not_begun_again_before_its_lease_is_over() {
    let world = World::new();
    let (ticket, holder) = first(&world).await;
    let users = world.users_on(FaultyCommits::new(&world.storage, [StorageFault::UnknownOutcome]));
    let prepared = prepare(&users, &admin(), [create(user())]).await.into_iter().map(Some).collect();
    users.carry_out(&holder, prepared).await;
    RepeatedRequests::new(&world.users).give_up(&ticket).await.unwrap();
    assert!(matches!(begin(&world).await, Err(BeginError::Running)));
    world.clock.advance(TimeDelta::seconds(60));
    first(&world).await;
}
