//! A better hash of the same password: no change of the user.

use domain::ports::SaveUserError;
use domain::user::{User, UserPatch, UserRecord, UserView};
use domain::values::PasswordHash;
use testkit::{FakeHasher, FixedClock, user};

use crate::case::cases;
use crate::db::{Db, settle, together};

cases![
    a_better_hash_is_no_change_of_the_user,
    a_better_hash_replaces_the_one_that_was_verified_alone,
    hashes_are_compared_exactly,
    a_better_hash_is_put_in_the_place_of_one_users_hash,
    a_better_hash_never_takes_a_new_password_back,
];

const ROUNDS: usize = 8;

async fn try_upgrade(db: Db, user: User, from: PasswordHash, to: PasswordHash) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    unit.users().upgrade_hash(user.uuid(), &from, &to).await?;
    unit.try_commit().await?;
    Ok(())
}

async fn upgrade(db: &Db, user: &User, from: &str, to: &str) {
    let upgraded = try_upgrade(db.clone(), user.clone(), hash(from), hash(to)).await;
    upgraded.expect("a hash can be upgraded");
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text.to_owned())
}

/// The user with another hash, and nothing else.
fn having(user: &User, hash: PasswordHash) -> User {
    User::from_stored(user.id(), UserRecord { password_hash: hash, ..user.record().clone() })
}

async fn a_better_hash_is_no_change_of_the_user(db: Db) {
    let ann = db.add(user().password("p").full_name("Ann").locale("de").external_id("HR-1").moderator()).await;
    let before = db.view(ann.id()).await;
    let better = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
    upgrade(&db, &ann, FakeHasher::hash_of("p").expose(), better).await;
    assert_eq!(db.load(ann.id()).await, Some(having(&ann, hash(better))));
    assert_eq!(db.view(ann.id()).await, before);
    // Whoever loaded the user before can still save.
    let mut loaded = ann.clone();
    loaded.deactivate(None, None, FixedClock::START);
    let mut unit = db.begin().await;
    unit.users().update(&loaded).await.expect("the version is the stored one");
    unit.commit().await;
    assert_eq!(db.view(ann.id()).await, Some(UserView::from(&loaded)));
}

async fn a_better_hash_replaces_the_one_that_was_verified_alone(db: Db) {
    let ann = db.add(user().password("p")).await;
    upgrade(&db, &ann, FakeHasher::hash_of("another").expose(), "better").await;
    assert_eq!(db.load(ann.id()).await, Some(ann.clone()));
    let changed = db.change(&ann, |user| user.update(new_password(), None, FixedClock::START)).await;
    upgrade(&db, &ann, FakeHasher::hash_of("p").expose(), "better").await;
    assert_eq!(db.load(ann.id()).await, Some(changed), "the password was changed meanwhile");
}

async fn hashes_are_compared_exactly(db: Db) {
    let ann = db.add(user().password("Case and trailing blank ")).await;
    let stored = ann.record().password_hash.expose().to_owned();
    for other in
        [stored.to_lowercase(), stored.to_uppercase(), stored.trim().to_owned(), format!("{stored} "), String::new()]
    {
        upgrade(&db, &ann, &other, "better").await;
        assert_eq!(db.load(ann.id()).await, Some(ann.clone()), "{other:?}");
    }
}

async fn a_better_hash_is_put_in_the_place_of_one_users_hash(db: Db) {
    let (ann, bob) = (db.add(user().password("p")).await, db.add(user().password("p")).await);
    upgrade(&db, &ann, FakeHasher::hash_of("p").expose(), "better").await;
    assert_eq!(db.load(ann.id()).await, Some(having(&ann, hash("better"))));
    assert_eq!(db.load(bob.id()).await, Some(bob));
}

fn new_password() -> UserPatch {
    UserPatch { password_hash: Some(FakeHasher::hash_of("new")), ..Default::default() }
}

async fn change_password(db: Db, user: User) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    let mut user = unit.users().find(user.id().into()).await?.expect("nobody deletes the user");
    user.update(new_password(), None, FixedClock::START);
    unit.users().update(&user).await?;
    unit.try_commit().await?;
    Ok(())
}

async fn a_better_hash_never_takes_a_new_password_back(db: Db) {
    for round in 0..ROUNDS {
        let ann = db.add(user().password("p")).await;
        let (upgrading, changing, old) = (db.clone(), db.clone(), ann.clone());
        let same = ann.clone();
        let mut tasks: Vec<futures_util::future::BoxFuture<'static, _>> = vec![
            Box::pin(async move {
                let from = old.record().password_hash.clone();
                settle(|| try_upgrade(upgrading.clone(), old.clone(), from.clone(), hash("better"))).await
            }),
            Box::pin(async move { settle(|| change_password(changing.clone(), same.clone())).await }),
        ];
        if round % 2 == 0 {
            tasks.reverse();
        }
        for ended in together(tasks).await {
            ended.expect("trying again helps");
        }
        let stored = db.load(ann.id()).await.expect("the user is stored");
        assert_eq!(stored.record().password_hash, FakeHasher::hash_of("new"), "in round {round}");
        assert_eq!(stored.version(), ann.version() + 1, "in round {round}");
    }
}
