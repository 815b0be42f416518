//! Networks that users signed in from.

use chrono::{DateTime, TimeDelta, Utc};
use domain::query::{DeletedScope, ListUsers};
use domain::user::{User, UserView};
use domain::values::UserRef;
use testkit::user;

use crate::case::cases;
use crate::db::Db;
use crate::sign_in::{NOW, digest, micros};

cases![
    a_network_is_known_to_whoever_signed_in_from_it,
    signing_in_is_known_at_the_commit_and_not_before,
    a_network_does_not_become_older,
    the_last_sign_in_is_shown_and_never_goes_back,
];

async fn sign_in(db: &Db, user: &User, network: &str, now: DateTime<Utc>) {
    let mut unit = db.begin().await;
    unit.logins().signed_in(user.uuid(), digest(network), now).await.expect("a sign-in can be noted");
    unit.commit().await;
}

async fn is_known(db: &Db, user: Option<&User>, network: &str) -> bool {
    let standing = db.sessions().login_standing(digest("a name"), digest(network), user.map(User::uuid)).await;
    standing.expect("networks can be read").is_known_network
}

async fn a_network_is_known_to_whoever_signed_in_from_it(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    for _ in 0..2 {
        sign_in(&db, &ann, "home", NOW).await;
        sign_in(&db, &ann, "work", NOW + micros(1)).await;
        sign_in(&db, &bob, "work", NOW + micros(1)).await;
    }
    for (network, knows) in [("home", [true, false]), ("work", [true, true]), ("train", [false, false])] {
        for (user, knows) in [&ann, &bob].into_iter().zip(knows) {
            assert_eq!(is_known(&db, Some(user), network).await, knows, "{network}");
        }
        assert!(!is_known(&db, None, network).await, "nobody knows {network}");
    }
}

async fn signing_in_is_known_at_the_commit_and_not_before(db: Db) {
    let ann = db.add(user()).await;
    for is_kept in [false, true] {
        let mut unit = db.begin().await;
        unit.logins().signed_in(ann.uuid(), digest("home"), NOW).await.expect("a sign-in can be noted");
        assert!(!is_known(&db, Some(&ann), "home").await);
        if is_kept {
            unit.commit().await;
        }
    }
    assert!(is_known(&db, Some(&ann), "home").await);
}

async fn a_network_does_not_become_older(db: Db) {
    let ann = db.add(user()).await;
    sign_in(&db, &ann, "home", NOW).await;
    // By the clock of a replica that is behind.
    sign_in(&db, &ann, "home", NOW - TimeDelta::days(2)).await;
    let mut unit = db.begin().await;
    let long_ago = NOW - TimeDelta::days(1);
    assert_eq!(unit.logins().clean_up(NOW, long_ago, 10).await.expect("networks can be cleaned up"), 0);
    unit.commit().await;
    assert!(is_known(&db, Some(&ann), "home").await);
}

async fn the_last_sign_in_is_shown_and_never_goes_back(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    for (now, last) in [(NOW, NOW), (NOW + micros(1), NOW + micros(1)), (NOW - TimeDelta::days(2), NOW + micros(1))] {
        sign_in(&db, &ann, "home", now).await;
        let listed = db.list(&ListUsers { limit: 10, ..Default::default() }).await.users;
        for user in [&ann, &bob] {
            let expected = UserView { last_login_at: (user.id() == ann.id()).then_some(last), ..UserView::from(user) };
            for named in [UserRef::Id(user.id()), UserRef::Uuid(user.uuid())] {
                let found = db.queries().find(named, DeletedScope::Live).await.expect("a user can be read");
                assert_eq!(found.as_ref(), Some(&expected), "signing in makes no other version");
            }
            assert!(listed.contains(&expected), "{listed:?}");
        }
    }
}
