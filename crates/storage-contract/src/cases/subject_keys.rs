//! People's keys: each person has one, until they are erased.

use domain::ports::{SaveUserError, StorageError, WrappedKey};
use domain::values::UserUuid;
use uuid::Uuid;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::unit::new_uuid;

cases![
    a_key_reads_back_byte_by_byte,
    people_without_a_key_are_left_out,
    a_key_is_there_at_the_commit_and_not_before,
    any_number_of_keys_can_be_stored_at_once,
    nobody_gets_a_second_key,
    of_units_that_give_somebody_a_key_one_does,
    keys_that_are_wrapped_otherwise_are_found_in_order,
    a_key_is_wrapped_anew_where_it_is_still_the_same,
];

const ROUNDS: usize = 8;
const CONTENDERS: usize = 5;

type Key = (UserUuid, WrappedKey);

fn somebody() -> UserUuid {
    UserUuid::new(new_uuid())
}

/// Somebody whose uuid is not greater than those before.
fn anybody() -> UserUuid {
    UserUuid::new(Uuid::from_u128(new_uuid().as_u128().reverse_bits()))
}

fn wrapped(key_id: &str, bytes: &[u8]) -> WrappedKey {
    WrappedKey { key_id: key_id.to_owned(), bytes: bytes.to_vec() }
}

/// A key like no other.
pub(super) fn new_key(key_id: &str) -> WrappedKey {
    wrapped(key_id, new_uuid().as_bytes())
}

impl Db {
    /// Stores keys, and commits.
    pub(super) async fn keep_keys(&self, keys: &[Key]) {
        try_insert(self, keys).await.expect("nobody has a key yet");
    }

    /// The keys as a unit finds them and as readers do, who must agree.
    pub(super) async fn keys(&self, subjects: &[UserUuid]) -> Vec<Key> {
        let mut unit = self.begin().await;
        let mut found = unit.subject_keys().find(subjects).await.expect("keys can be found");
        let mut read = self.trail().subject_keys(subjects).await.expect("keys can be read");
        found.sort_by_key(|(subject, _)| *subject);
        read.sort_by_key(|(subject, _)| *subject);
        assert_eq!(found, read);
        found
    }
}

async fn try_insert(db: &Db, keys: &[Key]) -> Result<(), StorageError> {
    let mut unit = db.try_begin().await?;
    unit.subject_keys().insert(keys).await?;
    unit.try_commit().await
}

async fn a_key_reads_back_byte_by_byte(db: Db) {
    let longest: Vec<_> = (0..128).map(|byte| 0xff - byte * 2).collect();
    let keys = [
        (UserUuid::new(Uuid::nil()), wrapped("0123456789abcdef", &[0; 72])),
        (somebody(), wrapped(&"k".repeat(64), &longest)),
        (somebody(), wrapped("Key 'A' ", b"' ends \\ here \0 and not \xff")),
    ];
    db.keep_keys(&keys).await;
    let subjects = keys.clone().map(|(subject, _)| subject);
    assert_eq!(db.keys(&subjects).await, keys);
}

async fn people_without_a_key_are_left_out(db: Db) {
    let (ann, bob) = ((somebody(), new_key("a")), somebody());
    assert_eq!(db.keys(&[ann.0, bob]).await, []);
    db.keep_keys(&[ann.clone(), (somebody(), new_key("a"))]).await;
    assert_eq!(db.keys(&[bob, ann.0]).await, [ann]);
    assert_eq!(db.keys(&[]).await, []);
}

async fn a_key_is_there_at_the_commit_and_not_before(db: Db) {
    let keys = [(somebody(), new_key("a")), (somebody(), new_key("a"))];
    let subjects = keys.clone().map(|(subject, _)| subject);
    let read = async || db.trail().subject_keys(&subjects).await.expect("keys can be read");
    for is_kept in [false, true] {
        let mut unit = db.begin().await;
        unit.subject_keys().insert(&keys).await.expect("nobody has a key yet");
        let found = unit.subject_keys().find(&subjects).await.expect("keys can be found");
        assert_eq!((found.len(), read().await.len()), (2, 0), "the unit alone sees them");
        if is_kept {
            unit.commit().await;
        }
    }
    assert_eq!(db.keys(&subjects).await, keys);
}

