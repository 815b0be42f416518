//! Staying signed in: through many refreshes, at once and one after the other, and through a change of secrets.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::database::{Database, Kind};
use crate::redis::Beside;
use crate::service::Service;
use crate::signed_in::{ADMIN, ADMIN_PASSWORD, Replicas, SignedIn};

const OLD: &str = "8Qm0m4mJp1vPqY6dZxS3uT7rWcAeBnKf";
const NEW: &str = "zL5hG2jD9sRtVbXyN8kMqWpEoUiCaFu1";

#[rstest]
fn two_refreshes_at_once_on_two_replicas_leave_one_live_chain(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Beside::Nothing, Beside::Redis)] beside: Beside,
) {
    let Some(replicas) = Replicas::start(kind, beside) else { return };
    let mut chain = replicas.admin();
    for round in 0..10 {
        let [one, other] = thread::scope(|scope| {
            let token = &chain.refresh_token;
            [&replicas.a, &replicas.b]
                .map(|replica| scope.spawn(|| replica.refresh(token)))
                .map(|run| run.join().unwrap())
        });
        let (one, other) = (SignedIn::of(&one), SignedIn::of(&other));
        assert_eq!(one.refresh_token, other.refresh_token, "in round {round}");
        assert_ne!(one.refresh_token, chain.refresh_token);
        assert_eq!((one.me(&replicas.b), other.me(&replicas.a)), (200, 200));
        chain = one;
    }
    let live = "SELECT COUNT(*) FROM refresh_tokens WHERE spent_at IS NULL";
    assert_eq!(replicas.database.rows(live), ["1"]);
    assert_eq!(replicas.database.rows("SELECT COUNT(*) FROM sessions WHERE revoked_at IS NULL"), ["1"]);
}

#[rstest]
fn a_new_secret_signs_nobody_out_while_the_old_one_is_still_known(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let before = with_secrets(&database, OLD, "");
    let admin = before.login(ADMIN, ADMIN_PASSWORD);
    before.stop();

    let rotated = with_secrets(&database, NEW, OLD);
    assert_eq!(admin.me(&rotated), 200);
    let refreshed = SignedIn::of(&rotated.refresh(&admin.refresh_token));
    assert_eq!(refreshed.me(&rotated), 200);
    rotated.stop();

    let forgotten = with_secrets(&database, NEW, "");
    assert_eq!(admin.me(&forgotten), 401, "signed with a secret that nobody knows any more");
    assert_eq!(refreshed.me(&forgotten), 200);
    SignedIn::of(&forgotten.refresh(&refreshed.refresh_token));
}

#[rstest]
fn a_restart_signs_nobody_out(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on_with_auth(&database, &[]);
    let admin = service.login(ADMIN, ADMIN_PASSWORD);
    service.stop();
    let service = Service::start_on_with_auth(&database, &[]);
    assert_eq!(admin.me(&service), 200, "the secret was kept in {}", database.folder().path().display());
    SignedIn::of(&service.refresh(&admin.refresh_token));
}

#[test]
fn who_only_lives_in_memory_is_signed_out_by_a_restart() {
    let settings = [("DATABASE_URL", "memory:")];
    let service = Service::start_with_auth(&settings);
    let (admin, folder) = (service.login(ADMIN, ADMIN_PASSWORD), Arc::clone(service.folder()));
    assert_eq!(admin.me(&service), 200);
    service.stop();
    let service = Service::start_in(&folder, &[&crate::signed_in::WITH_AUTH[..], &settings].concat());
    assert_eq!(admin.me(&service), 401, "its session is not known");
    assert_eq!(service.login(ADMIN, ADMIN_PASSWORD).me(&service), 200, "there is an administrator again");
}

#[rstest]
fn what_has_been_over_for_long_is_deleted_by_itself(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on_with_auth(&database, &[]);
    service.login(ADMIN, ADMIN_PASSWORD);
    database.execute("UPDATE sessions SET expires_at = '2020-01-01 00:00:00', ends_at = '2020-01-01 00:00:00'");
    let lives = service.login(ADMIN, ADMIN_PASSWORD);
    service.stop();
    let service = Service::start_on_with_auth(&database, &[]);
    let begun = Instant::now();
    while database.rows("SELECT COUNT(*) FROM sessions") != ["1"] {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:#?}", service.log());
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(database.rows("SELECT COUNT(*) FROM refresh_tokens"), ["1"]);
    assert_eq!(lives.me(&service), 200);
}

fn with_secrets(database: &Database, secret: &str, previous: &str) -> Service {
    Service::start_on_with_auth(database, &[("JWT_SECRET", secret), ("JWT_SECRET_PREVIOUS", previous)])
}
