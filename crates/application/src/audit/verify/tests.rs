//! Every way to tamper with a trail, and what is found.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::audit::{ChainLink, NumberedEvent};
use domain::ports::{AppendLinksError, AuditChain};
use domain::values::{Digest, Role};
use testkit::{PlainSigner, user};

use super::*;
use crate::audit::{ChainExport, ExportFormat, FileCheck, FileFlaw, hash_after};
use crate::fixture::{World, admin, fault, somebody};

/// A stored trail that anybody may change.
#[derive(Default, Clone)]
struct Stored {
    links: Vec<ChainedEvent>,
    checkpoints: Vec<Checkpoint>,
    unplaced: Vec<NumberedEvent>,
    unreadable: Option<i64>,
}

struct Shown(Mutex<Stored>);

#[async_trait]
impl AuditChain for Shown {
    async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
        Ok(self.0.lock().unwrap().links.last().map(|chained| chained.link))
    }

    async fn last_sequenced(&self) -> Result<i64, StorageError> {
        unreachable!("verification gives no places")
    }

    async fn unsequenced(&self, after: i64, _: Option<i64>, limit: u32) -> Result<Vec<NumberedEvent>, StorageError> {
        let mut unplaced = self.0.lock().unwrap().unplaced.clone();
        unplaced.retain(|event| event.number > after);
        unplaced.truncate(limit as usize);
        Ok(unplaced)
    }

    async fn append(&self, _: &[ChainLink], _: Option<Checkpoint>) -> Result<(), AppendLinksError> {
        unreachable!("verification gives no places")
    }

    async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError> {
        let stored = self.0.lock().unwrap();
        let links = stored.links.iter().filter(|chained| chained.link.position > after).take(limit as usize);
        let links: Vec<_> = links.cloned().collect();
        let is_unreadable = links.iter().any(|chained| Some(chained.link.position) == stored.unreadable);
        if is_unreadable { Err(fault(StorageFault::Failed)) } else { Ok(links) }
    }

    async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError> {
        let stored = self.0.lock().unwrap();
        let checkpoints = stored.checkpoints.iter().filter(|checkpoint| checkpoint.position > after);
        Ok(checkpoints.take(limit as usize).cloned().collect())
    }

    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        Ok(self.0.lock().unwrap().checkpoints.last().cloned())
    }
}

/// Twelve events, signed at 3, 6, 9 and 12.
async fn world() -> (World, Stored) {
    let world = World::new();
    let (mut sequencer, start) = (Sequencer::new(&world.ports), Instant::now());
    for second in 0..4 {
        for number in 0..3 {
            let name = format!("user{}", 3 * second + number);
            world.users.create(&admin(), user().named(&name).new_user()).await.unwrap();
        }
        sequencer.step(start + Duration::from_secs(second)).await.unwrap();
    }
    let stored = Stored {
        links: world.storage.links(0, 100).await.unwrap(),
        checkpoints: world.storage.checkpoints(0, 100).await.unwrap(),
        ..Stored::default()
    };
    assert_eq!((stored.links.len(), stored.checkpoints.len()), (12, 4));
    (world, stored)
}

async fn verified(world: &World, stored: Stored, range: PositionRange) -> VerifiedTrail {
    let ports = Ports { chain: Arc::new(Shown(Mutex::new(stored))), ..world.ports.clone() };
    verify(&ports, range, &mut |_, _| {}).await.unwrap()
}

/// Where and what is wrong after somebody did this.
async fn tampered(tamper: impl FnOnce(&mut Stored)) -> (i64, Flaw) {
    let (world, mut stored) = world().await;
    tamper(&mut stored);
    let found = verified(&world, stored, PositionRange::ALL).await;
    assert!(!found.is_ok());
    let wrong = found.chain.unwrap_err();
    (wrong.position, wrong.flaw)
}

fn event(stored: &mut Stored, position: usize) -> &mut SealedEvent {
    stored.links[position - 1].event.as_mut().unwrap()
}

/// As somebody does who can count but has no key.
fn rehash(stored: &mut Stored) {
    let mut hash = domain::audit::GENESIS;
    for (position, chained) in (1..).zip(&mut stored.links) {
        hash = hash_after(&hash, &canonical(chained.event.as_ref().unwrap()));
        (chained.link.position, chained.link.hash) = (position, hash);
    }
}

