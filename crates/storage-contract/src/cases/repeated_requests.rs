//! Requests that are carried out once, however often they are sent.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{KeptOutcome, Reservation, SaveUserError, StorageError};
use domain::values::{Digest, UserUuid};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, micros, new_digest};
use crate::unit::new_uuid;

cases![
    a_reservation_reads_back_with_every_value,
    a_reservation_is_there_at_the_commit_and_not_before,
    a_key_is_reserved_once,
    of_units_that_reserve_one_key_one_does,
    a_reservation_is_taken_over_by_whoever_knows_its_ticket,
    of_units_that_take_a_reservation_over_one_does,
    a_request_is_completed_once_and_by_its_own_ticket,
    of_one_who_completes_and_one_who_takes_over_one_succeeds,
    outcomes_read_back_by_part,
    with_a_lost_ticket_nothing_is_kept,
    after_completion_nothing_is_kept,
    what_was_kept_stays_when_a_reservation_is_taken_over,
    a_reservation_is_released_if_nothing_came_of_it,
    old_reservations_are_deleted_with_their_outcomes_and_no_others,
    at_most_so_many_reservations_are_deleted_at_once,
];

const ROUNDS: usize = 8;
const CONTENDERS: usize = 5;

/// A reservation of a key that nobody else has.
pub(super) fn reservation() -> Reservation {
    Reservation {
        key: new_digest(),
        fingerprint: new_digest(),
        ticket: new_uuid(),
        leased_until: NOW + TimeDelta::seconds(30),
        completed_at: None,
        created_at: NOW,
    }
}

/// What somebody puts in its place who tries after its end.
fn later(reservation: &Reservation) -> Reservation {
    let leased_until = reservation.leased_until + TimeDelta::seconds(30);
    Reservation { ticket: new_uuid(), leased_until, ..reservation.clone() }
}

pub(super) fn outcome(part: i32, subject: Option<UserUuid>, outcome: &str) -> KeptOutcome {
    KeptOutcome { part, subject, outcome: outcome.to_owned() }
}

async fn try_insert(db: &Db, reservation: &Reservation) -> Result<(), StorageError> {
    let mut unit = db.try_begin().await?;
    unit.idempotency().insert(reservation).await?;
    unit.try_commit().await
}

async fn try_take_over(db: &Db, ticket: Uuid, to: &Reservation) -> Result<bool, SaveUserError> {
    let mut unit = db.try_begin().await?;
    let has_taken = unit.idempotency().take_over(ticket, to).await?;
    unit.try_commit().await?;
    Ok(has_taken)
}

async fn try_complete(db: &Db, key: Digest, ticket: Uuid) -> Result<bool, SaveUserError> {
    let mut unit = db.try_begin().await?;
    let is_completed = unit.idempotency().complete(key, ticket, NOW + micros(1)).await?;
    unit.try_commit().await?;
    Ok(is_completed)
}

impl Db {
    /// Stores a reservation, and commits.
    pub(super) async fn reserve(&self, reservation: &Reservation) {
        try_insert(self, reservation).await.expect("nobody else has the key");
    }

    pub(super) async fn reservation(&self, key: Digest) -> Option<Reservation> {
        self.begin().await.idempotency().find(key).await.expect("a reservation can be found")
    }

    pub(super) async fn outcomes(&self, key: Digest) -> Vec<KeptOutcome> {
        self.begin().await.idempotency().outcomes(key).await.expect("outcomes can be read")
    }

    /// Keeps outcomes, each in a unit of its own; whether it did.
    pub(super) async fn keep(&self, key: Digest, ticket: Uuid, outcome: &KeptOutcome) -> bool {
        let mut unit = self.begin().await;
        let is_kept = unit.idempotency().keep(key, ticket, outcome).await.expect("an outcome can be kept");
        unit.commit().await;
        is_kept
    }

    async fn complete(&self, reservation: &Reservation) {
        let is_completed = try_complete(self, reservation.key, reservation.ticket).await;
        assert!(is_completed.expect("a request can be completed"));
    }

