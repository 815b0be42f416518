//! Several units at once: nobody's change is lost, and of those who want the same thing one gets it.

use std::collections::HashSet;
use std::time::Duration;

use domain::input::Change;
use domain::ports::SaveUserError;
use domain::query::{DeletedScope, ListUsers, UserFilter};
use domain::user::{DeletedNames, User, UserDraft, UserPatch};
use domain::values::{PersonName, Role};
use testkit::{FixedClock, UserBuilder, user};

use crate::case::cases;
use crate::db::{Db, settle, together};

cases![
    of_units_that_take_one_username_one_wins,
    of_units_that_take_one_email_one_wins,
    of_units_that_take_one_external_id_one_wins,
    of_a_new_and_a_restored_user_one_gets_the_name,
    of_units_that_change_one_version_one_wins,
    no_increment_is_lost,
    units_that_have_nothing_to_do_with_each_other_all_commit,
    totals_are_exact_after_many_units_at_once,
];

const ROUNDS: usize = 12;
const CONTENDERS: usize = 5;

async fn insert(db: Db, draft: UserDraft) -> Result<User, SaveUserError> {
    let mut unit = db.try_begin().await?;
    let user = unit.users().insert(draft).await?;
    unit.try_commit().await?;
    Ok(user)
}

async fn save(db: Db, user: User) -> Result<User, SaveUserError> {
    let mut unit = db.try_begin().await?;
    unit.users().update(&user).await?;
    unit.try_commit().await?;
    Ok(user)
}

async fn assert_one_wins(db: Db, contender: fn(usize, usize) -> UserBuilder, lost: fn(&SaveUserError) -> bool) {
    for round in 0..ROUNDS {
        let tasks = (0..CONTENDERS).map(|number| {
            let (db, draft) = (db.clone(), contender(round, number).build());
            async move { settle(|| insert(db.clone(), draft.clone())).await }
        });
        let ended = together(tasks.collect()).await;
        assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "in round {round}: {ended:?}");
        assert!(ended.iter().filter_map(|ended| ended.as_ref().err()).all(lost), "in round {round}: {ended:?}");
        assert_eq!(db.count().await, round as u64 + 1);
    }
}

/// The same name to the key, written differently by each.
fn in_other_letters(text: &str, number: usize) -> String {
    let capital = |(index, c): (usize, char)| if index == number { c.to_ascii_uppercase() } else { c };
    text.chars().enumerate().map(capital).collect()
}

async fn of_units_that_take_one_username_one_wins(db: Db) {
    let contender = |round, number| user().username(&in_other_letters(&format!("contended{round}"), number));
    assert_one_wins(db, contender, |error| matches!(error, SaveUserError::UsernameTaken)).await;
}

async fn of_units_that_take_one_email_one_wins(db: Db) {
    let contender = |round, number| user().email(&in_other_letters(&format!("contended{round}@example.org"), number));
    assert_one_wins(db, contender, |error| matches!(error, SaveUserError::EmailTaken)).await;
}

async fn of_units_that_take_one_external_id_one_wins(db: Db) {
    let contender = |round, _| user().external_id(&format!("contended{round}"));
    assert_one_wins(db, contender, |error| matches!(error, SaveUserError::ExternalIdTaken)).await;
}

async fn of_a_new_and_a_restored_user_one_gets_the_name(db: Db) {
    for round in 0..ROUNDS {
        let name = format!("contended{round}");
        let added = db.add(user().named(&name)).await;
        let mut deleted = db.delete(&added).await;
        deleted.restore(FixedClock::START);
        let draft = user().username(&name).build();
        let (inserting, saving) = (db.clone(), db.clone());
        let inserted = async move { settle(|| insert(inserting.clone(), draft.clone())).await };
        let restored = async move { settle(|| save(saving.clone(), deleted.clone())).await };
        let tasks: Vec<futures_util::future::BoxFuture<'static, _>> = vec![Box::pin(inserted), Box::pin(restored)];
        let ended = together(tasks).await;
        assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "in round {round}: {ended:?}");
        let is_taken = |error| matches!(error, &SaveUserError::UsernameTaken);
        assert!(ended.iter().filter_map(|ended| ended.as_ref().err()).all(is_taken), "in round {round}: {ended:?}");
    }
}

fn named(mut user: User, name: &str) -> User {
    let first_name = Change::Set(PersonName::from_stored(name.to_owned()));
    user.update(UserPatch { first_name, ..Default::default() }, None, FixedClock::START);
    user
}

