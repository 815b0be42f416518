//! Replicas of the service, each on a node of its own.

use std::sync::Arc;

use application::users::{ChangeUserError, CreateUserError, MetadataMode, Precondition, UpdateUser, UpdateUserError};
use application::{RequestContext, Users};
use domain::input::{Change, UserChanges};
use domain::ports::UserQueries;
use domain::query::{DeletedScope, ListUsers, UserFilter};
use domain::user::UserView;
use domain::values::{PersonName, Role};
use sea_orm::{ConnectionTrait, Statement};
use testkit::user;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Fixture;
use crate::world::World;

const ROUNDS: usize = 20;

fn put(changes: UserChanges) -> UpdateUser {
    UpdateUser { changes, metadata: MetadataMode::Replace, precondition: Precondition::None, current_password: None }
}

async fn demote(users: &Users, user: &UserView) -> Result<(), ChangeUserError> {
    let changes = UserChanges { role: Some(Role::User), ..UserChanges::default() };
    match users.update(&RequestContext::system(), user.id.into(), put(changes)).await {
        Ok(_) => Ok(()),
        Err(UpdateUserError::Change(error)) => Err(error),
        Err(error) => panic!("{error:?}"),
    }
}

pub(crate) async fn of_two_last_administrators_who_are_demoted_on_two_nodes_one_stays(fixture: &Fixture) {
    let world = World::on(fixture.migrated().await);
    let (system, mut last) = (RequestContext::system(), None);
    for round in 0..ROUNDS {
        let one = match last.take() {
            Some(one) => one,
            None => world.replicas[0].create(&system, user().admin().new_user()).await.unwrap(),
        };
        let other = world.replicas[1].create(&system, user().admin().new_user()).await.unwrap();
        fixture.catch_up().await;
        let gone =
            tokio::join!(demote(&world.replicas[round % 3], &one), demote(&world.replicas[(round + 1) % 3], &other));
        last = Some(match gone {
            (Ok(()), Err(ChangeUserError::LastAdministrator)) => other,
            (Err(ChangeUserError::LastAdministrator), Ok(())) => one,
            gone => panic!("in round {round}: {gone:?}"),
        });
    }
}

pub(crate) async fn a_name_that_is_taken_on_three_nodes_at_once_is_taken_once(fixture: &Fixture) {
    let world = World::on(fixture.migrated().await);
    let system = RequestContext::system();
    for round in 0..ROUNDS {
        let create = async |node: usize| {
            let email = format!("{round}-{node}@example.org");
            let new = user().username(&format!("ann-{round}")).email(&email).new_user();
            world.replicas[node].create(&system, new).await.map(drop)
        };
        let outcomes = <[_; 3]>::from(tokio::join!(create(0), create(1), create(2)));
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let taken = outcomes.iter().filter(|outcome| matches!(outcome, Err(CreateUserError::UsernameTaken))).count();
        assert_eq!((won, taken), (1, 2), "in round {round}: {outcomes:?}");
    }
}

const WRITERS: usize = 4;
const EACH: usize = 67;

pub(crate) async fn totals_are_exact_and_next_to_nothing_is_tried_twice_where_each_node_has_its_slot(
    fixture: &Fixture,
) {
    let storages = fixture.migrated().await;
    let db = storages[0].inner().pools().reader;
    let world = World::on(storages);
    let together = Arc::new(Barrier::new(3 * WRITERS));
    let mut writers = JoinSet::new();
    for users in &world.replicas {
        for _ in 0..WRITERS {
            let (users, together) = (users.clone(), Arc::clone(&together));
            writers.spawn(async move {
                together.wait().await;
                for _ in 0..EACH {
                    users.create(&RequestContext::system(), user().new_user()).await.unwrap();
                }
            });
        }
    }
    writers.join_all().await;
    fixture.catch_up().await;
    let made = 3 * WRITERS * EACH;
    let retries = world.retries();
    for storage in fixture.connect().await {
        let everybody = UserFilter { deleted: DeletedScope::All, ..UserFilter::default() };
        let page = storage.list(&ListUsers { filter: everybody, limit: 0, ..ListUsers::default() }).await.unwrap();
        assert_eq!(page.total.unwrap().count, made as u64);
    }
    let count = Statement::from_string(db.get_database_backend(), "SELECT CAST(COUNT(*) AS SIGNED) AS n FROM users");
    let row = db.query_one_raw(count).await.unwrap().expect("a count is a row");
    assert_eq!(usize::try_from(row.try_get::<i64>("", "n").unwrap()).unwrap(), made);
    assert!(retries * 50 < made, "{retries} retries in {made} creates");
}

pub(crate) async fn a_conflict_at_the_commit_is_tried_again_unseen(fixture: &Fixture) {
    let world = World::on(fixture.migrated().await);
    let system = RequestContext::system();
    let ann = world.replicas[0].create(&system, user().new_user()).await.unwrap();
    fixture.catch_up().await;
    let rename = async |node: usize, round: usize| {
        let name = format!("Ann {node} {round}");
        let changes =
            UserChanges { full_name: Change::Set(PersonName::parse(&name).unwrap()), ..UserChanges::default() };
        world.replicas[node].update(&system, ann.id.into(), put(changes)).await.unwrap();
    };
    for round in 0..ROUNDS {
        tokio::join!(rename(0, round), rename(1, round), rename(2, round));
    }
    let retries = world.retries();
    assert!(retries > 0, "nothing was in anything's way");
    fixture.catch_up().await;
    for storage in fixture.connect().await {
        let view = storage.find(ann.id.into(), DeletedScope::Live).await.unwrap().expect("ann stays");
        assert_eq!(view.version, ann.version + i64::try_from(3 * ROUNDS).unwrap(), "each change is one version");
    }
}
