//! Which users a listing shows.

use chrono::TimeDelta;
use domain::input::Change;
use domain::query::{DeletedScope, ListUsers, Search, UserFilter};
use domain::user::UserPatch;
use domain::values::{EmailAddress, Role, Username, fold};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::crowd::{Crowd, moment};
use crate::db::Db;

cases![
    without_users_there_is_nothing_to_list,
    each_condition_finds_whom_it_describes,
    conditions_combine,
    lookups_combine_with_other_conditions,
    being_made_at_the_very_moment_is_neither_after_nor_before,
    a_changed_user_is_found_by_what_they_are_now,
];

async fn assert_lists(db: &Db, crowd: &Crowd, filter: UserFilter) {
    let query = ListUsers { filter, limit: 100, ..Default::default() };
    assert_eq!(db.list(&query).await, crowd.page(&query), "{query:?}");
}

async fn without_users_there_is_nothing_to_list(db: Db) {
    assert_lists(&db, &Crowd::of(&[]), UserFilter::default()).await;
    let search = UserFilter { search: Some(Search::Beginning("a".to_owned())), ..Default::default() };
    assert_lists(&db, &Crowd::of(&[]), search).await;
}

async fn each_condition_finds_whom_it_describes(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let any = UserFilter::default();
    let mut filters = vec![any.clone()];
    filters.extend(Role::ALL.map(|role| UserFilter { role: Some(role), ..any.clone() }));
    filters.extend([true, false].map(|active| UserFilter { is_active: Some(active), ..any.clone() }));
    for scope in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
        filters.push(UserFilter { deleted: scope, ..any.clone() });
    }
    for number in -1..6 {
        filters.push(UserFilter { created_after: Some(moment(number)), ..any.clone() });
        filters.push(UserFilter { created_before: Some(moment(number)), ..any.clone() });
    }
    for user in &crowd.users {
        // A deleted user is found by the name they had.
        for deleted in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
            let in_scope = UserFilter { deleted, ..any.clone() };
            let username = Some(Username::key_of(&user.username));
            filters.push(UserFilter { username, ..in_scope.clone() });
            let email = Some(EmailAddress::key_of(&user.email));
            filters.push(UserFilter { email, ..in_scope.clone() });
            let external_id = user.external_id.clone();
            filters.push(UserFilter { external_id, ..in_scope });
        }
    }
    for nobody in ["", "nobody", "an", "HR", "%", "_____"].map(|text| Some(text.to_owned())) {
        filters.push(UserFilter { username: nobody.clone(), ..any.clone() });
        filters.push(UserFilter { email: nobody.clone(), ..any.clone() });
        filters.push(UserFilter { external_id: nobody, ..any.clone() });
    }
    for filter in filters {
        assert_lists(&db, &crowd, filter).await;
    }
}

async fn conditions_combine(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for role in [None, Some(Role::User), Some(Role::Admin)] {
        for is_active in [None, Some(true), Some(false)] {
            for deleted in [DeletedScope::Live, DeletedScope::All, DeletedScope::Only] {
                for search in [None, Some("an"), Some("a3"), Some("*nn*"), Some("*a*")] {
                    for (after, before) in [(None, None), (Some(1), None), (None, Some(3)), (Some(0), Some(4))] {
                        let (search, created_after) = (search.and_then(Search::parse), after.map(moment));
                        let created_before = before.map(moment);
                        let filter = UserFilter {
                            role,
                            is_active,
                            search,
                            created_after,
                            created_before,
                            deleted,
                            ..Default::default()
                        };
                        assert_lists(&db, &crowd, filter).await;
                    }
                }
            }
        }
    }
}

async fn lookups_combine_with_other_conditions(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for user in crowd.users.iter().filter(|user| user.external_id.is_some()).take(5) {
        let itself = UserFilter {
            username: Some(Username::key_of(&user.username)),
            email: Some(EmailAddress::key_of(&user.email)),
            external_id: user.external_id.clone(),
            deleted: DeletedScope::All,
            ..Default::default()
        };
        assert_lists(&db, &crowd, itself.clone()).await;
        for other in [
            UserFilter { role: Some(Role::Moderator), ..itself.clone() },
            UserFilter { is_active: Some(false), ..itself.clone() },
            UserFilter { search: Some(Search::Beginning(fold(&user.username))), ..itself.clone() },
            UserFilter { search: Some(Search::Beginning("nobody".to_owned())), ..itself.clone() },
            UserFilter { email: Some("other@example.org".to_owned()), ..itself.clone() },
            UserFilter { created_after: Some(user.created_at), ..itself.clone() },
        ] {
            assert_lists(&db, &crowd, other).await;
        }
    }
}

async fn being_made_at_the_very_moment_is_neither_after_nor_before(db: Db) {
    let at = FixedClock::START;
    let added = db.add(user().created_at(at)).await;
    let microsecond = TimeDelta::microseconds(1);
    let after = |at| UserFilter { created_after: Some(at), ..Default::default() };
    let before = |at| UserFilter { created_before: Some(at), ..Default::default() };
    for (filter, found) in [
        (after(at), false),
        (before(at), false),
        (after(at - microsecond), true),
        (before(at + microsecond), true),
        (after(at + microsecond), false),
        (before(at - microsecond), false),
    ] {
        let page = db.list(&ListUsers { filter: filter.clone(), limit: 1, ..Default::default() }).await;
        assert_eq!(page.users.iter().any(|user| user.id == added.id()), found, "{filter:?}");
    }
}

async fn a_changed_user_is_found_by_what_they_are_now(db: Db) {
    let added = db.add(user().named("before").last_name("Before")).await;
    let patch = UserPatch {
        username: Some(Username::from_stored("After".to_owned())),
        email: Some(EmailAddress::from_stored("After@example.org".to_owned())),
        last_name: Change::Clear,
        role: Some(Role::Admin),
        ..Default::default()
    };
    let changed = db.change(&added, |user| user.update(patch, None, FixedClock::START)).await;
    let crowd = Crowd::of(&[changed]);
    for text in ["before", "after"] {
        let (name, email) = (Some(text.to_owned()), Some(format!("{text}@example.org")));
        assert_lists(&db, &crowd, UserFilter { search: name.clone().map(Search::Beginning), ..Default::default() })
            .await;
        assert_lists(&db, &crowd, UserFilter { username: name, ..Default::default() }).await;
        assert_lists(&db, &crowd, UserFilter { email, ..Default::default() }).await;
    }
    assert_lists(&db, &crowd, UserFilter { role: Some(Role::User), ..Default::default() }).await;
    assert_lists(&db, &crowd, UserFilter { role: Some(Role::Admin), ..Default::default() }).await;
}
