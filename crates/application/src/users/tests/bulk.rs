//! Many operations in one call.

use domain::input::UserChanges;
use domain::ports::StorageFault;
use domain::user::UserView;
use domain::values::{Role, UserId, UserRef};
use rstest::rstest;
use testkit::{UserBuilder, user};

use crate::RequestContext;
use crate::fixture::{FaultyCommits, World, admin, by, name, patch, somebody};
use crate::repeated::Answer;
use crate::users::{
    BulkOperation, BulkOperationError, CarriedOut, ChangeUserError, CreateUserError, FailedOperation, Precondition,
    PreparedOperation, UpdateUserError, UserPolicy, Users,
};

pub(super) fn create(user: UserBuilder) -> BulkOperation {
    BulkOperation::Create(user.new_user())
}

pub(super) fn rename(user: impl Into<UserRef>, to: &str) -> BulkOperation {
    let changes = UserChanges { first_name: name(to), ..UserChanges::default() };
    BulkOperation::Update { user: user.into(), command: patch(changes) }
}

pub(super) fn demote(user: impl Into<UserRef>) -> BulkOperation {
    let changes = UserChanges { role: Some(Role::User), ..UserChanges::default() };
    BulkOperation::Update { user: user.into(), command: patch(changes) }
}

pub(super) fn delete(user: impl Into<UserRef>) -> BulkOperation {
    BulkOperation::Delete { user: user.into(), precondition: Precondition::None }
}

pub(super) fn restore(user: impl Into<UserRef>) -> BulkOperation {
    BulkOperation::Restore { user: user.into(), precondition: Precondition::None }
}

pub(super) async fn prepare(
    users: &Users,
    context: &RequestContext,
    operations: impl IntoIterator<Item = BulkOperation>,
) -> Vec<PreparedOperation> {
    let mut prepared = Vec::new();
    for operation in operations {
        prepared.push(users.prepare_operation(context, operation).await.unwrap());
    }
    prepared
}

async fn each(
    users: &Users,
    context: &RequestContext,
    operations: impl IntoIterator<Item = BulkOperation>,
) -> Vec<Result<Answer, BulkOperationError>> {
    let prepared = prepare(users, context, operations).await.into_iter().map(Some).collect();
    let all = users.carry_out(context, prepared).await;
    all.into_iter().map(|done| done.map(|CarriedOut { result, .. }| result).unwrap()).collect()
}

async fn together(
    users: &Users,
    context: &RequestContext,
    operations: impl IntoIterator<Item = BulkOperation>,
) -> Result<Vec<Answer>, FailedOperation> {
    users.carry_out_together(context, prepare(users, context, operations).await).await
}

