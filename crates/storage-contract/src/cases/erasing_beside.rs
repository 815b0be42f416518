//! Erasing somebody while others change them, sign them in, or take their place.

use std::time::Duration;

use domain::input::Change;
use domain::ports::SaveUserError;
use domain::session::Session;
use domain::user::{User, UserDraft, UserPatch};
use domain::values::{PersonName, UserUuid};
use futures_util::future::BoxFuture;
use testkit::user;
use tokio::time::sleep;

use super::erasing::is_found;
use super::repeated_requests::{outcome, reservation};
use super::subject_keys::new_key;
use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, digest, session};

cases![
    of_units_that_erase_somebody_at_once_one_does,
    of_an_update_and_an_erasure_at_once_one_succeeds,
    no_session_outlives_its_user,
    nothing_is_kept_about_somebody_who_is_erased_meanwhile,
    a_uuid_that_is_erased_meanwhile_is_not_given_again,
    erasing_many_at_once_leaves_exact_counts,
];

const ROUNDS: usize = 12;

type Task<T = ()> = BoxFuture<'static, Result<T, SaveUserError>>;

/// Loads and erases, as the use case does; whether there was somebody to erase.
async fn erase(db: &Db, user: UserUuid) -> Result<bool, SaveUserError> {
    let mut unit = db.try_begin().await?;
    let Some(user) = unit.users().find_including_deleted(user.into()).await? else { return Ok(false) };
    // Time for another unit to do something, if it may.
    sleep(Duration::from_millis(1)).await;
    unit.erasure().erase(&user, NOW).await?;
    unit.try_commit().await?;
    Ok(true)
}

/// Until nobody has changed the user meanwhile, as a client does who means it.
async fn erase_surely(db: Db, user: UserUuid) -> Result<bool, SaveUserError> {
    loop {
        match settle(|| erase(&db, user)).await {
            Err(SaveUserError::StaleVersion) => {}
            settled => return settled,
        }
    }
}

async fn of_units_that_erase_somebody_at_once_one_does(db: Db) {
    for round in 0..ROUNDS {
        let ann = db.add(user().moderator()).await;
        let tasks = (0..4).map(|_| erase_surely(db.clone(), ann.uuid()));
        let ended = together(tasks.collect()).await;
        let erased = ended.iter().filter(|ended| *ended.as_ref().expect("trying again helps"));
        assert_eq!(erased.count(), 1, "in round {round}");
        assert_eq!(db.find_erased(&[ann.uuid()]).await, [ann.uuid()]);
    }
    assert_eq!(db.count().await, 0);
    db.assert_counted().await;
}

async fn of_an_update_and_an_erasure_at_once_one_succeeds(db: Db) {
    async fn update(db: &Db, ann: &User) -> Result<bool, SaveUserError> {
        let mut ann = ann.clone();
        let first_name = Change::Set(PersonName::from_stored("Changed".to_owned()));
        ann.update(UserPatch { first_name, ..Default::default() }, None, NOW);
        let mut unit = db.try_begin().await?;
        unit.users().update(&ann).await?;
        unit.try_commit().await?;
        Ok(true)
    }
    for round in 0..ROUNDS {
        let ann = db.add(user()).await;
        let (updating, erasing, loaded, stored) = (db.clone(), db.clone(), ann.clone(), ann.clone());
        let tasks: Vec<Task<bool>> = vec![
            Box::pin(async move { settle(|| update(&updating, &loaded)).await }),
            Box::pin(async move { settle(async || erasing.try_erase(&stored).await.map(|()| true)).await }),
        ];
        let ended = together(tasks).await;
        let lost: Vec<_> = ended.iter().filter_map(|ended| ended.as_ref().err()).collect();
        assert!(matches!(lost[..], [SaveUserError::StaleVersion]), "in round {round}: {ended:?}");
        let erased = db.find_erased(&[ann.uuid()]).await;
        match db.load(ann.id()).await {
            Some(changed) => assert_eq!((changed.version(), erased), (2, vec![]), "in round {round}"),
            None => assert_eq!(erased, [ann.uuid()], "in round {round}"),
        }
    }
    db.assert_counted().await;
}

/// Opens a session, unless its user is not there any more, in the order in which a login takes things.
async fn open(db: &Db, session: &Session) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    if unit.users().find(session.user().into()).await?.is_none() {
        return Ok(());
    }
    sleep(Duration::from_millis(1)).await;
    unit.logins().signed_in(session.user(), digest("home"), NOW).await?;
    unit.sessions().insert(session).await?;
    Ok(unit.try_commit().await?)
}

