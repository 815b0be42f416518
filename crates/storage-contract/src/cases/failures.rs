//! Failed sign-ins: counted exactly, and forgotten where they are to be.

use domain::login::{FailureRun, LoginKey, LoginStanding};
use domain::ports::SaveUserError;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, digest, failed, from_anywhere, from_network, micros};

cases![
    failures_read_back_with_every_value,
    a_later_run_takes_the_place_of_the_one_before,
    failures_of_each_place_are_counted_apart,
    failures_of_a_dropped_unit_never_happened,
    somebody_who_waits_is_noted_once_after_each_failure,
    forgetting_one_place_leaves_the_others,
    forgetting_a_name_forgets_it_everywhere_and_no_other_name,
    of_failures_at_once_none_is_lost,
    of_failures_at_once_in_two_places_none_is_lost,
];

const ROUNDS: u32 = 4;
const CONTENDERS: u32 = 8;

impl Db {
    async fn set_failures(&self, key: LoginKey, run: FailureRun) {
        let mut unit = self.begin().await;
        unit.logins().failures(key).await.expect("failures can be loaded");
        unit.logins().set_failures(key, run).await.expect("failures can be stored");
        unit.commit().await;
    }

    async fn failures(&self, key: LoginKey) -> Option<FailureRun> {
        self.begin().await.logins().failures(key).await.expect("failures can be loaded")
    }

    /// What is known of tries of a name from a network, whoever it may be.
    async fn standing(&self, name: &str, network: &str) -> LoginStanding {
        let standing = self.sessions().login_standing(digest(name), digest(network), None).await;
        standing.expect("failures can be read")
    }
}

async fn failures_read_back_with_every_value(db: Db) {
    for (failures, wait) in [(1, None), (5, Some(micros(30_000_001))), (100_000, Some(micros(-1)))] {
        let run = FailureRun { failures, last_failed_at: NOW + micros(3), wait_until: wait.map(|wait| NOW + wait) };
        for key in [from_network("ann", "home"), from_anywhere("ann")] {
            db.set_failures(key, run).await;
            assert_eq!(db.failures(key).await, Some(run));
        }
        let standing = LoginStanding { here: Some(run), anywhere: Some(run), is_known_network: false };
        assert_eq!(db.standing("ann", "home").await, standing);
    }
}

async fn a_later_run_takes_the_place_of_the_one_before(db: Db) {
    let key = from_network("ann", "home");
    let waiting = FailureRun { wait_until: Some(NOW + micros(1)), ..failed(6, NOW) };
    for run in [failed(5, NOW), waiting, failed(1, NOW + micros(1))] {
        let mut unit = db.begin().await;
        unit.logins().failures(key).await.expect("failures can be loaded");
        unit.logins().set_failures(key, run).await.expect("failures can be stored");
        assert_eq!(unit.logins().failures(key).await.expect("failures can be loaded"), Some(run), "its own change");
        unit.commit().await;
        assert_eq!(db.failures(key).await, Some(run));
    }
}

async fn failures_of_each_place_are_counted_apart(db: Db) {
    let keys = [
        from_network("ann", "home"),
        from_network("ann", "work"),
        from_anywhere("ann"),
        from_network("bob", "home"),
        from_anywhere("bob"),
    ];
    for key in keys {
        assert_eq!(db.failures(key).await, None);
    }
    for (failures, key) in (1..).zip(keys) {
        db.set_failures(key, failed(failures, NOW)).await;
    }
    for (failures, key) in (1..).zip(keys) {
        assert_eq!(db.failures(key).await, Some(failed(failures, NOW)));
    }
    let known = |here: u32, anywhere: u32| {
        let run = |failures: u32| (failures > 0).then(|| failed(failures, NOW));
        LoginStanding { here: run(here), anywhere: run(anywhere), is_known_network: false }
    };
    for (name, network, standing) in [
        ("ann", "home", known(1, 3)),
        ("ann", "work", known(2, 3)),
        ("ann", "train", known(0, 3)),
        ("bob", "home", known(4, 5)),
        ("bob", "work", known(0, 5)),
        ("carol", "home", known(0, 0)),
    ] {
        assert_eq!(db.standing(name, network).await, standing, "{name} from {network}");
    }
}

async fn failures_of_a_dropped_unit_never_happened(db: Db) {
    let key = from_anywhere("ann");
    let mut unit = db.begin().await;
    unit.logins().failures(key).await.expect("failures can be loaded");
    unit.logins().set_failures(key, failed(1, NOW)).await.expect("failures can be stored");
    assert_eq!(db.standing("ann", "home").await, LoginStanding::default(), "before the commit");
    drop(unit);
    assert_eq!(db.failures(key).await, None);
}

