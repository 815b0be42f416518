//! Finding users by how their names begin.

use domain::query::{DeletedScope, ListUsers, Search, UserFilter, Window};
use domain::user::User;
use domain::values::fold;
use testkit::user;

use crate::case::cases;
use crate::crowd::{Crowd, every_sort};
use crate::db::Db;

cases![
    a_search_finds_the_beginning_of_each_name,
    a_search_finds_no_middle,
    a_search_sees_the_full_name_that_is_shown,
    wildcards_are_letters_like_any_other,
    case_width_and_composition_do_not_count,
    every_beginning_finds_whom_it_should,
    the_end_of_all_characters_is_found,
    somebody_found_twice_is_shown_once,
    deleted_users_are_found_where_they_are_asked_for,
];

fn search(text: &str) -> ListUsers {
    let filter = UserFilter { search: Some(Search::Beginning(fold(text))), ..Default::default() };
    ListUsers { filter, limit: 100, ..Default::default() }
}

async fn assert_finds(db: &Db, text: &str, expected: &[&User]) {
    let page = db.list(&search(text)).await;
    let expected_ids: Vec<_> = expected.iter().map(|user| user.id()).collect();
    assert_eq!(page.users.iter().map(|user| user.id).collect::<Vec<_>>(), expected_ids, "{text:?}");
    assert_eq!(page.total.map(|total| (total.count, total.capped)), Some((expected.len() as u64, false)), "{text:?}");
}

async fn a_search_finds_the_beginning_of_each_name(db: Db) {
    let by_username = db.add(user().username("queen")).await;
    let by_email = db.add(user().email("quentin@example.org")).await;
    let by_full_name = db.add(user().full_name("Quill Pen")).await;
    let by_last_name = db.add(user().first_name("Ann").last_name("Quick")).await;
    assert_finds(&db, "qu", &[&by_username, &by_email, &by_full_name, &by_last_name]).await;
    assert_finds(&db, "que", &[&by_username, &by_email]).await;
    assert_finds(&db, "queen", &[&by_username]).await;
    assert_finds(&db, "queens", &[]).await;
    assert_finds(&db, "quentin@example.org", &[&by_email]).await;
    assert_finds(&db, "quill p", &[&by_full_name]).await;
    assert_finds(&db, "quick", &[&by_last_name]).await;
}

async fn a_search_finds_no_middle(db: Db) {
    db.add(user().named("abacus").full_name("Bob Carpenter").last_name("van Dyke")).await;
    for text in ["bacus", "example", "carpenter", "dyke", "us", " "] {
        assert_finds(&db, text, &[]).await;
    }
}

async fn a_search_sees_the_full_name_that_is_shown(db: Db) {
    let derived = db.add(user().first_name("Rosa").last_name("Luchs")).await;
    let only_first = db.add(user().first_name("Rosalind")).await;
    db.add(user().full_name("Somebody Else").first_name("Rosamund")).await;
    assert_finds(&db, "rosa", &[&derived, &only_first]).await;
    assert_finds(&db, "rosa l", &[&derived]).await;
}

async fn wildcards_are_letters_like_any_other(db: Db) {
    let percent = db.add(user().username("w%x")).await;
    let underscore = db.add(user().username("w_x")).await;
    let backslash = db.add(user().username("w\\x")).await;
    let star = db.add(user().username("w*x")).await;
    let quote = db.add(user().username("w'x")).await;
    let bracket = db.add(user().username("w[a-z]x")).await;
    db.add(user().username("wwwx")).await;
    for (text, found) in [
        ("w%", &percent),
        ("w_", &underscore),
        ("w\\", &backslash),
        ("w*", &star),
        ("w'", &quote),
        ("w[", &bracket),
        ("w%x", &percent),
        ("w\\x", &backslash),
    ] {
        assert_finds(&db, text, &[found]).await;
    }
    for text in ["%", "_", "\\", "*", "%x", "_%x", "w%%", "w\\%"] {
        assert_finds(&db, text, &[]).await;
    }
}

async fn case_width_and_composition_do_not_count(db: Db) {
    let composed = db.add(user().username("Zoë.1")).await;
    let decomposed = db.add(user().username("zoe\u{308}.2")).await;
    let wide = db.add(user().username("ｚｏë.3")).await;
    let plain = db.add(user().username("zoe.4")).await;
    for text in ["zoë", "ZOË", "zoe\u{308}", "ＺＯË", "ＺＯＥ\u{308}"] {
        assert_finds(&db, text, &[&composed, &decomposed, &wide]).await;
    }
    assert_finds(&db, "zo", &[&composed, &decomposed, &wide, &plain]).await;
    assert_finds(&db, "zoe", &[&plain]).await;
    let sharp = db.add(user().username("Straße")).await;
    assert_finds(&db, "STRASS", &[&sharp]).await;
}

async fn every_beginning_finds_whom_it_should(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let names: Vec<_> = crowd.users.iter().take(12).map(|user| user.username.clone()).collect();
    let more =
        ["", "a", "A", "ann a", "annan", "b", "x", "z", "%", "_", "\\", "🦀", "\u{fffd}", "1", "STRASSE", "\u{10ffff}"];
    for text in names.iter().map(String::as_str).chain(more) {
        for deleted in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
            let mut query = search(text);
            query.filter.deleted = deleted;
            assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
        }
    }
}

async fn the_end_of_all_characters_is_found(db: Db) {
    let last = db.add(user().username("\u{10ffff}\u{10ffff}")).await;
    let before = db.add(user().username("\u{10fffe}")).await;
    let edge = db.add(user().username("\u{d7ff}a")).await;
    db.add(user().username("\u{e000}a")).await;
    assert_finds(&db, "\u{10ffff}", &[&last]).await;
    assert_finds(&db, "\u{10fffe}", &[&before]).await;
    assert_finds(&db, "\u{d7ff}", &[&edge]).await;
}

async fn somebody_found_twice_is_shown_once(db: Db) {
    let mut users = Vec::new();
    for number in 0..7 {
        let name = format!("double{number}");
        users.push(db.add(user().named(&name).full_name(&name).last_name(&name)).await);
    }
    let crowd = Crowd::of(&users);
    for sort in every_sort() {
        for limit in [0, 2, 7, 100] {
            for skip in [0, 3] {
                let window = Window::Skip(skip);
                let query = ListUsers { sort, limit, window, ..search("double") };
                assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
            }
        }
    }
}

async fn deleted_users_are_found_where_they_are_asked_for(db: Db) {
    let ann = db.add(user().named("wanted").full_name("Wanda").last_name("Wall")).await;
    let ann = db.delete(&ann).await;
    let crowd = Crowd::of(&[ann]);
    for text in ["wanted", "wanda", "wall"] {
        for deleted in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
            let mut query = search(text);
            query.filter.deleted = deleted;
            assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
        }
    }
}
