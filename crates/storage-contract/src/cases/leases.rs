//! Leases: one process at a time, and who takes over.

use domain::ports::{Lease, StorageError};
use uuid::Uuid;

use crate::case::cases;
use crate::db::{Db, together};
use crate::unit::new_uuid;

cases![
    a_lease_that_nobody_took_is_nobodys,
    whoever_takes_a_lease_holds_it,
    a_lease_that_is_held_cannot_be_taken_unseen,
    a_lease_can_be_taken_over_as_it_was_seen_and_not_as_it_was_before,
    renewing_shows_that_the_holder_works,
    a_lease_that_was_lost_is_neither_renewed_nor_given_back,
    a_lease_that_is_given_back_can_be_taken,
    a_lease_that_was_given_back_never_looks_as_it_did_before,
    leases_of_several_names_are_held_apart,
    of_processes_that_take_a_free_lease_one_does,
    of_processes_that_take_over_a_lease_one_does,
    who_renews_and_who_takes_over_at_once_are_not_both_the_holder,
];

const ROUNDS: usize = 12;
const CONTENDERS: usize = 5;
const NAME: &str = "sequencer";

/// Somebody else's turn to win costs a try, nothing more.
async fn patiently<T, F>(mut attempt: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, StorageError>>,
{
    for _ in 0..200 {
        match attempt().await {
            Err(error) if error.is_retryable() => {}
            settled => return settled.expect("leases can be kept"),
        }
    }
    panic!("it is never anybody's turn")
}

impl Db {
    async fn lease(&self, name: &str) -> Option<Lease> {
        self.leases().find(name).await.expect("a lease can be read")
    }

    async fn take(&self, name: &str, seen: Option<&Lease>, owner: Uuid) -> Option<Lease> {
        let leases = self.leases();
        patiently(|| leases.take(name, seen.cloned(), owner)).await
    }

    async fn renew(&self, lease: &Lease) -> Option<Lease> {
        let leases = self.leases();
        patiently(|| leases.renew(lease)).await
    }

    async fn give_back(&self, lease: &Lease) {
        let leases = self.leases();
        patiently(|| leases.release(lease)).await;
    }

    /// Takes a lease that nobody stands in the way of.
    async fn hold(&self, name: &str) -> Lease {
        let seen = self.lease(name).await;
        self.take(name, seen.as_ref(), new_uuid()).await.expect("nobody else is there")
    }
}

async fn a_lease_that_nobody_took_is_nobodys(db: Db) {
    assert_eq!(db.lease(NAME).await, None);
    let made_up = Lease { name: NAME.to_owned(), owner: new_uuid(), term: 1 };
    assert_eq!(db.renew(&made_up).await, None);
    assert_eq!(db.take(NAME, Some(&made_up), new_uuid()).await, None, "it is not as it was seen");
    db.give_back(&made_up).await;
    assert_eq!(db.lease(NAME).await, None);
}

async fn whoever_takes_a_lease_holds_it(db: Db) {
    for name in [NAME, "0123456789abcdef0123456789abcdef"] {
        let owner = new_uuid();
        let lease = db.take(name, None, owner).await.expect("nobody holds it");
        assert_eq!((lease.name.as_str(), lease.owner), (name, owner));
        assert_eq!(db.lease(name).await, Some(lease));
    }
}

async fn a_lease_that_is_held_cannot_be_taken_unseen(db: Db) {
    let held = db.hold(NAME).await;
    assert_eq!(db.take(NAME, None, new_uuid()).await, None);
    assert_eq!(db.take(NAME, None, held.owner).await, None, "not even by the holder");
    assert_eq!(db.lease(NAME).await, Some(held));
}

async fn a_lease_can_be_taken_over_as_it_was_seen_and_not_as_it_was_before(db: Db) {
    let first = db.hold(NAME).await;
    let renewed = db.renew(&first).await.expect("it is still held");
    let of_another = Lease { owner: new_uuid(), ..renewed.clone() };
    for not_it in [&first, &of_another] {
        assert_eq!(db.take(NAME, Some(not_it), new_uuid()).await, None, "it was renewed since");
    }
    let owner = new_uuid();
    let taken = db.take(NAME, Some(&renewed), owner).await.expect("it is as it was seen");
    assert_eq!((taken.owner, taken.term > renewed.term), (owner, true));
    assert_eq!(db.lease(NAME).await, Some(taken));
    assert_eq!(db.take(NAME, Some(&renewed), new_uuid()).await, None, "somebody was faster");
}

async fn renewing_shows_that_the_holder_works(db: Db) {
    let mut lease = db.hold(NAME).await;
    for _ in 0..3 {
        let renewed = db.renew(&lease).await.expect("it is still held");
        assert_eq!((&renewed.name, renewed.owner), (&lease.name, lease.owner));
        assert!(renewed.term > lease.term, "{renewed:?}");
        assert_eq!(db.lease(NAME).await.as_ref(), Some(&renewed));
        assert_eq!(db.renew(&lease).await, None, "it was renewed since");
        lease = renewed;
    }
}

async fn a_lease_that_was_lost_is_neither_renewed_nor_given_back(db: Db) {
    let lost = db.hold(NAME).await;
    let held = db.hold(NAME).await;
    assert_eq!(db.renew(&lost).await, None);
    db.give_back(&lost).await;
    assert_eq!(db.lease(NAME).await, Some(held.clone()));
    assert!(db.renew(&held).await.is_some());
}

async fn a_lease_that_is_given_back_can_be_taken(db: Db) {
    let first = db.hold(NAME).await;
    let renewed = db.renew(&first).await.expect("it is still held");
    db.give_back(&first).await;
    assert_eq!(db.lease(NAME).await.as_ref(), Some(&renewed), "it was renewed since");
    db.give_back(&renewed).await;
    assert_eq!(db.lease(NAME).await, None);
    assert_eq!(db.renew(&renewed).await, None);
    assert_eq!(db.take(NAME, Some(&renewed), new_uuid()).await, None, "it is not as it was seen");
    let taken = db.take(NAME, None, new_uuid()).await.expect("nobody holds it");
    assert_eq!(db.lease(NAME).await, Some(taken));
}

async fn a_lease_that_was_given_back_never_looks_as_it_did_before(db: Db) {
    let owner = new_uuid();
    let mut last = 0;
    for _ in 0..3 {
        let lease = db.take(NAME, None, owner).await.expect("nobody holds it");
        assert!(lease.term > last, "who saw term {last} would take {lease:?} for a lease that nobody renews");
        last = lease.term;
        db.give_back(&lease).await;
    }
}

async fn leases_of_several_names_are_held_apart(db: Db) {
    let (one, other) = (db.hold("purge").await, db.hold("sequencer").await);
    let one = db.renew(&one).await.expect("it is still held");
    db.give_back(&other).await;
    assert_eq!(db.lease("purge").await, Some(one));
    assert_eq!((db.lease("sequencer").await, db.lease("Purge").await), (None, None));
}

/// Who has the lease after all of these have tried to take it as it was seen.
async fn assert_one_takes(db: &Db, name: &str, seen: Option<&Lease>) {
    let tasks = (0..CONTENDERS).map(|_| {
        let (db, name, seen) = (db.clone(), name.to_owned(), seen.cloned());
        async move { db.take(&name, seen.as_ref(), new_uuid()).await }
    });
    let taken: Vec<_> = together(tasks.collect()).await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(db.lease(name).await.as_ref(), taken.first());
}

async fn of_processes_that_take_a_free_lease_one_does(db: Db) {
    for round in 0..ROUNDS {
        assert_one_takes(&db, &format!("lease {round}"), None).await;
    }
    for _ in 0..ROUNDS {
        db.give_back(&db.hold(NAME).await).await;
        assert_one_takes(&db, NAME, None).await;
    }
}

async fn of_processes_that_take_over_a_lease_one_does(db: Db) {
    for _ in 0..ROUNDS {
        let held = db.hold(NAME).await;
        assert_one_takes(&db, NAME, Some(&held)).await;
    }
}

async fn who_renews_and_who_takes_over_at_once_are_not_both_the_holder(db: Db) {
    for round in 0..ROUNDS {
        let held = db.hold(NAME).await;
        let tasks = (0..CONTENDERS).map(|number| {
            let (db, held) = (db.clone(), held.clone());
            async move {
                if number == 0 { db.renew(&held).await } else { db.take(NAME, Some(&held), new_uuid()).await }
            }
        });
        let holders: Vec<_> = together(tasks.collect()).await.into_iter().flatten().collect();
        assert_eq!(holders.len(), 1, "in round {round}: {holders:?}");
        assert_eq!(db.lease(NAME).await.as_ref(), holders.first(), "in round {round}");
    }
}