async fn any_number_of_keys_can_be_stored_at_once(db: Db) {
    let mut keys: Vec<_> = (0..1_000).map(|_| (somebody(), new_key("a"))).collect();
    db.keep_keys(&keys).await;
    db.keep_keys(&[]).await;
    keys.sort_by_key(|(subject, _)| *subject);
    let subjects: Vec<_> = keys.iter().map(|(subject, _)| *subject).collect();
    assert!(db.keys(&subjects).await == keys);
}

async fn nobody_gets_a_second_key(db: Db) {
    let (ann, bob) = (somebody(), somebody());
    let first = new_key("a");
    db.keep_keys(&[(ann, first.clone())]).await;
    for second in [first.clone(), new_key("a")] {
        let mut unit = db.begin().await;
        let inserted = unit.subject_keys().insert(&[(bob, new_key("a")), (ann, second)]).await;
        assert!(inserted.is_err_and(|error| error.is_retryable()), "another unit will find the key");
        assert!(unit.try_commit().await.is_err());
    }
    assert_eq!(db.keys(&[ann, bob]).await, [(ann, first)]);
}

async fn of_units_that_give_somebody_a_key_one_does(db: Db) {
    /// What every use case does: looks, and makes a key if there is none.
    async fn get_or_make(db: &Db, subject: UserUuid) -> Result<WrappedKey, SaveUserError> {
        let mut unit = db.try_begin().await?;
        if let Some((_, key)) = unit.subject_keys().find(&[subject]).await?.pop() {
            return Ok(key);
        }
        let key = new_key("a");
        unit.subject_keys().insert(&[(subject, key.clone())]).await?;
        unit.try_commit().await?;
        Ok(key)
    }
    for round in 0..ROUNDS {
        let ann = somebody();
        let tasks = (0..CONTENDERS).map(|_| {
            let db = db.clone();
            async move { settle(|| get_or_make(&db, ann)).await.expect("trying again helps") }
        });
        let made = together(tasks.collect()).await;
        let kept = db.keys(&[ann]).await;
        assert_eq!(kept.len(), 1);
        assert!(made.iter().all(|key| *key == kept[0].1), "in round {round}: {made:?}");
    }
}

async fn keys_that_are_wrapped_otherwise_are_found_in_order(db: Db) {
    let key_ids = ["old", "new", "older", "Old", "old", "new", "older"];
    let mut keys: Vec<_> = key_ids.iter().map(|key_id| (anybody(), new_key(key_id))).collect();
    db.keep_keys(&keys).await;
    keys.sort_by_key(|(subject, _)| *subject);
    for current in ["old", "new", "none"] {
        let otherwise: Vec<_> = keys.iter().filter(|(_, key)| key.key_id != current).cloned().collect();
        for limit in [1, 2, 10] {
            let (mut walked, mut last) = (Vec::new(), None);
            while walked.len() <= keys.len() {
                let mut unit = db.begin().await;
                let page = unit.subject_keys().find_wrapped_otherwise(current, last, limit).await;
                let page = page.expect("keys can be found");
                assert!(page.len() <= limit as usize);
                let Some((subject, _)) = page.last() else { break };
                last = Some(*subject);
                walked.extend(page);
            }
            assert_eq!(walked, otherwise, "other than {current}");
        }
    }
}

async fn a_key_is_wrapped_anew_where_it_is_still_the_same(db: Db) {
    let (ann, bob) = (somebody(), somebody());
    let (from, of_bob, to) = (new_key("old"), new_key("old"), new_key("new"));
    db.keep_keys(&[(ann, from.clone()), (bob, of_bob.clone())]).await;
    let rewrap = async |from: &WrappedKey| {
        let mut unit = db.begin().await;
        unit.subject_keys().rewrap(ann, from, &to).await.expect("a key can be wrapped anew");
        unit.subject_keys().rewrap(somebody(), from, &to).await.expect("nobody has that key");
        unit.commit().await;
        db.keys(&[ann]).await.pop().map(|(_, key)| key)
    };
    let other_bytes = new_key("old");
    let other_name = WrappedKey { key_id: "older".to_owned(), ..from.clone() };
    for not_stored in [&other_bytes, &other_name, &to] {
        assert_eq!(rewrap(not_stored).await.as_ref(), Some(&from), "it is another one by now");
    }
    assert_eq!(rewrap(&from).await.as_ref(), Some(&to));
    assert_eq!(db.keys(&[bob]).await, [(bob, of_bob)]);
}
