//! Following the trail by position.

use std::sync::Arc;

use domain::audit::{ChainLink, ChainedEvent, GENESIS, MAX_EVENTS};
use domain::ports::mocks::MockAuditChain;
use domain::values::Role;
use rstest::rstest;
use testkit::user;

use crate::Ports;
use crate::audit::{FollowError, Trail};
use crate::fixture::{World, admin, somebody};
use crate::users::{UserPolicy, Users};

async fn with_events(count: usize) -> World {
    let world = World::new();
    for number in 0..count {
        world.users.create(&admin(), user().named(&format!("user{number}")).new_user()).await.unwrap();
    }
    world
}

#[tokio::test]
async fn events_come_in_the_order_of_their_positions_and_none_twice() {
    let world = with_events(5).await;
    world.chain().await;
    let trail = Trail::new(&world.users);
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = trail.follow(&admin(), after, 2).await.unwrap();
        let positions: Vec<_> = page.events.iter().map(|event| event.place.unwrap().position).collect();
        assert_eq!(positions.last().copied().unwrap_or(after), page.position);
        if positions.is_empty() {
            break;
        }
        seen.extend(positions);
        after = page.position;
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    assert_eq!(trail.head().await.unwrap(), 5);
}

#[tokio::test]
async fn an_event_without_a_place_is_not_in_the_feed_yet() {
    let world = with_events(1).await;
    let trail = Trail::new(&world.users);
    let page = trail.follow(&admin(), 0, 10).await.unwrap();
    assert_eq!((page.events.len(), page.position, trail.head().await.unwrap()), (0, 0, 0));
    world.chain().await;
    assert_eq!(trail.follow(&admin(), 0, 10).await.unwrap().position, 1);
}

#[tokio::test]
async fn nothing_follows_a_position_that_is_not_there_yet() {
    let world = with_events(1).await;
    world.chain().await;
    let page = Trail::new(&world.users).follow(&admin(), i64::MAX, 10).await.unwrap();
    assert_eq!((page.events.len(), page.position), (0, i64::MAX));
}

fn trail_on(world: &World, links: impl Fn(i64, u32) -> Vec<ChainedEvent> + Send + 'static) -> Trail {
    let mut chain = MockAuditChain::new();
    chain.expect_links().returning(move |after, limit| Ok(links(after, limit)));
    let ports = Ports { chain: Arc::new(chain), ..world.ports.clone() };
    Trail::new(&Users::new(ports, UserPolicy::default()))
}

#[rstest]
#[case::whose_event_is_gone(true)]
#[case::whose_link_is_gone(false)]
#[tokio::test]
async fn the_feed_ends_loudly_at_a_position(#[case] has_link: bool) {
    let world = with_events(3).await;
    let events = world.storage.audit_events();
    let trail = trail_on(&world, move |after, _| {
        let link = |position, index: usize| ChainLink { position, event_id: events[index].id, hash: GENESIS };
        let chained = |position, index: usize| ChainedEvent {
            link: link(position, index),
            event: Some(events[index].clone()).filter(|_| position != 2),
        };
        let mut links = vec![chained(1, 0), chained(2, 1), chained(3, 2)];
        links.retain(|chained| chained.link.position > after && (has_link || chained.link.position != 2));
        links
    });
    let page = trail.follow(&admin(), 0, 10).await.unwrap();
    assert_eq!((page.events.len(), page.position), (1, 1), "what comes before is shown");
    let missing = trail.follow(&admin(), 1, 10).await;
    assert!(matches!(missing, Err(FollowError::Missing(2))), "{missing:?}");
    assert_eq!(trail.follow(&admin(), 2, 10).await.unwrap().position, 3, "whoever knows goes on behind it");
}

#[rstest]
#[case(1, 1)]
#[case(MAX_EVENTS, MAX_EVENTS)]
#[case(u32::MAX, MAX_EVENTS)]
#[tokio::test]
async fn nobody_gets_more_than_the_longest_page(#[case] asked: u32, #[case] in_force: u32) {
    let world = World::new();
    let trail = trail_on(&world, move |_, limit| {
        assert_eq!(limit, in_force);
        Vec::new()
    });
    trail.follow(&admin(), 0, asked).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn only_those_who_read_the_trail_follow_it(#[values(Role::User, Role::Moderator)] role: Role) {
    let trail = Trail::new(&World::new().users);
    assert!(matches!(trail.follow(&somebody(role), 0, 1).await, Err(FollowError::Forbidden)));
}