#[tokio::test]
async fn what_nobody_touched_is_in_order() {
    let (world, stored) = world().await;
    let hash = stored.links.last().unwrap().link.hash;
    let mut told = Vec::new();
    let trail = Trail::new(&world.users);
    let found = trail.verify(&admin(), PositionRange::ALL, &mut |done, of| told.push((done, of))).await.unwrap();
    assert_eq!(found.chain, Ok(Verified { first: 1, last: 12, hash, checkpoints: 4, signed_to: Some(12) }));
    assert!(found.is_ok());
    assert_eq!(told.last(), Some(&(12, 12)));
}

#[tokio::test]
async fn an_empty_trail_is_in_order() {
    let found = verified(&World::new(), Stored::default(), PositionRange::ALL).await;
    assert_eq!(found.chain.map(|verified| (verified.events(), verified.signed_to)), Ok((0, None)));
}

#[tokio::test]
async fn a_part_is_verified_up_to_the_checkpoint_behind_it() {
    let (world, stored) = world().await;
    let parts = [
        ((Some(5), Some(7)), (5, 9, 2)),
        ((Some(5), None), (5, 12, 3)),
        ((None, Some(3)), (1, 3, 1)),
        ((Some(40), None), (13, 12, 0)),
    ];
    for ((first, last), expected) in parts {
        let found = verified(&world, stored.clone(), PositionRange::new(first, last).unwrap()).await;
        let part = found.chain.map(|part| (part.first, part.last, part.checkpoints));
        assert_eq!(part, Ok(expected), "{first:?} to {last:?}");
    }
}

#[tokio::test]
async fn a_changed_event_is_named() {
    let action = tampered(|stored| event(stored, 5).action = "user.deleted".into()).await;
    assert_eq!(action, (5, Flaw::Changed));
    let code = tampered(|stored| event(stored, 5).mac = Digest::new([1; 32])).await;
    assert_eq!(code, (5, Flaw::NotAuthentic));
}

#[tokio::test]
async fn the_first_of_several_changes_is_named() {
    let first = tampered(|stored| {
        event(stored, 11).fields.push('x');
        event(stored, 4).fields.push('x');
    });
    assert_eq!(first.await, (4, Flaw::Changed));
}

#[tokio::test]
async fn a_changed_link_is_named() {
    let hash = tampered(|stored| stored.links[4].link.hash = Digest::new([1; 32])).await;
    assert_eq!(hash, (5, Flaw::Reordered));
}

#[tokio::test]
async fn an_event_that_was_taken_away_is_named() {
    assert_eq!(tampered(|stored| stored.links[4].event = None).await, (5, Flaw::EventMissing));
}

#[tokio::test]
async fn a_link_that_was_taken_away_is_named() {
    assert_eq!(tampered(|stored| drop(stored.links.remove(4))).await, (5, Flaw::PositionMissing));
    assert_eq!(tampered(|stored| drop(stored.links.remove(0))).await, (1, Flaw::PositionMissing));
}

#[tokio::test]
async fn a_chain_that_was_cut_is_found_where_it_was_signed_beyond() {
    assert_eq!(tampered(|stored| stored.links.truncate(10)).await, (11, Flaw::Cut));
    assert_eq!(tampered(|stored| stored.links.clear()).await, (1, Flaw::Cut));
}

#[tokio::test]
async fn events_that_changed_places_are_named() {
    let swapped = tampered(|stored| {
        let other = event(stored, 7).clone();
        let one = std::mem::replace(event(stored, 5), other);
        *event(stored, 7) = one;
    });
    assert_eq!(swapped.await, (5, Flaw::Reordered));
}

#[tokio::test]
async fn a_link_that_was_put_in_is_named() {
    let (_, mut forged) = world().await;
    event(&mut forged, 12).action = "user.forged".into();
    let link = forged.links.pop().unwrap();
    let end = tampered(|stored| {
        let link = ChainLink { position: 13, ..link.link };
        stored.links.push(ChainedEvent { link, event: forged.links.pop().unwrap().event });
    });
    assert_eq!(end.await.0, 13);
    let before = tampered(|stored| {
        let link = ChainLink { position: -1, ..stored.links[0].link };
        stored.links.insert(0, ChainedEvent { link, event: stored.links[0].event.clone() });
    });
    assert_eq!(before.await, (-1, Flaw::NotAuthentic), "where no process would look for it");
}

