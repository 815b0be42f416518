//! Which spellings are one name: our keys decide, no collation of a database.

use domain::input::Change;
use domain::ports::SaveUserError;
use domain::query::{DeletedScope, ListUsers, UserFilter};
use domain::user::{DeletedNames, User, UserPatch};
use domain::values::{EmailAddress, UserId, Username};
use testkit::{FixedClock, UserBuilder, user};

use crate::case::cases;
use crate::db::Db;

cases![
    usernames_are_one_if_their_keys_are,
    emails_are_one_if_their_keys_are,
    external_ids_are_one_only_if_they_are_equal,
    usernames_are_looked_up_by_key,
    emails_are_looked_up_by_key,
    external_ids_are_looked_up_as_they_are,
];

/// Pairs that collations get wrong: case, width, composition, trailing blanks, sharp s, dotless i, planes beyond the
/// first, signs that some collations ignore.
const USERNAMES: [&str; 22] = [
    "ann",
    "Ann",
    "ａｎｎ",
    "ann ",
    "änn",
    "a\u{308}nn",
    "Änn",
    "straße",
    "strasse",
    "STRASSE",
    "straẞe",
    "ian",
    "ıan",
    "İan",
    "IAN",
    "𐐀nn",
    "𐐨nn",
    "🦀🦀🦀",
    "🦁🦁🦁",
    "οδός",
    "ΟΔΌΣ",
    "ann\u{10ffff}",
];

const EMAILS: [&str; 12] = [
    "ann@example.org",
    "Ann@Example.ORG",
    "ann@example.org ",
    "ann@exämple.org",
    "ann@EXÄMPLE.org",
    "ann@exa\u{308}mple.org",
    "ann@xn--exmple-cua.org",
    "ian@example.org",
    "ıan@example.org",
    "a+nn@example.org",
    "a.nn@example.org",
    "ann_example.org@example.org",
];

const EXTERNAL_IDS: [&str; 12] = ["a", "A", "ａ", "a ", " a", "ä", "a\u{308}", "Ä", "ß", "ss", "🦀", "🦁"];

type Key = fn(&str) -> String;

/// For each text, adds a user who has it, and tries each other text beside it.
async fn assert_taken_by_key(
    db: &Db,
    texts: &[&str],
    key: Key,
    having: fn(&str) -> UserBuilder,
    is_taken: fn(&SaveUserError) -> bool,
) {
    for held in texts {
        let holder = db.add(having(held)).await;
        for tried in texts {
            let saved = db.begin().await.insert(having(tried)).await;
            let agrees = match &saved {
                Ok(_) => key(held) != key(tried),
                Err(error) => key(held) == key(tried) && is_taken(error),
            };
            assert!(agrees, "{tried:?} beside {held:?}: {saved:?}");
        }
        db.change(&holder, give_up_everything).await;
    }
}

/// Deletes the user and drops the external id, which deleting keeps.
fn give_up_everything(user: &mut User) {
    let nothing = UserPatch { external_id: Change::Clear, ..Default::default() };
    user.update(nothing, None, FixedClock::START);
    user.delete(DeletedNames::Freed, FixedClock::START);
}

async fn usernames_are_one_if_their_keys_are(db: Db) {
    let having = |text: &str| user().username(text);
    let is_taken = |error: &SaveUserError| matches!(error, SaveUserError::UsernameTaken);
    assert_taken_by_key(&db, &USERNAMES, Username::key_of, having, is_taken).await;
}

async fn emails_are_one_if_their_keys_are(db: Db) {
    let having = |text: &str| user().email(text);
    let is_taken = |error: &SaveUserError| matches!(error, SaveUserError::EmailTaken);
    assert_taken_by_key(&db, &EMAILS, EmailAddress::key_of, having, is_taken).await;
}

async fn external_ids_are_one_only_if_they_are_equal(db: Db) {
    let having = |text: &str| user().external_id(text);
    let is_taken = |error: &SaveUserError| matches!(error, SaveUserError::ExternalIdTaken);
    assert_taken_by_key(&db, &EXTERNAL_IDS, str::to_owned, having, is_taken).await;
}

/// Adds a user for each text, deleted at once so that all of them fit, then looks each text up.
async fn assert_looked_up_by_key(
    db: &Db,
    texts: &[&str],
    key: Key,
    having: fn(&str) -> UserBuilder,
    filter: fn(String) -> UserFilter,
) {
    let mut stored: Vec<(UserId, String)> = Vec::new();
    for text in texts {
        let added = db.add(having(text)).await;
        db.delete(&added).await;
        stored.push((added.id(), key(text)));
    }
    for text in texts {
        let wanted = key(text);
        let expected: Vec<_> = stored.iter().filter(|(_, key)| *key == wanted).map(|(id, _)| *id).collect();
        let filter = UserFilter { deleted: DeletedScope::Only, ..filter(wanted) };
        let page = db.list(&ListUsers { filter, limit: 100, ..Default::default() }).await;
        assert_eq!(page.users.iter().map(|user| user.id).collect::<Vec<_>>(), expected, "{text:?}");
        assert_eq!(page.total.map(|total| total.count), Some(expected.len() as u64), "{text:?}");
    }
}

async fn usernames_are_looked_up_by_key(db: Db) {
    let filter = |key| UserFilter { username: Some(key), ..Default::default() };
    assert_looked_up_by_key(&db, &USERNAMES, Username::key_of, |text| user().username(text), filter).await;
}

async fn emails_are_looked_up_by_key(db: Db) {
    let filter = |key| UserFilter { email: Some(key), ..Default::default() };
    assert_looked_up_by_key(&db, &EMAILS, EmailAddress::key_of, |text| user().email(text), filter).await;
}

async fn external_ids_are_looked_up_as_they_are(db: Db) {
    let filter = |id| UserFilter { external_id: Some(id), ..Default::default() };
    assert_looked_up_by_key(&db, &EXTERNAL_IDS, str::to_owned, |text| user().external_id(text), filter).await;
}
