//! Which keys the contents were made with.

use domain::ports::SaveUserError;
use domain::values::Digest;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, new_digest};

cases![
    no_fingerprint_is_there_before_one_is_kept,
    a_fingerprint_reads_back_byte_by_byte,
    a_fingerprint_is_kept_once_and_no_other_is_kept_after_it,
    a_fingerprint_is_replaced_by_whoever_knows_it,
    of_processes_that_replace_one_fingerprint_all_hear_of_one,
    fingerprints_of_several_keys_are_kept_apart,
    of_processes_that_keep_different_fingerprints_all_hear_of_one,
];

const ROUNDS: usize = 8;
const CONTENDERS: usize = 6;

async fn keep(db: &Db, key: &str, fingerprint: Digest) -> Digest {
    db.fingerprints().keep(key, fingerprint, NOW).await.expect("a fingerprint can be kept")
}

async fn replace(db: &Db, key: &str, from: Digest, to: Digest) -> Option<Digest> {
    db.fingerprints().replace(key, from, to, NOW).await.expect("a fingerprint can be replaced")
}

async fn kept(db: &Db, key: &str) -> Option<Digest> {
    db.fingerprints().kept(key).await.expect("a fingerprint can be read")
}

async fn no_fingerprint_is_there_before_one_is_kept(db: Db) {
    assert_eq!(kept(&db, "a").await, None);
}

async fn a_fingerprint_reads_back_byte_by_byte(db: Db) {
    let odd = std::array::from_fn(|index| if index % 2 == 0 { 0x00 } else { 0xff });
    for (key, bytes) in [("zeros", [0; 32]), ("ones", [0xff; 32]), ("blanks", [b' '; 32]), ("odd", odd)] {
        let fingerprint = Digest::new(bytes);
        assert_eq!(keep(&db, key, fingerprint).await, fingerprint);
        assert_eq!(kept(&db, key).await, Some(fingerprint), "of {key}");
    }
}

async fn a_fingerprint_is_kept_once_and_no_other_is_kept_after_it(db: Db) {
    let (first, other) = (new_digest(), new_digest());
    assert_eq!(keep(&db, "a", first).await, first);
    assert_eq!(keep(&db, "a", other).await, first, "the first one stays");
    assert_eq!(kept(&db, "a").await, Some(first));
    assert_eq!(keep(&db, "a", first).await, first);
}

async fn a_fingerprint_is_replaced_by_whoever_knows_it(db: Db) {
    let [first, second, third] = [new_digest(), new_digest(), new_digest()];
    assert_eq!(replace(&db, "a", first, second).await, None, "nothing is there to be replaced");
    assert_eq!(kept(&db, "a").await, None);

    for key in ["a", "b"] {
        keep(&db, key, first).await;
    }
    assert_eq!(replace(&db, "a", third, second).await, Some(first), "another one is there");
    assert_eq!(replace(&db, "a", first, second).await, Some(second));
    assert_eq!(replace(&db, "a", first, third).await, Some(second), "it was replaced before");
    assert_eq!((kept(&db, "a").await, kept(&db, "b").await), (Some(second), Some(first)));
    assert_eq!(keep(&db, "a", first).await, second);
}

async fn of_processes_that_replace_one_fingerprint_all_hear_of_one(db: Db) {
    for round in 0..ROUNDS {
        let (key, first) = (format!("key {round}"), new_digest());
        keep(&db, &key, first).await;
        let tasks = (0..CONTENDERS).map(|_| {
            let (db, key, own) = (db.clone(), key.clone(), new_digest());
            let replace =
                async move |db: Db| db.fingerprints().replace(&key, first, own, NOW).await.map_err(SaveUserError::from);
            async move { settle(|| replace(db.clone())).await }
        });
        let heard = together(tasks.collect()).await.into_iter().map(|heard| heard.expect("trying again helps"));
        let kept = kept(&db, &key).await;
        for heard in heard {
            assert!(heard == kept && heard != Some(first), "in round {round}");
        }
    }
}

async fn fingerprints_of_several_keys_are_kept_apart(db: Db) {
    let each = ["a", "A", "a ", "0123456789abcdef0123456789abcdef"].map(|key| (key, new_digest()));
    for (key, fingerprint) in each {
        assert_eq!(keep(&db, key, fingerprint).await, fingerprint, "of {key:?}");
    }
    for (key, fingerprint) in each {
        assert_eq!(kept(&db, key).await, Some(fingerprint), "of {key:?}");
    }
}

async fn of_processes_that_keep_different_fingerprints_all_hear_of_one(db: Db) {
    for round in 0..ROUNDS {
        let tasks = (0..CONTENDERS).map(|_| {
            let (db, key, own) = (db.clone(), format!("key {round}"), new_digest());
            let keep = async move |db: Db| db.fingerprints().keep(&key, own, NOW).await.map_err(SaveUserError::from);
            async move { settle(|| keep(db.clone())).await }
        });
        let heard = together(tasks.collect()).await.into_iter().map(|heard| heard.expect("trying again helps"));
        let kept = kept(&db, &format!("key {round}")).await;
        for heard in heard {
            assert_eq!(Some(heard), kept, "in round {round}");
        }
    }
}
