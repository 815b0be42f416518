//! Giving places, whatever others do meanwhile.

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::audit::{ChainedEvent, SealedEvent};
use domain::ports::StorageFault;
use testkit::{PlainSigner, user};

use super::*;
use crate::fixture::{World, admin, fault};

/// Events whose numbers and commits a test chooses, and a chain that may fail.
#[derive(Default)]
struct Events {
    committed: Mutex<Vec<NumberedEvent>>,
    links: Mutex<Vec<ChainLink>>,
    checkpoints: Mutex<Vec<Checkpoint>>,
    fails_after_append: Mutex<bool>,
    looks: Mutex<u32>,
}

impl Events {
    fn commit(&self, numbers: impl IntoIterator<Item = i64>) {
        let signer = PlainSigner::default();
        self.committed.lock().unwrap().extend(numbers.into_iter().map(|number| {
            let mut event = event(number);
            event.mac = signer.authenticate(&canonical(&event));
            NumberedEvent { number, event }
        }));
    }

    /// As somebody who has no key.
    fn forge(&self, number: i64) {
        self.committed.lock().unwrap().push(NumberedEvent { number, event: event(number) });
    }

    /// The numbers of the events in the chain.
    fn chained(&self) -> Vec<i64> {
        self.links.lock().unwrap().iter().map(|link| i64::try_from(link.event_id.as_u128()).unwrap()).collect()
    }

    fn signed(&self) -> Vec<i64> {
        self.checkpoints.lock().unwrap().iter().map(|checkpoint| checkpoint.position).collect()
    }
}

fn event(number: i64) -> SealedEvent {
    SealedEvent {
        id: Uuid::from_u128(number.unsigned_abs().into()),
        recorded_at: testkit::FixedClock::START,
        action: "user.created".into(),
        actor_type: "system".into(),
        actor_id: None,
        target_type: "user".into(),
        target_id: Uuid::nil(),
        subject: None,
        fields: String::new(),
        origin: None,
        changes: None,
        request_id: None,
        session_id: None,
        mac: Digest::new([0; 32]),
    }
}

#[async_trait]
impl AuditChain for Events {
    async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
        Ok(self.links.lock().unwrap().last().copied())
    }

    async fn last_sequenced(&self) -> Result<i64, StorageError> {
        Ok(self.chained().into_iter().max().unwrap_or_default())
    }

    async fn unsequenced(
        &self,
        after: i64,
        up_to: Option<i64>,
        limit: u32,
    ) -> Result<Vec<NumberedEvent>, StorageError> {
        *self.looks.lock().unwrap() += 1;
        let chained: HashSet<_> = self.chained().into_iter().collect();
        let mut found = self.committed.lock().unwrap().clone();
        found.retain(|event| {
            let is_there = event.number > after && up_to.is_none_or(|up_to| event.number <= up_to);
            is_there && !chained.contains(&event.number)
        });
        found.sort_by_key(|event| event.number);
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn append(&self, links: &[ChainLink], checkpoint: Option<Checkpoint>) -> Result<(), AppendLinksError> {
        let mut chain = self.links.lock().unwrap();
        let mut checkpoints = self.checkpoints.lock().unwrap();
        let is_taken = links.iter().any(|link| chain.iter().any(|one| one.position == link.position));
        if is_taken || checkpoints.iter().any(|one| Some(one.position) == checkpoint.as_ref().map(|one| one.position)) {
            return Err(AppendLinksError::Taken);
        }
        chain.extend(links);
        checkpoints.extend(checkpoint);
        if std::mem::take(&mut *self.fails_after_append.lock().unwrap()) {
            return Err(fault(StorageFault::UnknownOutcome).into());
        }
        Ok(())
    }

    async fn links(&self, _: i64, _: u32) -> Result<Vec<ChainedEvent>, StorageError> {
        unreachable!("a sequencer reads no links")
    }

    async fn checkpoints(&self, _: i64, _: u32) -> Result<Vec<Checkpoint>, StorageError> {
        unreachable!("a sequencer reads the last checkpoint")
    }

    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        Ok(self.checkpoints.lock().unwrap().last().cloned())
    }
}

