//! Sessions that are opened, refreshed and ended on several nodes at once.

use std::net::IpAddr;

use application::RequestContext;
use application::authentication::{Login, LoginError, TokenPair};
use application::users::Precondition;
use domain::access::Actor;
use domain::audit::Origin;
use domain::input::Deactivation;
use domain::ports::{SessionQueries, UserQueries};
use domain::query::{DeletedScope, ListUsers, UserFilter};
use domain::session::Session;
use domain::user::UserView;
use domain::values::SecretToken;
use testkit::{FixedClock, user};

use crate::Fixture;
use crate::world::World;

const ROUNDS: usize = 20;
/// The password of users that tests make.
const PASSWORD: &str = "correct horse battery staple";

/// A request of nobody yet.
fn from_home() -> RequestContext {
    let ip = "203.0.113.7".parse::<IpAddr>().ok();
    RequestContext::new(Actor::Anonymous, Origin { ip, ..Origin::default() })
}

impl World {
    async fn add(&self) -> UserView {
        self.replicas[0].create(&RequestContext::system(), user().new_user()).await.unwrap()
    }

    async fn sign_in(&self, node: usize, user: &UserView) -> Result<TokenPair, LoginError> {
        let login = Login { name: user.username.clone(), password: PASSWORD.into() };
        self.entrances[node % 3].login(&from_home(), login).await
    }

    async fn refresh(&self, node: usize, token: &SecretToken) -> TokenPair {
        self.entrances[node % 3].refresh(&from_home(), token).await.expect("nobody has a copy")
    }
}

pub(crate) async fn of_two_refreshes_at_once_on_two_nodes_both_get_the_one_living_successor(fixture: &Fixture) {
    let world = World::on(fixture.migrated().await);
    let ann = world.add().await;
    fixture.catch_up().await;
    let mut pair = world.sign_in(1, &ann).await.unwrap();
    for round in 0..ROUNDS {
        fixture.catch_up().await;
        let token = &pair.refresh_token;
        let (one, other) = tokio::join!(world.refresh(round, token), world.refresh(round + 1, token));
        assert_eq!(one.refresh_token.expose(), other.refresh_token.expose(), "in round {round}");
        assert_ne!(one.refresh_token.expose(), token.expose(), "in round {round}");
        assert_eq!((one.session, other.session), (pair.session, pair.session), "in round {round}");
        pair = one;
    }
    fixture.catch_up().await;
    for storage in fixture.connect().await {
        let live = storage.sessions_of(ann.uuid, FixedClock::START).await.unwrap();
        assert_eq!(live.iter().map(Session::id).collect::<Vec<_>>(), [pair.session]);
    }
    assert!(world.retries() > 0, "nothing was in anything's way");
}

pub(crate) async fn nobody_is_signed_in_after_being_deactivated_on_another_node(fixture: &Fixture) {
    let world = World::on(fixture.migrated().await);
    let (mut opened, mut refused) = (0, 0);
    for round in 0..ROUNDS {
        let ann = world.add().await;
        fixture.catch_up().await;
        let (forever, any) = (Deactivation { reason: None, until: None }, Precondition::None);
        let system = RequestContext::system();
        let deactivate = world.replicas[(round + 1) % 3].deactivate(&system, ann.id.into(), forever, any);
        let (signed_in, deactivated) = tokio::join!(world.sign_in(round, &ann), deactivate);
        deactivated.unwrap();
        match signed_in {
            Ok(_) => opened += 1,
            Err(LoginError::InvalidCredentials) => refused += 1,
            Err(error) => panic!("in round {round}: {error:?}"),
        }
        fixture.catch_up().await;
        for storage in fixture.connect().await {
            assert_eq!(storage.sessions_of(ann.uuid, FixedClock::START).await.unwrap(), [], "in round {round}");
        }
    }
    assert_eq!(opened + refused, ROUNDS, "{opened} sessions were opened and ended, {refused} were not opened");
}

pub(crate) async fn of_first_administrators_that_are_made_on_three_nodes_at_once_there_is_one(fixture: &Fixture) {
    let world = World::on(fixture.migrated().await);
    let bootstrap_on = async |node: usize| world.entrances[node].bootstrap(user().admin().new_user()).await.unwrap();
    let made = <[_; 3]>::from(tokio::join!(bootstrap_on(0), bootstrap_on(1), bootstrap_on(2)));
    assert_eq!(made.iter().flatten().count(), 1, "{made:?}");
    fixture.catch_up().await;
    for storage in fixture.connect().await {
        let everybody = UserFilter { deleted: DeletedScope::All, ..UserFilter::default() };
        let page = storage.list(&ListUsers { filter: everybody, limit: 10, ..ListUsers::default() }).await.unwrap();
        assert_eq!(page.users.len(), 1);
    }
}