async fn no_session_outlives_its_user(db: Db) {
    for round in 0..ROUNDS {
        let ann = db.add(user()).await;
        let opened = [session(&ann), session(&ann)];
        let mut tasks: Vec<Task> = Vec::new();
        for session in opened.clone() {
            let db = db.clone();
            tasks.push(Box::pin(async move { settle(|| open(&db, &session)).await }));
        }
        let (erasing, uuid) = (db.clone(), ann.uuid());
        tasks.push(Box::pin(async move {
            sleep(Duration::from_millis(round as u64 % 4)).await;
            assert!(erase_surely(erasing, uuid).await?, "nobody else erases");
            Ok(())
        }));
        for ended in together(tasks).await {
            ended.expect("trying again helps");
        }
        assert_eq!(db.live(&ann, NOW).await, [], "in round {round}");
        for session in &opened {
            assert_eq!(db.session(session.id()).await, None, "in round {round}");
        }
        let standing = db.sessions().login_standing(digest("a name"), digest("home"), Some(uuid)).await;
        assert!(!standing.expect("networks can be read").is_known_network, "in round {round}");
    }
}

/// Changes a user and keeps what came of it, as a request with a key does, unless they are not there any more.
async fn change_and_keep(db: &Db, user: UserUuid) -> Result<(), SaveUserError> {
    let reserved = reservation();
    let mut unit = db.try_begin().await?;
    unit.idempotency().insert(&reserved).await?;
    let Some(mut user) = unit.users().find(user.into()).await? else { return Ok(()) };
    if unit.subject_keys().find(&[user.uuid()]).await?.is_empty() {
        unit.subject_keys().insert(&[(user.uuid(), new_key("a"))]).await?;
    }
    let kept = outcome(0, Some(user.uuid()), "sealed");
    assert!(unit.idempotency().keep(reserved.key, reserved.ticket, &kept).await?);
    user.deactivate(None, None, NOW);
    unit.users().update(&user).await?;
    unit.try_commit().await?;
    // Whoever erases afterwards takes it away, whoever erased before left nobody to find.
    Ok(())
}

async fn nothing_is_kept_about_somebody_who_is_erased_meanwhile(db: Db) {
    for round in 0..ROUNDS {
        let ann = db.add(user()).await;
        let (changing, erasing, uuid) = (db.clone(), db.clone(), ann.uuid());
        let tasks: Vec<Task> = vec![
            Box::pin(async move {
                loop {
                    match settle(|| change_and_keep(&changing, uuid)).await {
                        Err(SaveUserError::StaleVersion) => {}
                        settled => return settled,
                    }
                }
            }),
            Box::pin(async move {
                sleep(Duration::from_millis(round as u64 % 3)).await;
                assert!(erase_surely(erasing, uuid).await?, "nobody else erases");
                Ok(())
            }),
        ];
        for ended in together(tasks).await {
            ended.expect("trying again helps");
        }
        assert!(!is_found(&db, &ann).await, "in round {round}");
        assert_eq!(db.keys(&[ann.uuid()]).await, [], "in round {round}");
    }
}

async fn a_uuid_that_is_erased_meanwhile_is_not_given_again(db: Db) {
    for round in 0..ROUNDS {
        let ann = db.add(user()).await;
        let (inserting, erasing, uuid) = (db.clone(), db.clone(), ann.uuid());
        let drafts: [UserDraft; 2] = [user().build(), user().uuid(uuid).build()];
        let tasks: Vec<Task<bool>> = vec![
            Box::pin(async move {
                sleep(Duration::from_millis(round as u64 % 4)).await;
                match settle(async || inserting.insert_many(&drafts).await).await {
                    Err(SaveUserError::UuidTaken) => Ok(false),
                    other => other.map(|()| true),
                }
            }),
            Box::pin(async move { erase_surely(erasing, uuid).await }),
        ];
        let ended = together(tasks).await;
        assert!(matches!(ended[..], [Ok(_), Ok(_)]), "in round {round}: {ended:?}");
        assert_eq!(db.count().await, 0, "in round {round} a uuid came again");
    }
    db.assert_counted().await;
}

async fn erasing_many_at_once_leaves_exact_counts(db: Db) {
    let mut users = Vec::new();
    for number in 0..24 {
        let added = db.add(if number % 2 == 0 { user() } else { user().moderator() }).await;
        users.push(if number % 3 == 0 { db.delete(&added).await } else { added });
    }
    let tasks = users.chunks(6).map(|part| {
        let (db, part) = (db.clone(), part.to_vec());
        async move {
            for user in part {
                assert!(erase_surely(db.clone(), user.uuid()).await?, "nobody else erases");
                settle(async || db.insert_many(&[testkit::user().build()]).await).await?;
            }
            Ok::<_, SaveUserError>(())
        }
    });
    for ended in together(tasks.collect()).await {
        ended.expect("trying again helps");
    }
    assert_eq!(db.count().await, 24);
    db.assert_counted().await;
    let all: Vec<_> = users.iter().map(User::uuid).collect();
    assert_eq!(db.find_erased(&all).await.len(), 24);
}