fn sequencer_of(events: &Arc<Events>) -> Sequencer {
    Sequencer::new(&Ports { chain: events.clone(), ..World::new().ports })
}

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[tokio::test]
async fn events_get_dense_places_and_hashes_that_follow_from_one_another() {
    let world = World::new();
    for name in ["ann", "bob", "eve"] {
        world.users.create(&admin(), user().named(name).new_user()).await.unwrap();
    }
    let mut sequencer = Sequencer::new(&world.ports);
    let done = sequencer.step(Instant::now()).await.unwrap();
    assert_eq!((done.placed, done.checkpoint.map(|checkpoint| checkpoint.position)), (3, Some(3)));
    let mut hash = GENESIS;
    for (position, chained) in (1..).zip(world.storage.links(0, 10).await.unwrap()) {
        hash = hash_after(&hash, &canonical(&chained.event.unwrap()));
        assert_eq!((chained.link.position, chained.link.hash), (position, hash));
    }
}

#[tokio::test]
async fn whatever_gets_a_place_is_signed_at_once() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let mut sequencer = sequencer_of(&events);
    for step in 1..=3 {
        events.commit([2 * step - 1, 2 * step]);
        sequencer.step(start + milliseconds(250 * step.unsigned_abs())).await.unwrap();
    }
    assert_eq!(events.signed(), [2, 4, 6]);
    sequencer.step(start + milliseconds(9_000)).await.unwrap();
    assert_eq!(events.signed(), [2, 4, 6], "nothing follows");
}

#[tokio::test]
async fn a_chain_that_goes_on_behind_its_last_signature_is_not_vouched_for() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    events.commit([1, 2]);
    sequencer_of(&events).step(start).await.unwrap();
    let forged = ChainLink { position: 3, event_id: event(9).id, hash: GENESIS };
    events.append(&[forged], None).await.unwrap();
    events.commit([4]);
    let mut sequencer = sequencer_of(&events);
    for _ in 0..2 {
        let done = sequencer.step(start).await.unwrap();
        assert_eq!((done.unsigned, done.placed, done.has_more), (Some(3), 0, false));
    }
    assert_eq!(events.signed(), [2]);
}

#[tokio::test]
async fn a_checkpoint_names_the_one_before_it() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let mut sequencer = sequencer_of(&events);
    for second in 1..=3 {
        events.commit([second]);
        sequencer.step(start + milliseconds(1_000 * second.unsigned_abs())).await.unwrap();
    }
    for checkpoint in events.checkpoints.lock().unwrap().iter() {
        let Checkpoint { position, hash, recorded_at, key_id, signature } = checkpoint;
        let message = Checkpoint::message(position - 1, *position, hash, *recorded_at);
        assert!(PlainSigner::default().is_signed(key_id, &message, signature), "{position}");
    }
}

#[tokio::test]
async fn an_event_that_is_committed_late_gets_its_place_within_half_a_second() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let mut sequencer = sequencer_of(&events);
    events.commit([1]);
    sequencer.step(start).await.unwrap();
    // The sweep at the beginning is over.
    sequencer.step(start + milliseconds(100)).await.unwrap();
    events.commit([2, 3, 7]);
    sequencer.step(start + milliseconds(200)).await.unwrap();
    events.commit([5]);
    for later in [450, 700, 950] {
        sequencer.step(start + milliseconds(later)).await.unwrap();
    }
    assert_eq!(events.chained(), [1, 2, 3, 7, 5]);
}

#[tokio::test]
async fn what_was_committed_later_than_anybody_waits_is_found_within_the_hour() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let mut sequencer = sequencer_of(&events);
    events.commit([1, 3]);
    for second in 0..120 {
        sequencer.step(start + milliseconds(1_000 * second)).await.unwrap();
    }
    events.commit([2]);
    sequencer.step(start + milliseconds(121_000)).await.unwrap();
    assert_eq!(events.chained(), [1, 3]);
    sequencer.step(start + SWEEP_PACE).await.unwrap();
    assert_eq!(events.chained(), [1, 3, 2]);
}

