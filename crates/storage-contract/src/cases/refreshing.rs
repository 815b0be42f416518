//! Refresh tokens: each is spent once, whoever tries, and its successor is known.

use chrono::{DateTime, Utc};
use domain::ports::SaveUserError;
use domain::session::RefreshToken;
use domain::values::{Digest, Nonce};
use testkit::user;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, micros, session, successor, token};

cases![
    a_token_reads_back_with_every_value,
    a_token_is_spent_once,
    a_token_of_a_dropped_unit_is_not_spent,
    a_token_leads_to_its_session_spent_or_not,
    a_successor_is_known_to_be_spent,
    of_units_that_spend_one_token_one_succeeds,
];

const ROUNDS: usize = 8;
const CONTENDERS: usize = 6;

async fn a_token_reads_back_with_every_value(db: Db) {
    let ann = db.add(user()).await;
    let session = session(&ann);
    db.open(&[&session]).await;
    let first = token(&session);
    // Bytes that no text can hold.
    let odd = |byte: u8| Digest::new([byte; 32]);
    let parent = RefreshToken { digest: odd(0xff), ..token(&session) };
    let second = RefreshToken {
        digest: odd(0),
        parent: Some(odd(0xff)),
        nonce: Nonce::new([b'\''; 32]),
        issued_at: NOW + micros(1),
        spent_at: Some(NOW + micros(2)),
        ..token(&session)
    };
    db.give_out(&[&first, &parent, &second]).await;
    for token in [first, parent, second] {
        assert_eq!(db.token(token.digest).await, Some(token));
    }
}

/// Spends a token in a unit of its own.
async fn spend(db: &Db, token: Digest, now: DateTime<Utc>) -> bool {
    let mut unit = db.begin().await;
    let was_unspent = unit.sessions().spend_token(token, now).await.expect("a token can be spent");
    unit.commit().await;
    was_unspent
}

async fn a_token_is_spent_once(db: Db) {
    let ann = db.add(user()).await;
    let session = session(&ann);
    db.open(&[&session]).await;
    let (spent, other) = (token(&session), token(&session));
    db.give_out(&[&spent, &other]).await;
    assert!(spend(&db, spent.digest, NOW + micros(7)).await);
    assert!(!spend(&db, spent.digest, NOW + micros(9)).await);
    assert_eq!(db.token(spent.digest).await, Some(RefreshToken { spent_at: Some(NOW + micros(7)), ..spent }));
    assert_eq!(db.token(other.digest).await, Some(other), "it was another token");
    assert!(!spend(&db, token(&session).digest, NOW).await, "it was never given out");
}

async fn a_token_of_a_dropped_unit_is_not_spent(db: Db) {
    let ann = db.add(user()).await;
    let session = session(&ann);
    db.open(&[&session]).await;
    let token = token(&session);
    db.give_out(&[&token]).await;
    let mut unit = db.begin().await;
    assert!(unit.sessions().spend_token(token.digest, NOW).await.expect("a token can be spent"));
    drop(unit);
    assert!(spend(&db, token.digest, NOW).await);
}

async fn a_token_leads_to_its_session_spent_or_not(db: Db) {
    let ann = db.add(user()).await;
    let (one, other) = (session(&ann), session(&ann));
    db.open(&[&one, &other]).await;
    let (of_one, of_other) = (token(&one), token(&other));
    db.give_out(&[&of_one, &of_other]).await;
    spend(&db, of_other.digest, NOW).await;
    for token in [of_one, of_other] {
        let found = db.sessions().find_token_session(token.digest).await.expect("a token can be read");
        assert_eq!(found, Some(token.session));
    }
}

async fn a_successor_is_known_to_be_spent(db: Db) {
    let ann = db.add(user()).await;
    let session = session(&ann);
    db.open(&[&session]).await;
    let first = token(&session);
    let second = successor(&first);
    let third = successor(&second);
    let mut unit = db.begin().await;
    let mut is_known = Vec::new();
    for token in [&first, &second, &third] {
        unit.sessions().insert_token(token).await.expect("a token can be stored");
        is_known.push(unit.sessions().is_successor_spent(first.digest).await.expect("a token can be loaded"));
        unit.sessions().spend_token(token.digest, NOW).await.expect("a token can be spent");
        is_known.push(unit.sessions().is_successor_spent(first.digest).await.expect("a token can be loaded"));
    }
    assert_eq!(is_known, [false, false, false, true, true, true]);
    assert!(!unit.sessions().is_successor_spent(third.digest).await.expect("a token can be loaded"), "there is none");
}

/// What every refresh does. Whether it was in time.
async fn rotate(db: Db, spent: Digest, successor: RefreshToken) -> Result<bool, SaveUserError> {
    let mut unit = db.try_begin().await?;
    if !unit.sessions().spend_token(spent, NOW).await? {
        return Ok(false);
    }
    unit.sessions().insert_token(&successor).await?;
    unit.try_commit().await?;
    Ok(true)
}

async fn of_units_that_spend_one_token_one_succeeds(db: Db) {
    let ann = db.add(user()).await;
    let session = session(&ann);
    db.open(&[&session]).await;
    let mut current = token(&session);
    db.give_out(&[&current]).await;
    for round in 0..ROUNDS {
        let successors: Vec<_> = (0..CONTENDERS).map(|_| successor(&current)).collect();
        let tasks = successors.iter().map(|successor| {
            let (db, spent, successor) = (db.clone(), current.digest, successor.clone());
            async move { settle(|| rotate(db.clone(), spent, successor.clone())).await }
        });
        let ended = together(tasks.collect()).await;
        let won = ended.into_iter().map(|ended| ended.expect("trying again helps")).filter(|won| *won).count();
        assert_eq!(won, 1, "in round {round}");
        let mut children = Vec::new();
        for successor in successors {
            children.extend(db.token(successor.digest).await);
        }
        assert_eq!(children.len(), 1, "in round {round}");
        assert!(db.token(current.digest).await.is_some_and(|token| token.spent_at.is_some()), "in round {round}");
        current = children.remove(0);
    }
}