async fn somebody_who_waits_is_noted_once_after_each_failure(db: Db) {
    let (key, other) = (from_network("ann", "home"), from_network("ann", "work"));
    db.set_failures(other, failed(5, NOW)).await;
    for round in 1..4 {
        db.set_failures(key, failed(round, NOW)).await;
        for is_first in [true, false, false] {
            let mut unit = db.begin().await;
            assert_eq!(unit.logins().note_delay(key).await.expect("a delay can be noted"), is_first, "round {round}");
            unit.commit().await;
            assert_eq!(db.failures(key).await, Some(failed(round, NOW)), "a delay is no failure");
        }
    }
    assert!(db.begin().await.logins().note_delay(other).await.expect("a delay can be noted"), "it is another place");
}

async fn forgetting_one_place_leaves_the_others(db: Db) {
    let keys = [from_network("ann", "home"), from_network("ann", "work"), from_anywhere("ann")];
    for key in keys {
        db.set_failures(key, failed(2, NOW)).await;
    }
    let mut left = keys.to_vec();
    for key in keys {
        left.retain(|other| *other != key);
        let mut unit = db.begin().await;
        for _ in 0..2 {
            // The second time there is nothing to forget.
            unit.logins().forget_failures(key).await.expect("failures can be forgotten");
        }
        unit.commit().await;
        for other in keys {
            assert_eq!(db.failures(other).await.is_some(), left.contains(&other));
        }
    }
}

async fn forgetting_a_name_forgets_it_everywhere_and_no_other_name(db: Db) {
    let of_ann = [from_network("ann", "home"), from_network("ann", "work"), from_anywhere("ann")];
    let of_bob = [from_network("bob", "home"), from_anywhere("bob")];
    for key in of_ann.into_iter().chain(of_bob) {
        db.set_failures(key, failed(2, NOW)).await;
    }
    for there_were_any in [true, false] {
        let mut unit = db.begin().await;
        let forgotten = unit.logins().forget_name(digest("ann")).await.expect("a name can be forgotten");
        unit.commit().await;
        assert_eq!(forgotten, there_were_any);
    }
    for key in of_ann {
        assert_eq!(db.failures(key).await, None);
    }
    for key in of_bob {
        assert_eq!(db.failures(key).await, Some(failed(2, NOW)));
    }
}

/// What every failed try does.
async fn fail(db: Db, keys: Vec<LoginKey>) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    for key in keys {
        let before = unit.logins().failures(key).await?;
        let run = FailureRun::and_one_more(before, key.place, NOW);
        unit.logins().set_failures(key, run).await?;
    }
    unit.try_commit().await?;
    Ok(())
}

/// Lets several fail at once, and says how many failures are kept then.
async fn fail_together(db: &Db, keys: &[LoginKey]) -> Vec<u32> {
    let tasks = (0..CONTENDERS).map(|_| {
        let (db, keys) = (db.clone(), keys.to_vec());
        async move { settle(|| fail(db.clone(), keys.clone())).await }
    });
    for ended in together(tasks.collect()).await {
        ended.expect("trying again helps");
    }
    let mut kept = Vec::new();
    for key in keys {
        kept.push(db.failures(*key).await.map_or(0, |run| run.failures));
    }
    kept
}

async fn of_failures_at_once_none_is_lost(db: Db) {
    for round in 0..ROUNDS {
        // The first of each name find no run to add to.
        let key = from_network(&format!("name {round}"), "home");
        assert_eq!(fail_together(&db, &[key]).await, [CONTENDERS], "in round {round}");
        assert_eq!(fail_together(&db, &[key]).await, [2 * CONTENDERS], "in round {round}");
    }
}

async fn of_failures_at_once_in_two_places_none_is_lost(db: Db) {
    for round in 0..ROUNDS {
        let name = format!("name {round}");
        let keys = [from_network(&name, "home"), from_anywhere(&name)];
        assert_eq!(fail_together(&db, &keys).await, [CONTENDERS; 2], "in round {round}");
        let mut unit = db.begin().await;
        unit.logins().forget_name(digest(&name)).await.expect("a name can be forgotten");
        unit.commit().await;
        assert_eq!(fail_together(&db, &keys).await, [CONTENDERS; 2], "in round {round}, forgotten");
    }
}
