//! The chain of events: places that are given once, and what is read from it.

use domain::audit::{ChainLink, ChainedEvent, Checkpoint, ListEvents, Place, SealedEvent};
use domain::ports::AppendLinksError;
use testkit::FixedClock;
use uuid::Uuid;

use crate::case::cases;
use crate::db::{Db, together};
use crate::sign_in::new_digest;
use crate::trail::events;
use crate::unit::new_uuid;

cases![
    before_the_first_event_the_chain_is_empty,
    links_read_back_with_their_events_in_order,
    links_are_read_page_by_page,
    a_link_whose_event_was_taken_away_says_so,
    listed_events_tell_their_places,
    the_last_number_is_the_greatest_that_has_a_place,
    a_position_is_given_once,
    an_event_has_one_place,
    a_checkpoint_stands_alone_at_its_position,
    a_checkpoint_reads_back_byte_by_byte,
    checkpoints_are_read_in_order,
    the_chain_grows_whole_or_not_at_all,
    of_processes_that_make_the_chain_longer_at_once_one_does,
];

const ALL: u32 = 500;
const ROUNDS: i64 = 12;
const CONTENDERS: usize = 5;

/// Links for these events behind a position.
pub(super) fn links_behind(last: i64, events: &[SealedEvent]) -> Vec<ChainLink> {
    let link = |(position, event): (i64, &SealedEvent)| ChainLink { position, event_id: event.id, hash: new_digest() };
    (last + 1..).zip(events).map(link).collect()
}

pub(super) fn checkpoint_at(position: i64) -> Checkpoint {
    let signature = std::array::from_fn(|index| u8::try_from(index * 5 % 256).expect("less than 256"));
    Checkpoint {
        position,
        hash: new_digest(),
        recorded_at: FixedClock::START,
        key_id: "0123456789abcdef".to_owned(),
        signature,
    }
}

impl Db {
    async fn chain_up(&self, links: &[ChainLink], checkpoint: Option<&Checkpoint>) {
        self.chain().append(links, checkpoint.cloned()).await.expect("nothing is taken");
    }

    pub(super) async fn links(&self) -> Vec<ChainedEvent> {
        self.chain().links(0, ALL).await.expect("links can be read")
    }

    async fn checkpoints(&self) -> Vec<Checkpoint> {
        self.chain().checkpoints(0, ALL).await.expect("checkpoints can be read")
    }

    async fn head(&self) -> Option<ChainLink> {
        self.chain().head().await.expect("the chain's end can be read")
    }
}

async fn try_append(db: &Db, links: &[ChainLink], checkpoint: Option<&Checkpoint>) -> Result<(), AppendLinksError> {
    loop {
        match db.chain().append(links, checkpoint.cloned()).await {
            Err(AppendLinksError::Storage(error)) if error.is_retryable() => {}
            settled => return settled,
        }
    }
}

async fn assert_taken(db: &Db, links: &[ChainLink], checkpoint: Option<&Checkpoint>) {
    let before = (db.links().await, db.checkpoints().await);
    let appended = try_append(db, links, checkpoint).await;
    assert!(matches!(appended, Err(AppendLinksError::Taken)), "{appended:?}");
    assert_eq!((db.links().await, db.checkpoints().await), before);
}

fn chained(links: &[ChainLink], events: &[SealedEvent]) -> Vec<ChainedEvent> {
    links.iter().zip(events).map(|(link, event)| ChainedEvent { link: *link, event: Some(event.clone()) }).collect()
}

async fn before_the_first_event_the_chain_is_empty(db: Db) {
    db.write_down(&events(2)).await;
    assert_eq!((db.head().await, db.links().await, db.checkpoints().await), (None, vec![], vec![]));
    let chain = db.chain();
    assert_eq!(chain.last_sequenced().await.expect("numbers can be read"), 0);
    assert_eq!(chain.last_checkpoint().await.expect("checkpoints can be read"), None);
    chain.append(&[], None).await.expect("nothing is made of nothing");
    assert_eq!((db.head().await, db.links().await), (None, vec![]));
}

