//! Totals against those who are there: however users came, changed and went, nobody is counted who is not found.

use domain::ports::SaveUserError;
use domain::query::{DeletedScope, ListUsers, UserFilter, Window};
use domain::user::{DeletedNames, User, UserPatch};
use domain::values::Role;
use testkit::{FixedClock, user};
use tokio::task::JoinSet;

use crate::case::cases;
use crate::db::{Db, settle};
use crate::unit::assert_refused;

cases![units_that_never_were_are_not_counted, totals_are_those_walked_to_after_many_writers];

/// Every combination of what is filtered by without a search.
fn every_filter() -> impl Iterator<Item = UserFilter> {
    let roles = [None].into_iter().chain(Role::ALL.map(Some));
    roles.flat_map(|role| {
        [None, Some(true), Some(false)].into_iter().flat_map(move |is_active| {
            [DeletedScope::Live, DeletedScope::All, DeletedScope::Only].map(|deleted| UserFilter {
                role,
                is_active,
                deleted,
                ..Default::default()
            })
        })
    })
}

async fn assert_totals_are_those_walked_to(db: &Db) {
    for filter in every_filter() {
        let mut query = ListUsers { filter, limit: 7, ..Default::default() };
        let (mut walked, mut totals) = (0, Vec::new());
        loop {
            let page = db.list(&query).await;
            walked += page.users.len() as u64;
            totals.extend(page.total.map(|total| total.count));
            let Some(next) = page.next else { break };
            query.window = Window::After(next);
        }
        assert!(!totals.is_empty() && totals.iter().all(|total| *total == walked), "{query:?} {walked} {totals:?}");
    }
}

fn promotion(role: Role) -> UserPatch {
    UserPatch { role: Some(role), ..Default::default() }
}

async fn units_that_never_were_are_not_counted(db: Db) {
    let ann = db.add(user().username("ann")).await;
    let bob = db.add(user().username("bob").admin()).await;

    let mut dropped = db.begin().await;
    dropped.add(user().moderator()).await;
    dropped.change(&ann, |ann| ann.update(promotion(Role::Admin), None, FixedClock::START)).await;
    dropped.change(&bob, |bob| bob.delete(DeletedNames::Freed, FixedClock::START)).await;
    drop(dropped);
    assert_eq!(db.count().await, 2, "ann and bob");
    assert_totals_are_those_walked_to(&db).await;

    let mut failed = db.begin().await;
    failed.add(user().moderator()).await;
    failed.change(&bob, |bob| bob.deactivate(None, None, FixedClock::START)).await;
    assert_refused!(failed.insert(user().username("ann")).await, UsernameTaken);
    failed.try_commit().await.expect_err("a unit that met an error does not commit");
    assert_eq!(db.count().await, 2, "ann and bob");
    assert_totals_are_those_walked_to(&db).await;

    let mut there_and_back = db.begin().await;
    there_and_back.change(&ann, |ann| ann.delete(DeletedNames::Reserved, FixedClock::START)).await;
    there_and_back.change(&ann, |ann| ann.restore(FixedClock::START)).await;
    there_and_back.commit().await;
    assert_totals_are_those_walked_to(&db).await;
}

const WRITERS: usize = 6;
const EACH: usize = 8;

async fn totals_are_those_walked_to_after_many_writers(db: Db) {
    let shared = db.add(user()).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (db, shared) = (db.clone(), shared.clone());
        writers.spawn(async move {
            for round in 0..EACH {
                settle(|| come_and_change(&db, &shared, writer + round)).await.expect("nothing stands against it");
            }
        });
    }
    writers.join_all().await;
    assert_eq!(db.count().await, (WRITERS * EACH + 1) as u64);
    assert_totals_are_those_walked_to(&db).await;
}

/// One unit in which somebody comes and is changed, and somebody whom all others change as well.
async fn come_and_change(db: &Db, shared: &User, number: usize) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    let role = if number.is_multiple_of(2) { Role::Moderator } else { Role::Admin };
    let come = unit.insert(user()).await?;
    match number % 4 {
        0 => unit.try_change(&come, |come| come.update(promotion(role), None, FixedClock::START)).await?,
        1 => unit.try_change(&come, |come| come.delete(DeletedNames::Freed, FixedClock::START)).await?,
        2 => unit.try_change(&come, |come| come.deactivate(None, None, FixedClock::START)).await?,
        _ => come,
    };
    let loaded = unit.users().find_including_deleted(shared.id().into()).await?;
    let mut shared = loaded.expect("nobody takes a user away");
    shared.update(promotion(role), None, FixedClock::START);
    unit.users().update(&shared).await?;
    Ok(unit.try_commit().await?)
}