#[tokio::test]
async fn a_chain_that_was_written_anew_is_named() {
    let changed = tampered(|stored| {
        event(stored, 5).fields.push('x');
        rehash(stored);
    });
    assert_eq!(changed.await, (5, Flaw::NotAuthentic));
    let shortened = tampered(|stored| {
        stored.links.remove(4);
        rehash(stored);
    });
    assert_eq!(shortened.await, (6, Flaw::SignedOtherwise), "no event is changed, so the signature tells");
}

#[tokio::test]
async fn a_checkpoint_that_was_changed_or_put_in_is_named() {
    let flaw = Flaw::WrongSignature;
    assert_eq!(tampered(|stored| stored.checkpoints[1].signature[0] ^= 1).await, (6, flaw));
    assert_eq!(tampered(|stored| stored.checkpoints[1].hash = Digest::new([1; 32])).await, (6, flaw));
    assert_eq!(tampered(|stored| stored.checkpoints[1].position = 5).await, (5, flaw));
    assert_eq!(tampered(|stored| stored.checkpoints[1].key_id.push('0')).await, (6, flaw));
    let later = tampered(|stored| stored.checkpoints[1].recorded_at += TimeDelta::microseconds(1));
    assert_eq!(later.await, (6, flaw));
    let beyond = tampered(|stored| {
        let forged = Checkpoint { position: i64::MAX, ..stored.checkpoints[0].clone() };
        stored.checkpoints.push(forged);
    });
    assert_eq!(beyond.await, (i64::MAX, flaw));
}

#[tokio::test]
async fn a_checkpoint_that_was_taken_away_from_before_another_is_found() {
    for (gone, found) in [(0, 6), (1, 9), (2, 12)] {
        let removed = tampered(|stored| drop(stored.checkpoints.remove(gone)));
        assert_eq!(removed.await, (found, Flaw::WrongSignature));
    }
}

#[tokio::test]
async fn what_nobody_has_signed_was_written_by_hand() {
    let (world, mut stored) = world().await;
    stored.checkpoints.pop();
    let found = verified(&world, stored.clone(), PositionRange::ALL).await.chain.unwrap_err();
    assert_eq!((found.position, found.flaw), (10, Flaw::Unsigned));
    // One event less behind it, and everything counted anew.
    stored.links.remove(10);
    rehash(&mut stored);
    let found = verified(&world, stored.clone(), PositionRange::ALL).await.chain.unwrap_err();
    assert_eq!((found.position, found.flaw), (10, Flaw::Unsigned));
    stored.links.truncate(9);
    let cut = verified(&world, stored, PositionRange::ALL).await.chain.unwrap();
    assert_eq!((cut.last, cut.signed_to), (9, Some(9)), "only an outside copy shows that there was more");
}

/// Knows the signatures of the key before, but not its codes.
struct Later;
impl AuditSigner for Later {
    fn authenticate(&self, _: &[u8]) -> Digest {
        Digest::new([0; 32])
    }
    fn is_authentic(&self, _: &[u8], _: &Digest) -> bool {
        false
    }
    fn sign(&self, _: &[u8]) -> [u8; 64] {
        [0; 64]
    }
    fn is_signed(&self, key_id: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        PlainSigner::default().is_signed(key_id, message, signature)
    }
    fn key_id(&self) -> String {
        "later".to_owned()
    }
    fn public_key(&self) -> [u8; 32] {
        [0; 32]
    }
}

#[tokio::test]
async fn events_of_an_earlier_key_are_vouched_for_by_its_signatures() {
    let (world, stored) = world().await;
    let later = Ports { audit_signer: Arc::new(Later), ..world.ports.clone() };
    let world = World { ports: later, ..world };
    assert!(verified(&world, stored.clone(), PositionRange::ALL).await.is_ok());
    let mut unsigned = stored;
    unsigned.checkpoints.pop();
    let found = verified(&world, unsigned, PositionRange::ALL).await.chain.unwrap_err();
    assert_eq!((found.position, found.flaw), (10, Flaw::NotAuthentic));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let unreadable = tampered(|stored| stored.unreadable = Some(5)).await;
    assert_eq!(unreadable, (5, Flaw::Unreadable));
    let changed_before = tampered(|stored| {
        stored.unreadable = Some(5);
        event(stored, 2).fields.push('x');
    });
    assert_eq!(changed_before.await, (2, Flaw::Changed));
}