async fn links_read_back_with_their_events_in_order(db: Db) {
    let mut written = events(3);
    db.write_down(&written).await;
    written.reverse();
    let first = links_behind(0, &written);
    db.chain_up(&first, None).await;
    assert_eq!(db.head().await, first.last().copied());
    assert_eq!(db.links().await, chained(&first, &written));

    let later = events(2);
    db.write_down(&later).await;
    let second = links_behind(3, &later);
    db.chain_up(&second, None).await;
    assert_eq!(db.head().await, second.last().copied());
    assert_eq!(db.links().await, [chained(&first, &written), chained(&second, &later)].concat());
}

async fn links_are_read_page_by_page(db: Db) {
    // More than fit into one statement of any database, perhaps.
    let written = events(1_100);
    db.write_down(&written).await;
    let links = links_behind(0, &written);
    db.chain_up(&links, None).await;
    let all = chained(&links, &written);
    for limit in [90, 550, 1_100, 2_000] {
        let (mut walked, mut last) = (Vec::new(), 0);
        while walked.len() <= all.len() {
            let page = db.chain().links(last, limit).await.expect("links can be read");
            assert_eq!(page.len(), (all.len() - walked.len()).min(limit as usize));
            let Some(chained) = page.last() else { break };
            last = chained.link.position;
            walked.extend(page);
        }
        assert!(walked == all, "a walk by {limit}");
    }
    assert_eq!(db.chain().links(0, 0).await.expect("links can be read"), []);
    assert_eq!(db.chain().links(i64::MAX, 1).await.expect("links can be read"), []);
}

async fn a_link_whose_event_was_taken_away_says_so(db: Db) {
    let written = events(2);
    db.write_down(&written).await;
    let mut links = links_behind(0, &written);
    // As if somebody had taken it away past the ports.
    links.insert(1, ChainLink { position: 3, event_id: new_uuid(), hash: new_digest() });
    db.chain_up(&links, None).await;
    let gone = ChainedEvent { link: links[1], event: None };
    let mut expected = chained(&[links[0], links[2]], &written);
    expected.push(gone);
    assert_eq!(db.links().await, expected);
}

async fn listed_events_tell_their_places(db: Db) {
    let written = events(3);
    db.write_down(&written).await;
    let links = links_behind(0, &[written[2].clone(), written[0].clone()]);
    db.chain_up(&links, None).await;
    let listed = db.list_events(&ListEvents { limit: ALL, ..Default::default() }).await;
    let place = |id: Uuid| listed.iter().find(|stored| stored.event.id == id).expect("it is listed").place;
    let of = |link: &ChainLink| Some(Place { position: link.position, hash: link.hash });
    assert_eq!(written.iter().map(|event| place(event.id)).collect::<Vec<_>>(), [of(&links[1]), None, of(&links[0])]);
}

async fn the_last_number_is_the_greatest_that_has_a_place(db: Db) {
    let written = events(4);
    db.write_down(&written).await;
    let numbered = db.chain().unsequenced(0, None, ALL).await.expect("events can be read");
    let number = |index: usize| numbered[index].number;
    let last = async || db.chain().last_sequenced().await.expect("numbers can be read");
    db.chain_up(&links_behind(0, &[written[2].clone()]), None).await;
    assert_eq!(last().await, number(2));
    db.chain_up(&links_behind(1, &[written[0].clone()]), None).await;
    assert_eq!(last().await, number(2), "a smaller number came later");
    db.chain_up(&links_behind(2, &[written[3].clone()]), None).await;
    assert_eq!(last().await, number(3));
}

async fn a_position_is_given_once(db: Db) {
    let written = events(4);
    db.write_down(&written).await;
    db.chain_up(&links_behind(0, &written[..2]), None).await;
    assert_taken(&db, &links_behind(0, &written[2..3]), None).await;
    // The second of these is at a position that is free.
    assert_taken(&db, &links_behind(1, &written[2..]), None).await;
}

async fn an_event_has_one_place(db: Db) {
    let written = events(3);
    db.write_down(&written).await;
    db.chain_up(&links_behind(0, &written[..2]), None).await;
    assert_taken(&db, &links_behind(2, &written[..1]), None).await;
    assert_taken(&db, &links_behind(2, &[written[2].clone(), written[1].clone()]), None).await;
    assert_taken(&db, &links_behind(2, &[written[2].clone(), written[2].clone()]), None).await;
}

