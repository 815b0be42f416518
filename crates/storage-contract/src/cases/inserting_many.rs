//! Storing many users at once: all of them or none, and whom they would meet.

use std::collections::HashSet;

use domain::ports::SaveUserError;
use domain::query::{DeletedScope, ListUsers};
use domain::user::{DeletedNames, User, UserDraft};
use domain::values::{UserId, UserUuid};
use testkit::{UserBuilder, user};

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::unit::{Unit, assert_refused, new_uuid};

cases![
    many_users_are_stored_with_every_value,
    a_thousand_users_can_be_stored_at_once,
    of_many_users_all_are_stored_or_none,
    many_users_hear_of_what_is_taken,
    many_users_hear_of_what_two_of_them_share,
    uuids_of_others_are_taken_living_or_deleted,
    many_users_are_counted,
    many_users_beside_single_ones_take_a_name_once,
];

const ROUNDS: usize = 12;

fn drafts(users: impl IntoIterator<Item = UserBuilder>) -> Vec<UserDraft> {
    users.into_iter().map(UserBuilder::build).collect()
}

impl Db {
    /// Everybody, living or deleted, by number.
    pub(super) async fn everybody(&self) -> Vec<domain::user::UserView> {
        let mut query = ListUsers { limit: u32::MAX, ..Default::default() };
        query.filter.deleted = DeletedScope::All;
        let page = self.list(&query).await;
        assert_eq!(page.total.map(|total| total.count), Some(page.users.len() as u64));
        page.users
    }

    /// Nobody is counted who is not there.
    pub(super) async fn assert_counted(&self) {
        self.everybody().await;
        assert_eq!(self.inspection().count_differences().await.expect("users can be counted"), []);
    }

    pub(super) async fn insert_many(&self, drafts: &[UserDraft]) -> Result<(), SaveUserError> {
        let mut unit = self.try_begin().await?;
        unit.users().insert_many(drafts).await?;
        Ok(unit.try_commit().await?)
    }
}

/// The user of this draft as the unit finds them.
async fn stored_as(unit: &mut Unit, draft: &UserDraft) -> User {
    let uuid: UserUuid = draft.record().uuid;
    unit.load(uuid).await.expect("the user is stored")
}

