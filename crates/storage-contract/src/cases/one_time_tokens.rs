//! Tokens that are good once.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{OneTimePurpose, SaveUserError};
use domain::user::User;
use domain::values::{Digest, UserUuid};
use testkit::user;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, micros, new_digest};

cases![
    a_token_says_whose_it_was_once,
    a_token_is_good_until_it_expires,
    a_token_that_was_taken_by_a_dropped_unit_is_still_good,
    a_later_token_makes_the_earlier_ones_useless,
    tokens_of_a_user_can_be_forgotten,
    of_units_that_take_one_token_one_gets_it,
    of_tokens_that_are_given_out_at_once_one_is_good,
];

const ROUNDS: usize = 8;
const CONTENDERS: usize = 6;
const RESET: OneTimePurpose = OneTimePurpose::ResetPassword;
const AN_HOUR: TimeDelta = TimeDelta::hours(1);

async fn try_give_out(db: Db, user: UserUuid, token: Digest) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    unit.one_time_tokens().replace(RESET, user, token, NOW + AN_HOUR).await?;
    unit.try_commit().await?;
    Ok(())
}

async fn try_take(db: Db, token: Digest, now: DateTime<Utc>) -> Result<Option<UserUuid>, SaveUserError> {
    let mut unit = db.try_begin().await?;
    let user = unit.one_time_tokens().take(RESET, token, now).await?;
    unit.try_commit().await?;
    Ok(user)
}

async fn give_out(db: &Db, user: &User) -> Digest {
    let token = new_digest();
    try_give_out(db.clone(), user.uuid(), token).await.expect("a token can be kept");
    token
}

async fn take(db: &Db, token: Digest) -> Option<UserUuid> {
    try_take(db.clone(), token, NOW).await.expect("a token can be taken")
}

async fn a_token_says_whose_it_was_once(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let (of_ann, of_bob) = (give_out(&db, &ann).await, give_out(&db, &bob).await);
    assert_eq!(take(&db, new_digest()).await, None, "it was never given out");
    assert_eq!(take(&db, of_ann).await, Some(ann.uuid()));
    assert_eq!(take(&db, of_ann).await, None);
    assert_eq!(take(&db, of_bob).await, Some(bob.uuid()));
}

async fn a_token_is_good_until_it_expires(db: Db) {
    let ann = db.add(user()).await;
    let end = NOW + AN_HOUR;
    for (now, is_good) in [(end - micros(1), true), (end, false), (end + TimeDelta::days(1), false)] {
        let token = give_out(&db, &ann).await;
        let whose = try_take(db.clone(), token, now).await.expect("a token can be taken");
        assert_eq!(whose, is_good.then_some(ann.uuid()), "at {now}");
    }
}

async fn a_token_that_was_taken_by_a_dropped_unit_is_still_good(db: Db) {
    let ann = db.add(user()).await;
    let token = give_out(&db, &ann).await;
    let mut unit = db.begin().await;
    let whose = unit.one_time_tokens().take(RESET, token, NOW).await.expect("a token can be taken");
    assert_eq!(whose, Some(ann.uuid()));
    drop(unit);
    assert_eq!(take(&db, token).await, Some(ann.uuid()));
}

async fn a_later_token_makes_the_earlier_ones_useless(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let of_bob = give_out(&db, &bob).await;
    let earlier = [give_out(&db, &ann).await, give_out(&db, &ann).await];
    let last = give_out(&db, &ann).await;
    for token in earlier {
        assert_eq!(take(&db, token).await, None);
    }
    assert_eq!(take(&db, last).await, Some(ann.uuid()));
    assert_eq!(take(&db, of_bob).await, Some(bob.uuid()), "it is somebody else's");
}

async fn tokens_of_a_user_can_be_forgotten(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let (of_ann, of_bob) = (give_out(&db, &ann).await, give_out(&db, &bob).await);
    let mut unit = db.begin().await;
    for _ in 0..2 {
        unit.one_time_tokens().forget(ann.uuid()).await.expect("tokens can be forgotten");
    }
    unit.commit().await;
    assert_eq!((take(&db, of_ann).await, take(&db, of_bob).await), (None, Some(bob.uuid())));
}

async fn of_units_that_take_one_token_one_gets_it(db: Db) {
    let ann = db.add(user()).await;
    for round in 0..ROUNDS {
        let token = give_out(&db, &ann).await;
        let tasks = (0..CONTENDERS).map(|_| {
            let db = db.clone();
            async move { settle(|| try_take(db.clone(), token, NOW)).await }
        });
        let ended = together(tasks.collect()).await;
        let whose: Vec<_> = ended.into_iter().filter_map(|ended| ended.expect("trying again helps")).collect();
        assert_eq!(whose, [ann.uuid()], "in round {round}");
    }
}

async fn of_tokens_that_are_given_out_at_once_one_is_good(db: Db) {
    let ann = db.add(user()).await;
    for round in 0..ROUNDS {
        let tokens: Vec<_> = (0..CONTENDERS).map(|_| new_digest()).collect();
        let tasks = tokens.iter().map(|token| {
            let (db, user, token) = (db.clone(), ann.uuid(), *token);
            async move { settle(|| try_give_out(db.clone(), user, token)).await }
        });
        for ended in together(tasks.collect()).await {
            ended.expect("trying again helps");
        }
        let mut good = 0;
        for token in tokens {
            good += usize::from(take(&db, token).await.is_some());
        }
        assert_eq!(good, 1, "in round {round}");
    }
}