async fn a_checkpoint_stands_alone_at_its_position(db: Db) {
    let written = events(2);
    db.write_down(&written).await;
    let (links, checkpoint) = (links_behind(0, &written), checkpoint_at(1));
    db.chain_up(&links[..1], Some(&checkpoint)).await;
    assert_taken(&db, &[], Some(&checkpoint)).await;
    assert_taken(&db, &links[1..], Some(&checkpoint_at(1))).await;
}

async fn a_checkpoint_reads_back_byte_by_byte(db: Db) {
    let checkpoint = checkpoint_at(1);
    db.chain_up(&[], Some(&checkpoint)).await;
    let zeros = Checkpoint { signature: [0; 64], key_id: "k".repeat(64), ..checkpoint_at(2) };
    let ones = Checkpoint { signature: [0xff; 64], recorded_at: FixedClock::START, ..checkpoint_at(i64::MAX) };
    for next in [&zeros, &ones] {
        db.chain_up(&[], Some(next)).await;
        assert_eq!(db.chain().last_checkpoint().await.expect("checkpoints can be read").as_ref(), Some(next));
    }
    assert_eq!(db.checkpoints().await, [checkpoint, zeros, ones]);
}

async fn checkpoints_are_read_in_order(db: Db) {
    let all = [100, 250, 300, 1_000].map(checkpoint_at);
    for checkpoint in [&all[2], &all[0], &all[3], &all[1]] {
        db.chain_up(&[], Some(checkpoint)).await;
    }
    let read = async |after, limit| db.chain().checkpoints(after, limit).await.expect("checkpoints can be read");
    assert_eq!(db.chain().last_checkpoint().await.expect("checkpoints can be read"), Some(all[3].clone()));
    assert_eq!(read(0, ALL).await, all);
    assert_eq!(read(0, 2).await, all[..2]);
    assert_eq!(read(249, 2).await, all[1..3]);
    assert_eq!(read(250, ALL).await, all[2..]);
    assert_eq!(read(1_000, ALL).await, []);
}

async fn the_chain_grows_whole_or_not_at_all(db: Db) {
    let written = events(300);
    db.write_down(&written).await;
    let links = links_behind(0, &written);
    db.chain_up(&links[..1], Some(&checkpoint_at(1))).await;
    // The last of many is at a position that is taken, and then the checkpoint alone is.
    let mut colliding = links[1..].to_vec();
    colliding[298].position = 1;
    assert_taken(&db, &colliding, Some(&checkpoint_at(300))).await;
    assert_taken(&db, &links[1..], Some(&checkpoint_at(1))).await;
    db.chain_up(&links[1..], Some(&checkpoint_at(300))).await;
    assert_eq!(db.head().await, links.last().copied());
}

async fn of_processes_that_make_the_chain_longer_at_once_one_does(db: Db) {
    for round in 0..ROUNDS {
        let written = events(3);
        db.write_down(&written).await;
        let offers: Vec<_> = (0..CONTENDERS).map(|_| links_behind(round * 3, &written)).collect();
        let tasks = offers.iter().map(|offer| {
            let (db, offer) = (db.clone(), offer.clone());
            async move { try_append(&db, &offer, Some(&checkpoint_at(round * 3 + 3))).await }
        });
        let appended = together(tasks.collect()).await;
        assert_eq!(appended.iter().filter(|appended| appended.is_ok()).count(), 1, "in round {round}: {appended:?}");
        let lost = appended.iter().filter_map(|appended| appended.as_ref().err());
        assert!(
            lost.into_iter().all(|error| matches!(error, AppendLinksError::Taken)),
            "in round {round}: {appended:?}"
        );
        let links = db.chain().links(round * 3, ALL).await.expect("links can be read");
        assert!(offers.iter().any(|offer| links == chained(offer, &written)), "a fork in round {round}: {links:?}");
    }
    let positions = db.checkpoints().await.into_iter().map(|checkpoint| checkpoint.position);
    assert_eq!(positions.collect::<Vec<_>>(), (1..=ROUNDS).map(|round| round * 3).collect::<Vec<_>>());
}