async fn of_units_that_change_one_version_one_wins(db: Db) {
    for round in 0..ROUNDS {
        let stored = db.add(user()).await;
        let tasks = (0..CONTENDERS).map(|number| {
            let (db, changed) = (db.clone(), named(stored.clone(), &number.to_string()));
            async move { settle(|| save(db.clone(), changed.clone())).await }
        });
        let ended = together(tasks.collect()).await;
        let (won, lost): (Vec<_>, Vec<_>) = ended.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "in round {round}");
        assert!(lost.iter().all(|lost| matches!(lost, Err(SaveUserError::StaleVersion))), "{lost:?}");
        let winner = won.into_iter().flatten().next().expect("one won");
        assert_eq!(db.load(stored.id()).await.map(|user| user.record().clone()), Some(winner.record().clone()));
    }
}

async fn increment(db: Db, counter: User) -> Result<User, SaveUserError> {
    let mut unit = db.try_begin().await?;
    let loaded = unit.users().find(counter.id().into()).await?.expect("the counter lives");
    let count: u32 = loaded.record().first_name.as_ref().map_or(0, |name| name.as_str().parse().expect("a number"));
    // Time for others to load the same version, if they may.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let increased = named(loaded, &(count + 1).to_string());
    unit.users().update(&increased).await?;
    unit.try_commit().await?;
    Ok(increased)
}

async fn no_increment_is_lost(db: Db) {
    const EACH: usize = 12;
    let counter = db.add(user()).await;
    let tasks = (0..CONTENDERS).map(|_| {
        let (db, counter) = (db.clone(), counter.clone());
        async move {
            let mut last = counter.clone();
            for _ in 0..EACH {
                // Somebody who loaded an old version tries again, as somebody whose unit lost does.
                last = loop {
                    match settle(|| increment(db.clone(), counter.clone())).await {
                        Err(SaveUserError::StaleVersion) => {}
                        other => break other?,
                    }
                };
            }
            Ok::<_, SaveUserError>(last)
        }
    });
    for ended in together(tasks.collect()).await {
        ended.expect("trying again helps");
    }
    let end = db.load(counter.id()).await.expect("the counter lives");
    let all = CONTENDERS * EACH;
    assert_eq!(end.record().first_name.as_ref().map(PersonName::as_str), Some(all.to_string().as_str()));
    assert_eq!(end.version(), 1 + i64::try_from(all).expect("a small number"));
}

async fn units_that_have_nothing_to_do_with_each_other_all_commit(db: Db) {
    let mut numbers = HashSet::new();
    for _ in 0..ROUNDS {
        let tasks = (0..CONTENDERS).map(|_| {
            let (db, draft) = (db.clone(), user().build());
            async move { settle(|| insert(db.clone(), draft.clone())).await }
        });
        for added in together(tasks.collect()).await {
            let id = added.expect("nothing stands against it").id();
            assert!(numbers.insert(id), "{id} was given twice");
            assert!(db.view(id).await.is_some());
        }
    }
}

/// Makes a user, and then an administrator of every second and a deleted user of every third.
async fn come_and_change(db: Db, number: usize) -> Result<User, SaveUserError> {
    let draft = user().build();
    let mut last = settle(|| insert(db.clone(), draft.clone())).await?;
    if number.is_multiple_of(2) {
        let promotion = UserPatch { role: Some(Role::Admin), ..Default::default() };
        last.update(promotion, None, FixedClock::START);
        last = settle(|| save(db.clone(), last.clone())).await?;
    }
    if number.is_multiple_of(3) {
        last = User::from_stored(last.id(), last.record().clone());
        last.delete(DeletedNames::Freed, FixedClock::START);
        last = settle(|| save(db.clone(), last.clone())).await?;
    }
    Ok(last)
}

async fn totals_are_exact_after_many_units_at_once(db: Db) {
    for _ in 0..6 {
        let tasks = (0..6).map(|number| come_and_change(db.clone(), number));
        for ended in together(tasks.collect()).await {
            ended.expect("nothing stands against it");
        }
    }
    // Of each six, 0, 2 and 4 are administrators, and 0 and 3 are deleted.
    let any = UserFilter::default();
    for (filter, expected) in [
        (any.clone(), 24),
        (UserFilter { deleted: DeletedScope::Only, ..any.clone() }, 12),
        (UserFilter { deleted: DeletedScope::All, ..any.clone() }, 36),
        (UserFilter { role: Some(Role::Admin), ..any.clone() }, 12),
        (UserFilter { role: Some(Role::User), ..any }, 12),
    ] {
        let page = db.list(&ListUsers { filter: filter.clone(), limit: 100, ..Default::default() }).await;
        assert_eq!(page.users.len(), expected, "{filter:?}");
        assert_eq!(page.total.map(|total| total.count), Some(expected as u64), "{filter:?}");
    }
    let administrators = db.begin().await.count_administrators().await;
    assert_eq!(administrators, 12);
}