pub(super) fn shown(answer: &Answer) -> &UserView {
    match answer {
        Answer::User(user) => user,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_operation_has_its_own_outcome_in_order() {
    let world = World::new();
    let (ann, bob, gone) = (world.given(user()).await, world.given(user()).await, world.given(user()).await);
    world.users.delete(&admin(), gone.id.into(), Precondition::None).await.unwrap();
    let operations = [
        create(user().named("cid")),
        create(user().named("cid").email("other@example.org")),
        rename(ann.id, "Anna"),
        rename(UserId::new(99), "Nobody"),
        delete(bob.uuid),
        delete(bob.uuid),
        restore(gone.id),
    ];
    let results = each(&world.users, &admin(), operations).await;
    let [made, taken, renamed, nobody, deleted, deleted_twice, back] = results.as_slice() else {
        panic!("{results:?}")
    };
    assert_eq!(shown(made.as_ref().unwrap()).username, "cid");
    assert!(matches!(taken, Err(BulkOperationError::Create(CreateUserError::UsernameTaken))), "{taken:?}");
    assert_eq!(shown(renamed.as_ref().unwrap()).first_name.as_deref(), Some("Anna"));
    let not_found = |error: &BulkOperationError| error.to_string() == "user does not exist";
    assert!(nobody.as_ref().is_err_and(not_found), "{nobody:?}");
    assert_eq!(deleted.as_ref().unwrap(), &Answer::Done);
    assert!(deleted_twice.as_ref().is_err_and(not_found), "{deleted_twice:?}");
    assert_eq!(shown(back.as_ref().unwrap()), &world.stored(gone.uuid).await);
    assert_eq!(world.actions()[1..], ["user.created", "user.updated", "user.deleted", "user.restored"]);
}

#[tokio::test]
async fn together_all_of_them_happen_in_order() {
    let world = World::new();
    let (ann, gone) = (world.given(user().named("ann")).await, world.given(user()).await);
    world.users.delete(&admin(), gone.id.into(), Precondition::None).await.unwrap();
    // Each of them depends on the one before.
    let operations =
        [delete(ann.id), create(user().named("ann")), restore(gone.id), rename(gone.id, "Back"), delete(gone.id)];
    let answers = together(&world.users, &admin(), operations).await.unwrap();
    assert_eq!((&answers[0], &answers[4]), (&Answer::Done, &Answer::Done));
    let new = shown(&answers[1]);
    assert_eq!((new.username.as_str(), new), ("ann", &world.stored(new.uuid).await));
    let versions: Vec<_> = answers[2..4].iter().map(|answer| shown(answer).version).collect();
    assert_eq!(versions, [3, 4]);
    assert!(world.stored(gone.uuid).await.deleted_at.is_some());
    let actions = world.actions();
    assert_eq!(actions[1..], ["user.deleted", "user.created", "user.restored", "user.updated", "user.deleted"]);
}

#[tokio::test]
async fn together_none_of_them_happens_if_one_cannot() {
    let world = World::new();
    let (ann, bob) = (world.given(user().named("ann")).await, world.given(user().named("bob")).await);
    let operations = [rename(ann.id, "Anna"), delete(bob.id), create(user().named("ann").email("x@example.org"))];
    let failed = together(&world.users, &admin(), operations).await.unwrap_err();
    assert_eq!(failed.index, Some(2));
    assert!(matches!(failed.error, BulkOperationError::Create(CreateUserError::UsernameTaken)), "{failed:?}");
    assert_eq!((world.stored(ann.uuid).await, world.stored(bob.uuid).await), (ann, bob));
    assert_eq!(world.actions(), Vec::<String>::new());
}

#[tokio::test]
async fn every_operation_is_allowed_or_not_by_itself() {
    let world = World::new();
    let (ann, boss) = (world.given(user()).await, world.given(user().admin()).await);
    let moderator = somebody(Role::Moderator);
    let results = each(&world.users, &moderator, [rename(ann.id, "Anna"), rename(boss.id, "X"), delete(ann.id)]).await;
    let forbidden = |error: &BulkOperationError| error.to_string() == "changing this is not allowed";
    assert!(results[0].is_ok() && results[1..].iter().all(|one| one.as_ref().is_err_and(forbidden)), "{results:?}");
    let failed = together(&world.users, &moderator, [rename(ann.id, "Ann"), delete(ann.id)]).await.unwrap_err();
    assert!(failed.index == Some(1) && forbidden(&failed.error), "{failed:?}");
    assert_eq!(world.stored(ann.uuid).await.first_name.as_deref(), Some("Anna"));
    let refused = world.users.prepare_operation(&moderator, create(user())).await;
    assert!(matches!(refused, Err(BulkOperationError::Create(CreateUserError::Forbidden))), "before it is hashed");
}

fn protected() -> World {
    World::under(UserPolicy { protect_last_administrator: true, ..UserPolicy::default() })
}

fn is_about_administrators(error: &BulkOperationError) -> bool {
    matches!(
        error,
        BulkOperationError::Change(ChangeUserError::LastAdministrator)
            | BulkOperationError::Update(UpdateUserError::Change(ChangeUserError::LastAdministrator))
    )
}

#[tokio::test]
async fn all_administrators_cannot_be_taken_away_together() {
    let world = protected();
    let (one, other) = (world.given(user().admin()).await, world.given(user().admin()).await);
    let failed = together(&world.users, &by(&one), [demote(other.id), delete(one.id)]).await.unwrap_err();
    assert!(failed.index == Some(1) && is_about_administrators(&failed.error), "{failed:?}");
    assert_eq!(world.stored(other.uuid).await, other);
}

#[tokio::test]
async fn the_last_administrator_may_go_behind_a_new_one() {
    let world = protected();
    let boss = world.given(user().admin()).await;
    let failed = together(&world.users, &admin(), [delete(boss.id), create(user().admin())]).await.unwrap_err();
    assert!(failed.index == Some(0) && is_about_administrators(&failed.error), "{failed:?}");
    together(&world.users, &admin(), [create(user().admin()), delete(boss.id)]).await.unwrap();
}

#[tokio::test]
async fn of_two_batches_at_once_that_take_all_administrators_away_one_is_refused() {
    let world = protected();
    let (one, other) = (world.given(user().admin()).await, world.given(user().admin()).await);
    let (by_one, by_other) = (by(&one), by(&other));
    let (first, second) = tokio::join!(
        together(&world.users, &by_one, [rename(one.id, "One"), demote(other.id)]),
        together(&world.users, &by_other, [rename(other.id, "Two"), demote(one.id)]),
    );
    let refused: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert!(refused.len() == 1 && is_about_administrators(&refused[0].error), "{refused:?}");
}

#[tokio::test]
async fn a_batch_that_lost_against_another_unit_is_done_again_as_a_whole() {
    let world = World::new();
    let ann = world.given(user()).await;
    let users = world.users_on(FaultyCommits::new(&world.storage, [StorageFault::Retryable; 2]));
    together(&users, &admin(), [rename(ann.id, "Anna"), create(user())]).await.unwrap();
    assert_eq!(world.actions(), ["user.updated", "user.created"]);
    assert_eq!(world.stored(ann.uuid).await.version, 2);
}

#[rstest]
#[case::away(StorageFault::Unavailable, 1)]
#[case::in_doubt(StorageFault::UnknownOutcome, 1)]
#[case::busy(StorageFault::Retryable, 4)]
#[tokio::test]
async fn behind_one_that_the_service_cannot_do_now_no_other_is_tried(
    #[case] fault: StorageFault,
    #[case] attempts: usize,
) {
    let world = World::new();
    let ann = world.given(user()).await;
    let users = world.users_on(FaultyCommits::new(&world.storage, vec![fault; attempts]));
    let results = each(&users, &admin(), [rename(ann.id, "Anna"), create(user())]).await;
    assert_eq!(results.len(), 1);
    assert!(results[0].as_ref().is_err_and(BulkOperationError::is_outage), "{results:?}");
    assert_eq!(world.actions(), Vec::<String>::new());
}

#[tokio::test]
async fn operations_that_change_nothing_together_write_nothing() {
    let world = World::new();
    let ann = world.given(user()).await;
    let answers = together(&world.users, &admin(), [restore(ann.id)]).await.unwrap();
    assert_eq!(shown(&answers[0]), &ann);
    assert_eq!(together(&world.users, &admin(), []).await.unwrap(), []);
    assert_eq!(world.actions(), Vec::<String>::new());
}
