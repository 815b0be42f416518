//! Who stands in the way of new users, asked before they are stored.

use domain::ports::UserNames;
use domain::user::{DeletedNames, User};
use domain::values::{EmailAddress, UserUuid, Username};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;
use crate::unit::new_uuid;

cases![
    whoever_has_a_name_stands_in_the_way,
    names_are_compared_by_key,
    the_deleted_stand_in_the_way_with_what_stays_theirs,
    whoever_stands_in_the_way_is_named_once_with_every_value,
    a_unit_stands_in_its_own_way,
    any_number_of_names_can_be_asked_for,
];

/// Names that nobody has but what is said.
fn names() -> UserNames {
    let own = new_uuid().simple().to_string();
    UserNames {
        username_key: format!("n{own}"),
        email_key: format!("{own}@example.org"),
        external_id: None,
        uuid: None,
    }
}

fn username(text: &str) -> UserNames {
    UserNames { username_key: Username::key_of(text), ..names() }
}

fn email(text: &str) -> UserNames {
    UserNames { email_key: EmailAddress::key_of(text), ..names() }
}

fn external_id(text: &str) -> UserNames {
    UserNames { external_id: Some(text.to_owned()), ..names() }
}

fn uuid(uuid: UserUuid) -> UserNames {
    UserNames { uuid: Some(uuid), ..names() }
}

impl Db {
    /// Who stands in the way, by number.
    pub(super) async fn in_the_way(&self, names: &[UserNames]) -> Vec<User> {
        let found = self.begin().await.users().find_in_the_way(names).await;
        let mut found = found.expect("users can be found");
        found.sort_by_key(User::id);
        found
    }
}

fn ids(users: &[User]) -> Vec<domain::values::UserId> {
    users.iter().map(User::id).collect()
}

async fn whoever_has_a_name_stands_in_the_way(db: Db) {
    let ann = db.add(user().username("ann").email("a@example.org").external_id("HR-1")).await;
    db.add(user().username("bob").email("b@example.org").external_id("HR-2").inactive()).await;
    for of_ann in [username("ann"), email("a@example.org"), external_id("HR-1"), uuid(ann.uuid())] {
        assert_eq!(ids(&db.in_the_way(std::slice::from_ref(&of_ann)).await), [ann.id()], "{of_ann:?}");
    }
    for of_nobody in [
        names(),
        username("a@example.org"),
        email("ann"),
        external_id("hr-1"),
        external_id("HR-1 "),
        external_id("ann"),
        uuid(UserUuid::new(new_uuid())),
    ] {
        assert_eq!(db.in_the_way(std::slice::from_ref(&of_nobody)).await, [], "{of_nobody:?}");
    }
    assert_eq!(db.in_the_way(&[]).await, []);
    assert_eq!(db.in_the_way(&[names(), username("bob"), names()]).await.len(), 1);
}

async fn names_are_compared_by_key(db: Db) {
    let zoe = db.add(user().username("Zoë").email("Zoë@Example.org").external_id("Zoë")).await;
    for same in [username("ZOE\u{308}"), email("zoë@EXAMPLE.ORG"), external_id("Zoë")] {
        assert_eq!(ids(&db.in_the_way(std::slice::from_ref(&same)).await), [zoe.id()], "{same:?}");
    }
    for other in [username("zoe"), email("zoe@example.org"), external_id("ZOË"), external_id("Zoe\u{308}")] {
        assert_eq!(db.in_the_way(std::slice::from_ref(&other)).await, [], "{other:?}");
    }
}

async fn the_deleted_stand_in_the_way_with_what_stays_theirs(db: Db) {
    let ann = db.add(user().username("ann").email("a@example.org").external_id("HR-1")).await;
    let bob = db.add(user().username("bob").email("b@example.org").external_id("HR-2")).await;
    db.delete(&ann).await;
    db.change(&bob, |bob| bob.delete(DeletedNames::Reserved, FixedClock::START)).await;
    assert_eq!(db.in_the_way(&[username("ann"), email("a@example.org")]).await, [], "they are free");
    for of_ann in [external_id("HR-1"), uuid(ann.uuid())] {
        assert_eq!(ids(&db.in_the_way(&[of_ann]).await), [ann.id()]);
    }
    for of_bob in [username("bob"), email("b@example.org"), external_id("HR-2"), uuid(bob.uuid())] {
        assert_eq!(ids(&db.in_the_way(&[of_bob]).await), [bob.id()]);
    }
}

async fn whoever_stands_in_the_way_is_named_once_with_every_value(db: Db) {
    let ann = db.add(user().username("ann").email("a@example.org").external_id("HR-1").full_name("Ann A")).await;
    let bob = db.add(user().username("bob").email("b@example.org").moderator()).await;
    let all_of_ann = UserNames {
        username_key: Username::key_of("ann"),
        email_key: EmailAddress::key_of("a@example.org"),
        external_id: Some("HR-1".to_owned()),
        uuid: Some(ann.uuid()),
    };
    let of_both = UserNames { email_key: EmailAddress::key_of("b@example.org"), ..all_of_ann.clone() };
    let found = db.in_the_way(&[all_of_ann.clone(), of_both, all_of_ann, username("bob")]).await;
    assert_eq!(ids(&found), [ann.id(), bob.id()]);
    assert_eq!(found.iter().map(User::record).collect::<Vec<_>>(), [ann.record(), bob.record()]);
    assert_eq!(found.iter().map(User::stored_version).collect::<Vec<_>>(), [1, 1]);
}

async fn a_unit_stands_in_its_own_way(db: Db) {
    let mut unit = db.begin().await;
    let ann = unit.add(user().username("ann")).await;
    let found = unit.users().find_in_the_way(&[username("ann")]).await.expect("users can be found");
    assert_eq!(ids(&found), [ann.id()]);
    drop(unit);
    assert_eq!(db.in_the_way(&[username("ann")]).await, []);
}

async fn any_number_of_names_can_be_asked_for(db: Db) {
    let mut unit = db.begin().await;
    let mut stored = Vec::new();
    for number in 0..30 {
        stored.push(unit.add(user().username(&format!("user{number}")).external_id(&format!("HR-{number}"))).await);
    }
    unit.commit().await;
    let asked = (0..1_000_usize).map(|number| match number % 100 {
        0 => username(&format!("user{}", number / 100)),
        1 => external_id(&format!("HR-{}", 10 + number / 100)),
        2 => uuid(stored[20 + number / 100].uuid()),
        _ => UserNames { external_id: Some(format!("other {number}")), ..uuid(UserUuid::new(new_uuid())) },
    });
    let found = db.in_the_way(&asked.collect::<Vec<_>>()).await;
    assert_eq!(ids(&found), ids(&stored));
}
