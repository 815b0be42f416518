//! Values at the edges of what is allowed come back as they went in.

use chrono::{DateTime, Utc};
use domain::query::{ListUsers, Search};
use domain::user::{User, UserView};
use domain::values::{EmailAddress, ExternalId, Locale, Metadata, PersonName, StatusReason, Username, fold};
use serde_json::Value;
use testkit::user;

use crate::case::cases;
use crate::db::Db;

cases![
    times_read_back_to_the_microsecond,
    texts_read_back_as_they_were_written,
    an_empty_text_is_not_a_missing_one,
    the_longest_values_can_be_stored,
    a_name_that_grows_when_folded_can_be_stored_and_found,
    metadata_read_back_as_the_same_json,
    the_largest_metadata_can_be_stored,
    password_hashes_read_back_exactly,
];

/// Deactivates the user as the case knows them: what the storage may have made of them meanwhile does not count.
async fn deactivate(db: &Db, mut user: User, reason: Option<StatusReason>, until: Option<DateTime<Utc>>) -> User {
    user.deactivate(reason, until, user.record().created_at);
    let mut unit = db.begin().await;
    unit.users().update(&user).await.expect("the version is the stored one");
    unit.commit().await;
    User::from_stored(user.id(), user.record().clone())
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("the case writes RFC 3339")
}

async fn times_read_back_to_the_microsecond(db: Db) {
    for text in [
        "1969-07-20T20:17:40.000001Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "1999-12-31T23:59:59.5Z",
        "2000-02-29T12:00:00.12Z",
        "2026-03-29T01:30:00.123Z",
        "2026-03-29T02:30:00.1234Z",
        "2038-01-19T03:14:07.12345Z",
        "2038-01-19T03:14:08.123456Z",
        "2106-02-07T06:28:16.000009Z",
        // One short of the last moment a database holds, as the change comes after it.
        "9999-12-31T23:59:59.999998Z",
    ] {
        let at = moment(text);
        let added = db.add(user().created_at(at)).await;
        let ended = deactivate(&db, added.clone(), None, Some(at)).await;
        let loaded = db.load(added.id()).await.expect("the user is stored");
        assert_eq!(loaded.record().created_at, at, "created_at");
        assert_eq!(loaded.record().password_changed_at, at, "password_changed_at");
        assert_eq!(loaded.record().suspended_until, Some(at), "suspended_until");
        assert_eq!(loaded.record().updated_at, ended.record().updated_at, "updated_at");
        assert_eq!(db.view(added.id()).await, Some(UserView::from(&loaded)), "the reader's side of {text}");
    }
}

const TEXTS: [&str; 14] = [
    "trailing ",
    " leading",
    "it's",
    "\"quoted\"",
    "back\\slash",
    "100 % _",
    "; DROP TABLE users; --",
    "ß ı İ ſ",
    "e\u{301} é",
    "🦀 𐐀 𝒜",
    "日本語",
    "\u{202e}right to left",
    "A\u{300}\u{301}\u{302}\u{303}",
    "\u{feff}\u{10ffff}",
];

async fn texts_read_back_as_they_were_written(db: Db) {
    for text in TEXTS {
        let (username, email) = (format!("u{text}"), format!("{text}@example.org"));
        let builder = user().username(&username).email(&email).external_id(text).locale("de");
        let added = db.add(builder.full_name(text).first_name(text).last_name(text)).await;
        let reason = Some(StatusReason::from_stored(format!("{text}\r\n\t{text}")));
        let expected = deactivate(&db, added.clone(), reason, None).await;
        assert_eq!(db.load(added.id()).await.as_ref(), Some(&expected), "{text:?}");
        assert_eq!(db.view(added.id()).await, Some(UserView::from(&expected)), "{text:?}");
    }
}

async fn an_empty_text_is_not_a_missing_one(db: Db) {
    let added = db.add(user().first_name("").last_name("")).await;
    let expected = deactivate(&db, added.clone(), Some(StatusReason::from_stored(String::new())), None).await;
    assert_eq!(db.load(added.id()).await, Some(expected.clone()));
    assert_eq!(db.view(added.id()).await, Some(UserView::from(&expected)));
}