#[tokio::test]
async fn an_event_that_was_put_in_by_hand_is_named_and_one_that_waits_is_counted() {
    let (world, mut stored) = world().await;
    let genuine = stored.links.pop().unwrap().event.unwrap();
    stored.checkpoints.pop();
    stored.links.truncate(9);
    let forged = SealedEvent { id: Uuid::from_u128(99), ..genuine.clone() };
    stored.unplaced =
        vec![NumberedEvent { number: 20, event: forged }, NumberedEvent { number: 21, event: genuine.clone() }];
    let young = verified(&world, stored.clone(), PositionRange::ALL).await;
    assert_eq!((young.strays.forged.clone(), young.strays.waiting), (vec![Uuid::from_u128(99)], 0));
    assert!(young.chain.is_ok() && !young.is_ok());
    world.clock.advance(TimeDelta::seconds(61));
    let old = verified(&world, stored.clone(), PositionRange::ALL).await;
    assert_eq!((old.strays.waiting, old.strays.oldest_waiting), (1, Some(genuine.recorded_at)));
    stored.unplaced.remove(0);
    assert!(verified(&world, stored, PositionRange::ALL).await.is_ok(), "to wait is no tampering");
}

#[tokio::test]
async fn only_those_who_may_read_the_trail_verify_it() {
    let (world, _) = world().await;
    let trail = Trail::new(&world.users);
    for role in [Role::User, Role::Moderator] {
        let refused = trail.verify(&somebody(role), PositionRange::ALL, &mut |_, _| {}).await;
        assert!(matches!(refused, Err(VerifyTrailError::Forbidden)), "{role}");
    }
}

async fn exported(world: &World, stored: &Stored, range: PositionRange) -> String {
    let ports = Ports { chain: Arc::new(Shown(Mutex::new(stored.clone()))), ..world.ports.clone() };
    let mut export = ChainExport::begin(&ports, range, ExportFormat::Ndjson).await.unwrap();
    let mut text = String::new();
    while let Some(part) = export.part().await.unwrap() {
        text.push_str(&part);
    }
    text
}

fn check(text: &str) -> Result<Option<Verified>, FileFlaw> {
    let mut check = FileCheck::new(signatures_of(Arc::new(PlainSigner::default())));
    for line in text.lines() {
        check.line(line.as_bytes())?;
    }
    Ok(check.finish())
}

#[tokio::test]
async fn an_exported_file_verifies_without_the_database() {
    let (world, stored) = world().await;
    let whole = check(&exported(&world, &stored, PositionRange::ALL).await).unwrap().unwrap();
    assert_eq!((whole.first, whole.last, whole.checkpoints, whole.signed_to), (1, 12, 4, Some(12)));
    let part = exported(&world, &stored, PositionRange::new(Some(8), Some(10)).unwrap()).await;
    let part = check(&part).unwrap().unwrap();
    assert_eq!((part.first, part.last, part.checkpoints, part.signed_to), (8, 12, 2, Some(12)));
}

#[tokio::test]
async fn a_file_that_was_changed_does_not_verify() {
    let (world, stored) = world().await;
    let text = exported(&world, &stored, PositionRange::ALL).await;
    let lines: Vec<_> = text.lines().collect();
    let without = |gone: usize| {
        let left = lines.iter().enumerate().filter(|(index, _)| *index != gone);
        check(&left.map(|(_, line)| *line).collect::<Vec<_>>().join("\n"))
    };
    // Three events and a checkpoint, four times.
    let wrong = |position, flaw| Err(FileFlaw::Wrong(Wrong { position, flaw, event: None }));
    assert_eq!(without(4), wrong(4, Flaw::PositionMissing));
    assert_eq!(without(7), wrong(9, Flaw::WrongSignature));
    let changed = text.replacen(r#"\"action\":\"user.created\""#, r#"\"action\":\"user.deleted\""#, 1);
    assert_ne!(changed, text);
    assert_eq!(check(&changed), wrong(1, Flaw::Changed));
    assert_eq!(check(&format!("{text}nonsense")), Err(FileFlaw::NotALine));
    let lying = r#"{"start":{"position":0,"hash":"HASH","checkpoints":[3]}}"#.replace("HASH", &"00".repeat(32));
    assert_eq!(check(&format!("{lying}\n{text}")), Err(FileFlaw::NotALine), "a start claims nothing behind it");
    assert_eq!(check(""), Ok(None));
}
