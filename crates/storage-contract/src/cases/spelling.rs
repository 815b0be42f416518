//! Which spellings are one name, in what order they are listed and what finds them: our keys decide, no collation of a
//! database. The names are in [`odd_names`].

mod odd_names;

use std::collections::{BTreeMap, BTreeSet};

use domain::input::Change;
use domain::login::LoginName;
use domain::ports::SaveUserError;
use domain::query::{DeletedScope, ListUsers, Search, SortKey, UserFilter, UserSort};
use domain::user::{DeletedNames, User, UserPatch};
use domain::values::{EmailAddress, ExternalId, PersonName, UserId, Username, fold};
use odd_names::{EMAILS, Odd, SEARCHES, USERNAMES};
use testkit::{FixedClock, UserBuilder, user};

use crate::case::cases;
use crate::db::Db;
use crate::unit::assert_refused;

cases![
    usernames_are_one_if_their_keys_are,
    emails_are_one_if_their_keys_are,
    external_ids_are_one_only_if_they_are_equal,
    usernames_are_looked_up_by_key,
    emails_are_looked_up_by_key,
    external_ids_are_looked_up_as_they_are,
    whoever_signs_in_is_found_by_the_key_of_a_username,
    whoever_signs_in_is_found_by_the_key_of_an_email,
    odd_usernames_are_listed_in_one_order,
    odd_emails_are_listed_in_one_order,
    odd_usernames_are_found_by_their_beginnings,
    texts_that_differ_at_their_end_alone_are_two,
];

const EXTERNAL_IDS: [&str; 12] = ["a", "A", "ａ", "a ", " a", "ä", "a\u{308}", "Ä", "ß", "ss", "🦀", "🦁"];