    async fn release(&self, key: Digest, ticket: Uuid) {
        let mut unit = self.begin().await;
        unit.idempotency().release(key, ticket).await.expect("a reservation can be released");
        unit.commit().await;
    }
}

async fn a_reservation_reads_back_with_every_value(db: Db) {
    let odd = Reservation {
        key: Digest::new([0; 32]),
        fingerprint: Digest::new([0xff; 32]),
        completed_at: Some(NOW + micros(2)),
        created_at: NOW - TimeDelta::days(1) + micros(1),
        ..reservation()
    };
    for reservation in [reservation(), odd] {
        assert_eq!(db.reservation(reservation.key).await, None);
        db.reserve(&reservation).await;
        assert_eq!(db.reservation(reservation.key).await, Some(reservation));
    }
}

async fn a_reservation_is_there_at_the_commit_and_not_before(db: Db) {
    let reservation = reservation();
    let kept = outcome(0, None, "sealed");
    let mut unit = db.begin().await;
    unit.idempotency().insert(&reservation).await.expect("nobody else has the key");
    assert!(unit.idempotency().keep(reservation.key, reservation.ticket, &kept).await.expect("it can be kept"));
    let found = unit.idempotency().find(reservation.key).await.expect("a reservation can be found");
    assert_eq!(found.as_ref(), Some(&reservation), "the unit sees its own");
    drop(unit);
    assert_eq!((db.reservation(reservation.key).await, db.outcomes(reservation.key).await), (None, vec![]));
}

async fn a_key_is_reserved_once(db: Db) {
    let first = reservation();
    db.reserve(&first).await;
    for second in [first.clone(), later(&first)] {
        let mut unit = db.begin().await;
        let inserted = unit.idempotency().insert(&second).await;
        assert!(inserted.is_err_and(|error| error.is_retryable()), "another unit will find the first");
        assert!(unit.try_commit().await.is_err());
    }
    assert_eq!(db.reservation(first.key).await, Some(first));
}

async fn of_units_that_reserve_one_key_one_does(db: Db) {
    /// What a use case does: looks, and reserves if nobody has; whether it did.
    async fn reserve(db: &Db, own: &Reservation) -> Result<bool, SaveUserError> {
        let mut unit = db.try_begin().await?;
        if unit.idempotency().find(own.key).await?.is_some() {
            return Ok(false);
        }
        unit.idempotency().insert(own).await?;
        unit.try_commit().await?;
        Ok(true)
    }
    for round in 0..ROUNDS {
        let first = reservation();
        let tasks = (0..CONTENDERS).map(|_| {
            let (db, own) = (db.clone(), later(&first));
            async move { settle(|| reserve(&db, &own)).await.expect("trying again helps").then_some(own) }
        });
        let reserved: Vec<_> = together(tasks.collect()).await.into_iter().flatten().collect();
        assert_eq!(reserved.len(), 1, "in round {round}: {reserved:?}");
        assert_eq!(db.reservation(first.key).await.as_ref(), reserved.first(), "in round {round}");
    }
}

async fn a_reservation_is_taken_over_by_whoever_knows_its_ticket(db: Db) {
    let (first, of_another) = (reservation(), reservation());
    db.reserve(&first).await;
    db.reserve(&of_another).await;
    let next = Reservation { fingerprint: new_digest(), created_at: NOW + micros(5), ..later(&first) };
    let take_over = async |ticket, to: &Reservation| try_take_over(&db, ticket, to).await.expect("it can be tried");
    assert!(!take_over(new_uuid(), &next).await && !take_over(of_another.ticket, &next).await);
    assert_eq!(db.reservation(first.key).await.as_ref(), Some(&first));
    assert!(take_over(first.ticket, &next).await);
    assert_eq!(db.reservation(first.key).await.as_ref(), Some(&next));
    assert!(!take_over(first.ticket, &later(&next)).await, "that ticket is lost");
    let unknown = reservation();
    assert!(!take_over(unknown.ticket, &unknown).await, "it was never reserved");
    assert_eq!(db.reservation(unknown.key).await, None);
    assert_eq!(db.reservation(of_another.key).await, Some(of_another));
    db.complete(&next).await;
    assert!(!take_over(next.ticket, &later(&next)).await, "it is completed");
}