async fn the_longest_values_can_be_stored(db: Db) {
    let domain = format!("{}.{}.org", "d".repeat(63), "e".repeat(63));
    let email = format!("{}@{domain}", "l".repeat(EmailAddress::MAX_OCTETS - domain.len() - 1));
    for widest in ["🦀", "ß", "\u{390}", "日"] {
        let name = widest.repeat(PersonName::MAX_CHARACTERS);
        let builder = user()
            .username(&widest.repeat(Username::MAX_CHARACTERS))
            .external_id(&widest.repeat(ExternalId::MAX_CHARACTERS))
            .locale(&"x".repeat(Locale::MAX_CHARACTERS));
        let added = db.add(builder.full_name(&name).first_name(&name).last_name(&name).email(&email)).await;
        let reason = StatusReason::from_stored(widest.repeat(StatusReason::MAX_CHARACTERS));
        let ended = deactivate(&db, added.clone(), Some(reason), None).await;
        assert_eq!(db.load(added.id()).await.as_ref(), Some(&ended), "{widest}");
        assert_eq!(db.view(added.id()).await, Some(UserView::from(&ended)), "{widest}");
        db.delete(&ended).await;
    }
}

async fn a_name_that_grows_when_folded_can_be_stored_and_found(db: Db) {
    // One character whose compatibility decomposition has 18.
    let name = "\u{fdfa}".repeat(PersonName::MAX_CHARACTERS);
    let added = db.add(user().first_name(&name).last_name(&name)).await;
    assert_eq!(db.load(added.id()).await.as_ref(), Some(&added));
    let mut query = ListUsers { limit: 10, ..Default::default() };
    query.filter.search = Some(Search::Beginning(fold("\u{fdfa}\u{fdfa}")));
    let found = db.list(&query).await.users;
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [added.id()]);
}

async fn metadata_read_back_as_the_same_json(db: Db) {
    for json in [
        "{}",
        r#"{"a":null,"b":true,"c":false,"d":[],"e":{},"f":""}"#,
        r#"{"nested":{"list":[1,[2,[3,{"deep":[{}]}]]]}}"#,
        r#"{"beyond doubles":9007199254740993,"min":-9223372036854775808,"max":18446744073709551615}"#,
        r#"{"fraction":0.1,"small":1e-7,"large":1.5e300,"negative":-0.25}"#,
        r#"{"z":1,"a":2,"m":3,"aa":4}"#,
        r#"{"escapes":"\" \\ \/ \b \f \n \r \t é 🦀","🦀":"key"," ":"blank","":"empty"}"#,
        r#"{"quote":"it's","percent":"100 %","question":"?","colon":":a","dollar":"$1"}"#,
        r#"{"looks like":{"a":"2026-01-01T00:00:00Z","b":"1","c":"null"}}"#,
    ] {
        let written: Value = serde_json::from_str(json).expect("the case writes JSON");
        let added = db.add(user().user_metadata(json).app_metadata(json)).await;
        let loaded = db.load(added.id()).await.expect("the user is stored");
        let view = db.view(added.id()).await.expect("the user is stored");
        let record = loaded.record();
        for read in [&record.user_metadata, &record.app_metadata, &view.user_metadata, &view.app_metadata] {
            let read: Value = serde_json::from_str(read.as_json()).expect("what is read is JSON");
            assert_eq!(read, written);
        }
    }
}

async fn the_largest_metadata_can_be_stored(db: Db) {
    let frame = r#"{"a":""}"#.len();
    let json = format!(r#"{{"a":"{}"}}"#, "🦀".repeat((Metadata::MAX_BYTES - frame) / 4));
    assert_eq!(json.len(), Metadata::MAX_BYTES);
    let added = db.add(user().user_metadata(&json).app_metadata(&json)).await;
    let view = db.view(added.id()).await.expect("the user is stored");
    for read in [view.user_metadata, view.app_metadata] {
        let read: Value = serde_json::from_str(read.as_json()).expect("what is read is JSON");
        assert_eq!(read, serde_json::from_str::<Value>(&json).expect("the case writes JSON"));
    }
}

async fn password_hashes_read_back_exactly(db: Db) {
    for password in ["p", "Case and trailing blank ", "🦀 $2b$12$ ./", &"x".repeat(100)] {
        let added = db.add(user().password(password)).await;
        let loaded = db.load(added.id()).await.expect("the user is stored");
        assert_eq!(loaded.record().password_hash.expose(), added.record().password_hash.expose());
    }
}