/// What a storage can hold.
fn storable(names: &'static [Odd]) -> impl DoubleEndedIterator<Item = &'static Odd> {
    names.iter().filter(|name| !name.typed.contains('\0'))
}

/// Of the names with one key the first is taken, and no other beside it.
async fn assert_taken_by_key(
    db: &Db,
    names: &'static [Odd],
    having: fn(&str) -> UserBuilder,
    is_taken: fn(&SaveUserError) -> bool,
) {
    let mut taken = BTreeSet::new();
    for Odd { typed, key, .. } in storable(names) {
        let mut unit = db.begin().await;
        match unit.insert(having(typed)).await {
            Ok(_) => {
                assert!(taken.insert(key), "{typed:?} is taken already, and was given again");
                unit.commit().await;
            }
            Err(error) => assert!(taken.contains(key) && is_taken(&error), "{typed:?}: {error:?}"),
        }
    }
}

async fn usernames_are_one_if_their_keys_are(db: Db) {
    let is_taken = |error: &SaveUserError| matches!(error, SaveUserError::UsernameTaken);
    assert_taken_by_key(&db, USERNAMES, |text| user().username(text), is_taken).await;
}

async fn emails_are_one_if_their_keys_are(db: Db) {
    let is_taken = |error: &SaveUserError| matches!(error, SaveUserError::EmailTaken);
    assert_taken_by_key(&db, EMAILS, |text| user().email(text), is_taken).await;
}

async fn external_ids_are_one_only_if_they_are_equal(db: Db) {
    for held in EXTERNAL_IDS {
        db.add(user().external_id(held)).await;
    }
    for held in EXTERNAL_IDS {
        assert_refused!(db.begin().await.insert(user().external_id(held)).await, ExternalIdTaken);
    }
}

/// Stores a user for each name, from the last to the first, and deletes them, so that all of them fit.
async fn gather(db: &Db, names: &'static [Odd], having: fn(&str) -> UserBuilder) -> Vec<(UserId, &'static Odd)> {
    let mut stored = Vec::new();
    let mut unit = db.begin().await;
    for name in storable(names).rev() {
        let added = unit.add(having(name.typed)).await;
        unit.change(&added, |user| user.delete(DeletedNames::Freed, FixedClock::START)).await;
        stored.push((added.id(), name));
    }
    unit.commit().await;
    stored
}

/// Whom a listing of the deleted shows.
async fn listed(db: &Db, filter: UserFilter, key: SortKey) -> Vec<UserId> {
    let filter = UserFilter { deleted: DeletedScope::Only, ..filter };
    let sort = UserSort { key, descending: false };
    let page = db.list(&ListUsers { filter, sort, limit: 100, ..Default::default() }).await;
    assert_eq!(page.total.map(|total| total.count), Some(page.users.len() as u64));
    page.users.iter().map(|user| user.id).collect()
}

async fn assert_looked_up_by_key(
    db: &Db,
    names: &'static [Odd],
    having: fn(&str) -> UserBuilder,
    filter: fn(String) -> UserFilter,
) {
    let stored = gather(db, names, having).await;
    for Odd { typed, key, .. } in storable(names) {
        let expected: Vec<_> = stored.iter().filter(|(_, name)| name.key == *key).map(|(id, _)| *id).collect();
        assert_eq!(listed(db, filter((*key).to_owned()), SortKey::Id).await, expected, "{typed:?}");
    }
}

async fn usernames_are_looked_up_by_key(db: Db) {
    let filter = |key| UserFilter { username: Some(key), ..Default::default() };
    assert_looked_up_by_key(&db, USERNAMES, |text| user().username(text), filter).await;
}

async fn emails_are_looked_up_by_key(db: Db) {
    let filter = |key| UserFilter { email: Some(key), ..Default::default() };
    assert_looked_up_by_key(&db, EMAILS, |text| user().email(text), filter).await;
}

async fn external_ids_are_looked_up_as_they_are(db: Db) {
    for held in EXTERNAL_IDS {
        let holder = db.add(user().external_id(held)).await;
        db.delete(&holder).await;
        let filter = UserFilter { external_id: Some(held.to_owned()), ..Default::default() };
        assert_eq!(listed(&db, filter, SortKey::Id).await, [holder.id()], "{held:?}");
    }
}

/// The first user of each key is whom every spelling of it finds.
async fn assert_signs_in_by_key(
    db: &Db,
    names: &'static [Odd],
    having: fn(&str) -> UserBuilder,
    login: fn(String) -> LoginName,
) {
    let mut holders = BTreeMap::new();
    for Odd { typed, key, .. } in storable(names) {
        if !holders.contains_key(key) {
            holders.insert(*key, db.add(having(typed)).await);
        }
    }
    for Odd { typed, key, .. } in storable(names) {
        let found = db.sessions().find_login(&login((*key).to_owned())).await.expect("a user can be read");
        assert_eq!(found.as_ref(), holders.get(key), "{typed:?}");
    }
}

async fn whoever_signs_in_is_found_by_the_key_of_a_username(db: Db) {
    assert_signs_in_by_key(&db, USERNAMES, |text| user().username(text), LoginName::Username).await;
}

async fn whoever_signs_in_is_found_by_the_key_of_an_email(db: Db) {
    assert_signs_in_by_key(&db, EMAILS, |text| user().email(text), LoginName::Email).await;
}

async fn odd_usernames_are_listed_in_one_order(db: Db) {
    let stored = gather(&db, USERNAMES, |text| user().username(text)).await;
    assert_eq!(listed(&db, UserFilter::default(), SortKey::Username).await, in_order(stored));
}

async fn odd_emails_are_listed_in_one_order(db: Db) {
    let stored = gather(&db, EMAILS, |text| user().email(text)).await;
    assert_eq!(listed(&db, UserFilter::default(), SortKey::Email).await, in_order(stored));
}

/// As the table says, where those of one folded text follow their number.
fn in_order(mut stored: Vec<(UserId, &'static Odd)>) -> Vec<UserId> {
    stored.reverse();
    let folded = |(_, name): &(UserId, &Odd)| fold(name.typed);
    for ties in stored.chunk_by_mut(|one, other| folded(one) == folded(other)) {
        ties.sort_by_key(|(id, _)| *id);
    }
    stored.into_iter().map(|(id, _)| id).collect()
}

async fn odd_usernames_are_found_by_their_beginnings(db: Db) {
    let stored = gather(&db, USERNAMES, |text| user().username(text).email("x")).await;
    for (text, keys) in SEARCHES {
        let expected: Vec<_> = stored.iter().filter(|(_, name)| keys.contains(&name.key)).map(|(id, _)| *id).collect();
        let filter = UserFilter { search: Some(Search::Beginning(fold(text))), ..Default::default() };
        assert_eq!(listed(&db, filter, SortKey::Id).await, expected, "{text:?}");
    }
}

async fn texts_that_differ_at_their_end_alone_are_two(db: Db) {
    let long = |widest: &str, characters: usize, end: &str| widest.repeat(characters - 1) + end;
    let email = |end: &str| format!("{}@{}.example.{end}", "l".repeat(100), "d".repeat(EmailAddress::MAX_OCTETS - 113));
    for (end, other) in [("🦀", "🦁"), ("a", "b")] {
        db.add(user().username(&long("🦀", Username::MAX_CHARACTERS, end))).await;
        db.add(user().username(&long("🦀", Username::MAX_CHARACTERS, other))).await;
        db.add(user().external_id(&long("🦀", ExternalId::MAX_CHARACTERS, end))).await;
        db.add(user().external_id(&long("🦀", ExternalId::MAX_CHARACTERS, other))).await;
        db.add(user().email(&email(end))).await;
        db.add(user().email(&email(other))).await;
        // The second is one character whose compatibility decomposition has 18.
        for widest in ["日", "\u{fdfa}"] {
            let name = |end| long(widest, PersonName::MAX_CHARACTERS, end);
            let mut both = Vec::new();
            for end in [end, other] {
                let added = db.add(user().full_name(&name(end)).last_name(&name(end))).await;
                db.delete(&added).await;
                let filter = UserFilter { search: Some(Search::Beginning(fold(&name(end)))), ..Default::default() };
                assert_eq!(listed(&db, filter, SortKey::Id).await, [added.id()], "{widest} … {end}");
                both.push(added);
            }
            let filter = UserFilter { search: Some(Search::Beginning(fold(&name("")))), ..Default::default() };
            let ids: Vec<_> = both.iter().map(User::id).collect();
            assert_eq!(listed(&db, filter, SortKey::Id).await, ids, "{widest}");
            for user in both {
                db.change(&user, forget_the_names).await;
            }
        }
    }
}

fn forget_the_names(user: &mut User) {
    let nothing = UserPatch { full_name: Change::Clear, last_name: Change::Clear, ..Default::default() };
    user.update(nothing, None, FixedClock::START);
}
