//! Finding users by what stands anywhere in their names.

use domain::input::Change;
use domain::query::{CountMode, DeletedScope, ListUsers, Search, UserFilter, UserSort, Window};
use domain::user::{User, UserPatch};
use domain::values::{EmailAddress, PersonName, Role, Username};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::crowd::{Crowd, every_sort};
use crate::db::Db;

cases![
    a_text_is_found_anywhere_in_each_name,
    every_character_means_itself,
    short_texts_are_found,
    pieces_of_the_text_are_not_the_text,
    nothing_is_found_across_two_names,
    every_part_of_odd_names_is_found,
    a_common_text_is_found_in_any_order,
    the_cursor_leads_through_all_found,
    changed_names_are_found_as_they_are_now,
    the_deleted_and_the_erased_are_found_where_they_should,
    users_inserted_together_are_found,
];

/// As somebody types it, without the stars.
fn inside(text: &str) -> ListUsers {
    let filter = UserFilter { search: Search::parse(&format!("*{text}*")), ..Default::default() };
    ListUsers { filter, limit: 100, ..Default::default() }
}

async fn assert_finds(db: &Db, text: &str, expected: &[&User]) {
    let page = db.list(&inside(text)).await;
    let expected_ids: Vec<_> = expected.iter().map(|user| user.id()).collect();
    assert_eq!(page.users.iter().map(|user| user.id).collect::<Vec<_>>(), expected_ids, "{text:?}");
    assert_eq!(page.total.map(|total| (total.count, total.capped)), Some((expected.len() as u64, false)), "{text:?}");
    assert_eq!(page.next, None, "{text:?}");
}

async fn a_text_is_found_anywhere_in_each_name(db: Db) {
    let by_username = db.add(user().username("blacksmithy").email("a@example.org")).await;
    let by_email = db.add(user().username("bob").email("j.smith@example.org")).await;
    let by_full_name = db.add(user().username("cid").full_name("Jo Smith-Jones")).await;
    let by_last_name = db.add(user().username("dan").full_name("Dan").last_name("Goldsmith")).await;
    let derived = db.add(user().username("eve").first_name("Smi").last_name("Thomas")).await;
    assert_finds(&db, "smith", &[&by_username, &by_email, &by_full_name, &by_last_name]).await;
    assert_finds(&db, "SMITH", &[&by_username, &by_email, &by_full_name, &by_last_name]).await;
    assert_finds(&db, "blacksmithy", &[&by_username]).await;
    assert_finds(&db, "smithy", &[&by_username]).await;
    assert_finds(&db, "h-jon", &[&by_full_name]).await;
    assert_finds(&db, "o s", &[&by_full_name]).await;
    assert_finds(&db, "goldsm", &[&by_last_name]).await;
    assert_finds(&db, "i tho", &[&derived]).await;
    assert_finds(&db, "smithson", &[]).await;
}

async fn every_character_means_itself(db: Db) {
    let plain = db.add(user().username("wwwxxx")).await;
    let mut odd = Vec::new();
    for middle in ["%", "_", "\\", "*", "'", "\"", "[a-z]", "?", "+", "-", "~", "(", ")", "<", ">", "%%%", "...", "^$"]
    {
        odd.push((middle, db.add(user().username(&format!("ww{middle}xx{}", odd.len()))).await));
    }
    for (middle, found) in &odd {
        assert_finds(&db, &format!("w{middle}x"), &[found]).await;
        assert_finds(&db, &format!("ww{middle}xx"), &[found]).await;
    }
    for text in ["w_x%", "%x%", "w%w", "ww__xx", "w.x", "+www", "-www", "\"www\"", "www*", "'; --"] {
        assert_finds(&db, text, &[]).await;
    }
    assert_finds(&db, "%%%", &[&odd[15].1]).await;
    assert_finds(&db, "...", &[&odd[16].1]).await;
    assert_finds(&db, "wwwx", &[&plain]).await;
    assert_finds(&db, "wwxx", &[&plain]).await;
}

async fn short_texts_are_found(db: Db) {
    let chinese = db.add(user().username("li1").full_name("王小明")).await;
    let crab = db.add(user().username("🦀crab🦀")).await;
    let umlaut = db.add(user().username("groß-ä").email("g@example.org")).await;
    for (text, found) in
        [("小", &chinese), ("小明", &chinese), ("🦀", &crab), ("🦀c", &crab), ("ä", &umlaut), ("-ä", &umlaut)]
    {
        assert_finds(&db, text, &[found]).await;
    }
    assert_finds(&db, "q", &[]).await;
    assert_finds(&db, "明小", &[]).await;
    assert_finds(&db, "@", &[&chinese, &crab, &umlaut]).await;
    assert_finds(&db, "", &[&chinese, &crab, &umlaut]).await;
}