async fn of_units_that_take_a_reservation_over_one_does(db: Db) {
    for round in 0..ROUNDS {
        let first = reservation();
        db.reserve(&first).await;
        let tasks =
            (0..CONTENDERS).map(|_| {
                let (db, ticket, next) = (db.clone(), first.ticket, later(&first));
                async move {
                    settle(|| try_take_over(&db, ticket, &next)).await.expect("trying again helps").then_some(next)
                }
            });
        let taken: Vec<_> = together(tasks.collect()).await.into_iter().flatten().collect();
        assert_eq!(taken.len(), 1, "in round {round}: {taken:?}");
        assert_eq!(db.reservation(first.key).await.as_ref(), taken.first(), "in round {round}");
    }
}

async fn a_request_is_completed_once_and_by_its_own_ticket(db: Db) {
    let (reserved, other) = (reservation(), reservation());
    db.reserve(&reserved).await;
    db.reserve(&other).await;
    let complete = async |ticket| try_complete(&db, reserved.key, ticket).await.expect("it can be tried");
    assert!(!complete(new_uuid()).await && !complete(other.ticket).await);
    assert_eq!(db.reservation(reserved.key).await.as_ref(), Some(&reserved));
    assert!(complete(reserved.ticket).await);
    let completed = Reservation { completed_at: Some(NOW + micros(1)), ..reserved.clone() };
    assert_eq!(db.reservation(reserved.key).await, Some(completed));
    assert!(!complete(reserved.ticket).await, "it is completed");
    assert_eq!(db.reservation(other.key).await, Some(other));
}

async fn of_one_who_completes_and_one_who_takes_over_one_succeeds(db: Db) {
    for round in 0..ROUNDS {
        let reserved = reservation();
        db.reserve(&reserved).await;
        let (completing, taking, next) = (db.clone(), db.clone(), later(&reserved));
        let (key, ticket) = (reserved.key, reserved.ticket);
        let tasks: Vec<BoxFuture<'static, Result<bool, SaveUserError>>> = vec![
            Box::pin(async move { settle(|| try_complete(&completing, key, ticket)).await }),
            Box::pin(async move { settle(|| try_take_over(&taking, ticket, &next)).await }),
        ];
        let succeeded = together(tasks).await.into_iter().filter(|ended| *ended.as_ref().expect("trying again helps"));
        assert_eq!(succeeded.count(), 1, "in round {round}");
    }
}

async fn outcomes_read_back_by_part(db: Db) {
    let (reserved, other) = (reservation(), reservation());
    db.reserve(&reserved).await;
    db.reserve(&other).await;
    let somebody = Some(UserUuid::new(new_uuid()));
    let all = [
        outcome(0, somebody, "s1.AAAA-_"),
        outcome(1, None, ""),
        outcome(2, somebody, &"sealed".repeat(20_000)),
        outcome(10, somebody, "ten"),
        outcome(999, None, "last"),
    ];
    for kept in [&all[3], &all[0], &all[4], &all[2], &all[1]] {
        assert!(db.keep(reserved.key, reserved.ticket, kept).await);
    }
    assert!(db.keep(other.key, other.ticket, &outcome(0, None, "other")).await);
    db.complete(&reserved).await;
    assert!(db.outcomes(reserved.key).await == all);
    assert_eq!(db.outcomes(other.key).await, [outcome(0, None, "other")]);
    assert_eq!(db.outcomes(new_digest()).await, []);
}

async fn with_a_lost_ticket_nothing_is_kept(db: Db) {
    let first = reservation();
    db.reserve(&first).await;
    let next = later(&first);
    assert!(try_take_over(&db, first.ticket, &next).await.expect("it can be tried"));
    assert!(!db.keep(first.key, first.ticket, &outcome(0, None, "lost")).await);
    assert!(!db.keep(first.key, new_uuid(), &outcome(0, None, "made up")).await);
    assert!(!db.keep(new_digest(), next.ticket, &outcome(0, None, "of another key")).await);
    assert_eq!(db.outcomes(first.key).await, []);
    assert!(db.keep(first.key, next.ticket, &outcome(0, None, "kept")).await);
    assert_eq!(db.outcomes(first.key).await, [outcome(0, None, "kept")]);
}