#[tokio::test]
async fn whoever_takes_over_finds_what_was_left_however_long_ago() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    events.commit((1..=100_000).step_by(50));
    let mut first = sequencer_of(&events);
    first.step(start).await.unwrap();
    events.commit([2, 70_000]);
    let mut next = sequencer_of(&events);
    for step in 0..10 {
        next.step(start + milliseconds(250 * step)).await.unwrap();
    }
    assert_eq!(events.chained().len(), 2_002);
}

#[tokio::test]
async fn an_event_that_the_service_has_not_written_gets_no_place_and_is_told_of_once() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let mut sequencer = sequencer_of(&events);
    events.commit([1, 3]);
    events.forge(2);
    let told = sequencer.step(start).await.unwrap().forged;
    assert_eq!(told, [Uuid::from_u128(2)]);
    for hours in 1..3 {
        assert!(sequencer.step(start + SWEEP_PACE * hours).await.unwrap().forged.is_empty());
    }
    assert_eq!(events.chained(), [1, 3]);
}

#[tokio::test]
async fn many_forged_events_keep_no_genuine_one_from_its_place() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    for number in 1..=5_000 {
        events.forge(number);
    }
    events.commit([5_001]);
    let mut sequencer = sequencer_of(&events);
    for step in 0..5 {
        sequencer.step(start + milliseconds(250 * step)).await.unwrap();
    }
    assert_eq!(events.chained(), [5_001]);
}

#[tokio::test]
async fn where_another_has_gone_on_nothing_is_lost_and_nothing_has_two_places() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let (mut one, mut other) = (sequencer_of(&events), sequencer_of(&events));
    let mut taken = 0;
    for round in 0..40 {
        let now = start + milliseconds(250 * round);
        events.commit([1 + 2 * round.cast_signed(), 2 + 2 * round.cast_signed()]);
        let (first, second) = if round % 3 == 0 { (&mut one, &mut other) } else { (&mut other, &mut one) };
        taken += u32::from(first.step(now).await.unwrap().is_taken);
        taken += u32::from(second.step(now).await.unwrap().is_taken);
    }
    for later in 0..20 {
        one.step(start + milliseconds(20_000 + 250 * later)).await.unwrap();
    }
    let mut chained = events.chained();
    chained.sort_unstable();
    assert_eq!(chained, (1..=80).collect::<Vec<_>>());
    let positions: Vec<_> = events.links.lock().unwrap().iter().map(|link| link.position).collect();
    assert_eq!(positions, (1..=80).collect::<Vec<_>>());
    assert!(taken > 0, "they were in each other's way");
}

#[tokio::test]
async fn an_outcome_that_is_not_known_is_found_out() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let mut sequencer = sequencer_of(&events);
    events.commit([1]);
    sequencer.step(start).await.unwrap();
    events.commit([2]);
    *events.fails_after_append.lock().unwrap() = true;
    let error = sequencer.step(start + milliseconds(250)).await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::UnknownOutcome);
    events.commit([3]);
    for later in [500, 750] {
        sequencer.step(start + milliseconds(later)).await.unwrap();
    }
    assert_eq!(events.chained(), [1, 2, 3]);
}

#[tokio::test]
async fn where_there_is_nothing_to_do_it_looks_once() {
    let (events, start) = (Arc::new(Events::default()), Instant::now());
    let mut sequencer = sequencer_of(&events);
    events.commit([1]);
    for step in 0..10 {
        sequencer.step(start + milliseconds(250 * step)).await.unwrap();
    }
    *events.looks.lock().unwrap() = 0;
    sequencer.step(start + milliseconds(4_000)).await.unwrap();
    assert_eq!(*events.looks.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_pass_gives_places_to_more_than_one_page() {
    let world = World::new();
    let events = Arc::new(Events::default());
    events.commit(1..=5_000);
    world.clock.advance(TimeDelta::minutes(1));
    let mut sequencer = sequencer_of(&events);
    let start = Instant::now();
    while sequencer.step(start).await.unwrap().has_more {}
    assert_eq!(events.chained().len(), 5_000);
}