async fn pieces_of_the_text_are_not_the_text(db: Db) {
    let banana = db.add(user().username("banana")).await;
    db.add(user().username("banan").full_name("nana bana").last_name("anaba")).await;
    assert_finds(&db, "banana", &[&banana]).await;
    assert_finds(&db, "ananan", &[]).await;
    assert_finds(&db, "nanana", &[]).await;
}

async fn nothing_is_found_across_two_names(db: Db) {
    let ann = db.add(user().username("annabel").email("carl@example.org").full_name("Dora Erl").last_name("Fox")).await;
    for text in ["belcar", "orgdor", "erlfox", "l\u{1f}c", "bel\u{1f}carl", "bel\ncarl", "bel carl", "l\u{0}c"] {
        assert_finds(&db, text, &[]).await;
    }
    assert_finds(&db, "nnabe", &[&ann]).await;
}

async fn every_part_of_odd_names_is_found(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let names = crowd.users.iter().take(12).flat_map(|user| [Some(user.username.clone()), user.full_name.clone()]);
    let mut texts: Vec<String> =
        ["ann", "nna", "n a", "STRASSE", "ß", "e 1", "00 %", "slash", "\\s", "example", ".org", "\u{fffd}a"]
            .map(str::to_owned)
            .into();
    for name in names.flatten() {
        let characters: Vec<char> = name.chars().collect();
        for length in [1, 2, 3, 4, characters.len()] {
            texts.extend(characters.windows(length.max(1)).map(String::from_iter));
        }
    }
    texts.sort();
    texts.dedup();
    for text in texts {
        let query = inside(&text);
        assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
    }
}

async fn a_common_text_is_found_in_any_order(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for sort in every_sort() {
        for text in ["ann", "example.org", "an", "0.example", "nobody"] {
            for (limit, window) in [(0, 0), (3, 0), (3, 2), (100, 0), (100, 20), (5, 1_000)] {
                for role in [None, Some(Role::Admin)] {
                    let filter = UserFilter { role, deleted: DeletedScope::All, ..inside(text).filter };
                    let query =
                        ListUsers { filter, sort, limit, window: Window::Skip(window), count: CountMode::Exact };
                    assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
                }
            }
        }
    }
}

async fn the_cursor_leads_through_all_found(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for sort in every_sort() {
        for text in ["ann", "example.org", "n"] {
            let mut query = ListUsers { sort, limit: 4, ..inside(text) };
            loop {
                let page = db.list(&query).await;
                assert_eq!(page, crowd.page(&query), "{query:?}");
                let Some(next) = page.next else { break };
                query.window = Window::After(next);
            }
        }
    }
}

async fn changed_names_are_found_as_they_are_now(db: Db) {
    let added = db.add(user().named("before").full_name("Was Before").last_name("Before")).await;
    assert_finds(&db, "efor", &[&added]).await;
    let patch = UserPatch {
        username: Some(Username::from_stored("After".to_owned())),
        email: Some(EmailAddress::from_stored("After@example.org".to_owned())),
        full_name: Change::Set(PersonName::from_stored("Is Now".to_owned())),
        last_name: Change::Clear,
        ..Default::default()
    };
    let changed = db.change(&added, |user| user.update(patch, None, FixedClock::START)).await;
    assert_finds(&db, "efor", &[]).await;
    assert_finds(&db, "fter", &[&changed]).await;
    assert_finds(&db, "s no", &[&changed]).await;
}

async fn the_deleted_and_the_erased_are_found_where_they_should(db: Db) {
    let ann = db.add(user().named("wanted").full_name("Wanda Wall")).await;
    let bob = db.add(user().named("unwanted")).await;
    let ann = db.delete(&ann).await;
    let crowd = Crowd::of(&[ann.clone(), bob.clone()]);
    for text in ["ante", "anda", "w"] {
        for deleted in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
            let mut query = inside(text);
            query.filter.deleted = deleted;
            assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
        }
    }
    let mut unit = db.begin().await;
    unit.erasure().erase(&ann, FixedClock::START).await.expect("somebody deleted can be erased");
    unit.commit().await;
    let mut query = inside("ante");
    query.filter.deleted = DeletedScope::All;
    assert_eq!(db.list(&query).await, Crowd::of(&[bob]).page(&query));
}

async fn users_inserted_together_are_found(db: Db) {
    let drafts: Vec<_> = (0..40).map(|number| user().named(&format!("many{number}together")).build()).collect();
    let mut unit = db.begin().await;
    unit.users().insert_many(&drafts).await.expect("new users can be inserted");
    unit.commit().await;
    for (text, found) in [("7toge", 4), ("y17tog", 1), ("together", 40), ("y7x", 0)] {
        let sort = UserSort::default();
        let page = db.list(&ListUsers { sort, ..inside(text) }).await;
        assert_eq!((page.users.len(), page.total.map(|total| total.count)), (found, Some(found as u64)), "{text}");
    }
}