async fn after_completion_nothing_is_kept(db: Db) {
    let reserved = reservation();
    db.reserve(&reserved).await;
    assert!(db.keep(reserved.key, reserved.ticket, &outcome(0, None, "kept")).await);
    db.complete(&reserved).await;
    assert!(!db.keep(reserved.key, reserved.ticket, &outcome(1, None, "too late")).await);
    assert_eq!(db.outcomes(reserved.key).await, [outcome(0, None, "kept")]);
}

async fn what_was_kept_stays_when_a_reservation_is_taken_over(db: Db) {
    let first = reservation();
    db.reserve(&first).await;
    assert!(db.keep(first.key, first.ticket, &outcome(0, None, "first")).await);
    let next = later(&first);
    assert!(try_take_over(&db, first.ticket, &next).await.expect("it can be tried"));
    assert!(db.keep(first.key, next.ticket, &outcome(1, None, "second")).await);
    assert_eq!(db.outcomes(first.key).await, [outcome(0, None, "first"), outcome(1, None, "second")]);
}

async fn a_reservation_is_released_if_nothing_came_of_it(db: Db) {
    let (free, kept, completed) = (reservation(), reservation(), reservation());
    for reserved in [&free, &kept, &completed] {
        db.reserve(reserved).await;
    }
    assert!(db.keep(kept.key, kept.ticket, &outcome(3, None, "something")).await);
    db.complete(&completed).await;
    db.release(free.key, new_uuid()).await;
    assert_eq!(db.reservation(free.key).await.as_ref(), Some(&free), "that ticket is not its own");
    for reserved in [&free, &kept, &completed] {
        db.release(reserved.key, reserved.ticket).await;
    }
    assert_eq!(db.reservation(free.key).await, None);
    assert_eq!(db.reservation(kept.key).await.as_ref(), Some(&kept), "something came of it");
    assert_eq!(db.outcomes(kept.key).await.len(), 1);
    assert!(db.reservation(completed.key).await.is_some(), "it is completed");
    db.reserve(&later(&free)).await;
}

async fn clean_up(db: &Db, created_before: DateTime<Utc>, limit: u32) -> u64 {
    let mut unit = db.begin().await;
    let deleted = unit.idempotency().clean_up(created_before, limit).await.expect("reservations can be deleted");
    unit.commit().await;
    deleted
}

async fn old_reservations_are_deleted_with_their_outcomes_and_no_others(db: Db) {
    let made = |created_at| Reservation { created_at, ..reservation() };
    let (old, older, young) = (made(NOW - micros(1)), made(NOW - TimeDelta::days(1)), made(NOW));
    for reserved in [&old, &older, &young] {
        db.reserve(reserved).await;
        for part in 0..3 {
            assert!(db.keep(reserved.key, reserved.ticket, &outcome(part, None, "kept")).await);
        }
    }
    db.complete(&old).await;
    assert_eq!(clean_up(&db, NOW, 1_000).await, 2);
    assert_eq!(clean_up(&db, NOW, 1_000).await, 0);
    for gone in [&old, &older] {
        assert_eq!((db.reservation(gone.key).await, db.outcomes(gone.key).await), (None, vec![]));
    }
    assert_eq!((db.reservation(young.key).await, db.outcomes(young.key).await.len()), (Some(young), 3));
}

async fn at_most_so_many_reservations_are_deleted_at_once(db: Db) {
    for number in 0..5 {
        let reserved = Reservation { created_at: NOW - TimeDelta::days(number + 1), ..reservation() };
        db.reserve(&reserved).await;
        assert!(db.keep(reserved.key, reserved.ticket, &outcome(0, None, "kept")).await);
    }
    let mut deleted = Vec::new();
    for limit in [0, 2, 2, 2, 2] {
        deleted.push(clean_up(&db, NOW, limit).await);
    }
    assert_eq!(deleted, [0, 2, 2, 1, 0]);
}
