//! Who signs in with a name.

use domain::login::LoginName;
use domain::user::{DeletedNames, User, UserPatch};
use domain::values::{EmailAddress, Username};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;

cases![
    whoever_holds_a_name_is_found_with_every_value,
    a_name_is_found_however_it_is_typed,
    who_is_inactive_is_found,
    who_was_deleted_is_not_found,
    who_was_deleted_is_not_found_though_the_names_are_reserved,
    who_took_the_names_of_a_deleted_user_is_found,
    a_renamed_user_is_found_by_the_new_names_alone,
    a_text_that_is_nobodys_name_finds_nobody,
];

async fn found(db: &Db, typed: &str) -> Option<User> {
    db.sessions().find_login(&LoginName::parse(typed)).await.expect("a user can be read")
}

async fn whoever_holds_a_name_is_found_with_every_value(db: Db) {
    let everything = user().named("ann").full_name("Ann Archer").locale("de").external_id("HR-1").admin();
    let ann = db.add(everything.user_metadata(r#"{"a":1}"#).password("Case counts ")).await;
    db.add(user().named("bob")).await;
    for typed in ["ann", "ann@example.org"] {
        assert_eq!(found(&db, typed).await.as_ref(), Some(&ann), "{typed}");
    }
    let ann = db.change(&ann, |user| user.deactivate(None, None, FixedClock::START)).await;
    assert_eq!(found(&db, "ann").await, Some(ann), "as they are now");
}

async fn a_name_is_found_however_it_is_typed(db: Db) {
    let ann = db.add(user().username("Ann-é").email("Ann.Archer@Example.ORG")).await;
    for typed in ["ann-é", "ANN-É", " Ann-e\u{301}\n", "ａｎｎ-é", "ann.archer@example.org", "ANN.ARCHER@EXAMPLE.ORG "]
    {
        assert_eq!(found(&db, typed).await.map(|user| user.id()), Some(ann.id()), "{typed:?}");
    }
}

async fn who_is_inactive_is_found(db: Db) {
    let ann = db.add(user().named("ann").inactive()).await;
    for typed in ["ann", "ann@example.org"] {
        assert_eq!(found(&db, typed).await.as_ref(), Some(&ann), "{typed}");
    }
}

async fn assert_gone(db: &Db, names: DeletedNames) {
    let ann = db.add(user().named("ann")).await;
    db.change(&ann, |user| user.delete(names, FixedClock::START)).await;
    for typed in ["ann", "ann@example.org"] {
        assert_eq!(found(db, typed).await, None, "{typed}");
    }
}

async fn who_was_deleted_is_not_found(db: Db) {
    assert_gone(&db, DeletedNames::Freed).await;
}

async fn who_was_deleted_is_not_found_though_the_names_are_reserved(db: Db) {
    assert_gone(&db, DeletedNames::Reserved).await;
}

async fn who_took_the_names_of_a_deleted_user_is_found(db: Db) {
    for _ in 0..3 {
        let ann = db.add(user().named("ann")).await;
        for typed in ["ann", "ann@example.org"] {
            assert_eq!(found(&db, typed).await.as_ref(), Some(&ann), "{typed}");
        }
        db.delete(&ann).await;
    }
}

async fn a_renamed_user_is_found_by_the_new_names_alone(db: Db) {
    let ann = db.add(user().named("ann")).await;
    let patch = UserPatch {
        username: Some(Username::from_stored("anna".to_owned())),
        email: Some(EmailAddress::from_stored("anna@example.org".to_owned())),
        ..Default::default()
    };
    let anna = db.change(&ann, |user| user.update(patch, None, FixedClock::START)).await;
    for (typed, is_found) in [("ann", false), ("ann@example.org", false), ("anna", true), ("anna@example.org", true)] {
        assert_eq!(found(&db, typed).await, is_found.then(|| anna.clone()), "{typed}");
    }
}

async fn a_text_that_is_nobodys_name_finds_nobody(db: Db) {
    db.add(user().named("ann")).await;
    let long = ["🦀", "@", "\u{fdfa}", "x@"].map(|text| text.repeat(100_000));
    let short = [
        "",
        " ",
        "\0",
        "ann\0",
        "\0@",
        "an",
        "annn",
        "a_n",
        "%",
        "an%",
        "ann@example",
        "' OR ''='",
        "\\",
        "\u{10ffff}",
    ];
    for typed in short.into_iter().chain(long.iter().map(String::as_str)) {
        assert_eq!(found(&db, typed).await, None, "{:?}", typed.chars().take(12).collect::<String>());
    }
}