async fn many_users_are_stored_with_every_value(db: Db) {
    let ann = db.add(user()).await;
    let full = user().full_name("Zoë Q").first_name("Zoë").last_name("Quist").external_id("HR-1").locale("sv-SE");
    let full = full.user_metadata(r#"{"a":[1,null]}"#).app_metadata(r#"{"b":{}}"#).created_by(ann.uuid());
    let drafts = drafts([full.moderator().must_change_password(), user(), user().inactive().admin(), user()]);
    let mut unit = db.begin().await;
    unit.users().insert_many(&drafts).await.expect("nobody holds their names");
    let mut numbers = HashSet::from([ann.id()]);
    for draft in &drafts {
        let stored = stored_as(&mut unit, draft).await;
        assert_eq!(stored.record(), draft.record(), "the unit sees its own");
        assert!(numbers.insert(stored.id()), "{} was given before", stored.id());
    }
    assert_eq!(db.count().await, 1, "others do not see them yet");
    unit.commit().await;
    for draft in &drafts {
        assert_eq!(db.load(draft.record().uuid).await.expect("the user is stored").record(), draft.record());
    }
    let later = db.add(user()).await;
    assert!(numbers.insert(later.id()) && numbers.iter().all(|id| *id <= later.id()), "numbers grow");
}

async fn a_thousand_users_can_be_stored_at_once(db: Db) {
    db.insert_many(&[]).await.expect("nobody is stored at once, too");
    let drafts = drafts((0..1_000).map(|number| user().external_id(&format!("HR-{number}"))));
    db.insert_many(&drafts).await.expect("nobody holds their names");
    let stored = db.everybody().await;
    let uuids: Vec<_> = stored.iter().map(|user| user.uuid).collect();
    assert!(
        uuids == drafts.iter().map(|draft| draft.record().uuid).collect::<Vec<_>>(),
        "in the order of their numbers"
    );
    db.assert_counted().await;
}

async fn of_many_users_all_are_stored_or_none(db: Db) {
    db.add(user().username("ann")).await;
    for last in [user().username("ann"), user()] {
        let is_good = last.clone().build().record().username.key() != "ann";
        let drafts = drafts((0..300).map(|_| user()).chain([last]));
        assert_eq!(db.insert_many(&drafts).await.is_ok(), is_good);
        assert_eq!(db.count().await, if is_good { 302 } else { 1 });
    }
    let mut dropped = db.begin().await;
    dropped.users().insert_many(&drafts([user(), user()])).await.expect("nobody holds their names");
    drop(dropped);
    let mut refused = db.begin().await;
    assert_refused!(refused.users().insert_many(&drafts([user(), user().username("ann")])).await, UsernameTaken);
    assert!(refused.try_commit().await.is_err(), "it met an error");
    assert_eq!(db.count().await, 302);
}

async fn many_users_hear_of_what_is_taken(db: Db) {
    let ann = db.add(user().username("ann").email("ann@example.org").external_id("HR-1")).await;
    let among = |other: UserBuilder| drafts([user(), other, user()]);
    assert_refused!(db.insert_many(&among(user().username("ANN"))).await, UsernameTaken);
    assert_refused!(db.insert_many(&among(user().email("Ann@Example.org"))).await, EmailTaken);
    assert_refused!(db.insert_many(&among(user().external_id("HR-1"))).await, ExternalIdTaken);
    let all = user().username("ann").email("ann@example.org").external_id("HR-1");
    assert_refused!(db.insert_many(&drafts([all])).await, UsernameTaken);
    db.delete(&ann).await;
    assert_refused!(db.insert_many(&among(user().external_id("HR-1"))).await, ExternalIdTaken);
    db.insert_many(&among(user().username("ann").email("ann@example.org"))).await.expect("the names are free");
}

async fn many_users_hear_of_what_two_of_them_share(db: Db) {
    let two = |one: UserBuilder, other: UserBuilder| drafts([one, user(), other]);
    assert_refused!(db.insert_many(&two(user().username("bob"), user().username("Bob"))).await, UsernameTaken);
    let email = |text| user().email(text);
    assert_refused!(db.insert_many(&two(email("b@example.org"), email("B@example.org"))).await, EmailTaken);
    assert_refused!(db.insert_many(&two(user().external_id("1"), user().external_id("1"))).await, ExternalIdTaken);
    let uuid = UserUuid::new(new_uuid());
    assert_refused!(db.insert_many(&two(user().uuid(uuid), user().uuid(uuid))).await, UuidTaken);
    assert_eq!(db.count().await, 0);
}

async fn uuids_of_others_are_taken_living_or_deleted(db: Db) {
    let ann = db.add(user()).await;
    assert_refused!(db.insert_many(&drafts([user(), user().uuid(ann.uuid())])).await, UuidTaken);
    db.delete(&ann).await;
    assert_refused!(db.insert_many(&drafts([user().uuid(ann.uuid()), user()])).await, UuidTaken);
    assert_eq!(db.count().await, 1);
}

async fn many_users_are_counted(db: Db) {
    let kinds: [fn() -> UserBuilder; 4] =
        [user, || user().admin(), || user().moderator(), || user().admin().inactive()];
    let mixed = || drafts((0..40).map(|number| kinds[number % 4]()));
    db.insert_many(&mixed()).await.expect("nobody holds their names");
    let mut dropped = db.begin().await;
    dropped.users().insert_many(&mixed()).await.expect("nobody holds their names");
    assert_eq!(dropped.count_administrators().await, 20, "its own as well");
    drop(dropped);
    assert_eq!(db.begin().await.count_administrators().await, 10);
    assert_eq!(db.everybody().await.len(), 40);
    db.assert_counted().await;
    let found = db.everybody().await;
    db.change(&db.load(found[0].id).await.expect("it is stored"), |first| {
        first.delete(DeletedNames::Freed, testkit::FixedClock::START)
    })
    .await;
    db.assert_counted().await;
}

async fn many_users_beside_single_ones_take_a_name_once(db: Db) {
    async fn insert(db: &Db, draft: &UserDraft) -> Result<(), SaveUserError> {
        let mut unit = db.try_begin().await?;
        unit.users().insert(draft.clone()).await?;
        Ok(unit.try_commit().await?)
    }
    let mut stored = 0;
    for round in 0..ROUNDS {
        let name = format!("contended{round}");
        let tasks = (0..4).map(|number| {
            let db = db.clone();
            let many = number < 2;
            let others = if many { 5 } else { 0 };
            let own = drafts((0..others).map(|_| user()).chain([user().username(&name).moderator()]));
            async move {
                let ended = settle(async || if many { db.insert_many(&own).await } else { insert(&db, &own[0]).await });
                (ended.await, own.len() as u64)
            }
        });
        let ended = together(tasks.collect()).await;
        let won: Vec<_> = ended.iter().filter(|(ended, _)| ended.is_ok()).collect();
        assert_eq!(won.len(), 1, "in round {round}: {ended:?}");
        let is_taken = |error: &SaveUserError| matches!(error, SaveUserError::UsernameTaken);
        assert!(
            ended.iter().filter_map(|(ended, _)| ended.as_ref().err()).all(is_taken),
            "in round {round}: {ended:?}"
        );
        stored += won[0].1;
        assert_eq!(db.count().await, stored, "in round {round}");
    }
    let numbers: HashSet<UserId> = db.everybody().await.into_iter().map(|user| user.id).collect();
    assert_eq!(numbers.len() as u64, stored);
    db.assert_counted().await;
}
