//! From an account of one's own to being signed out.

use std::thread;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::client::person;
use crate::database::Kind;
use crate::redis::Beside;
use crate::signed_in::{PASSWORD, Replicas, SignedIn};

/// As long as a retry is answered, and a little more.
const GRACE: Duration = Duration::from_millis(10_500);

#[rstest]
fn a_copied_refresh_token_ends_the_session_on_every_replica(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Beside::Nothing, Beside::Redis)] beside: Beside,
) {
    let Some(replicas) = Replicas::start(kind, beside) else { return };
    let (a, b) = (&replicas.a, &replicas.b);
    let registered = a.post(
        "/api/v1/auth/register",
        &json!({"role": "admin", "username": "ann", "email": "ann@example.com", "password": PASSWORD}),
    );
    assert_eq!((registered.status, registered.text("role")), (201, "user"), "{}", registered.body);

    let first = b.login("ann", PASSWORD);
    let me = first.get(a, "/api/v1/auth/me");
    assert_eq!((me.status, me.text("username")), (200, "ann"), "{}", me.body);
    assert!(me.body["permissions"].is_array(), "{}", me.body);

    let second = SignedIn::of(&a.refresh(&first.refresh_token));
    let again = SignedIn::of(&b.refresh(&first.refresh_token));
    assert_eq!(second.refresh_token, again.refresh_token, "a retry has the same successor");
    assert_eq!((second.me(a), second.me(b), again.me(a)), (200, 200, 200));

    thread::sleep(GRACE);
    let reused = b.refresh(&first.refresh_token);
    assert_eq!(reused.status, 401, "{}", reused.body);
    assert_eq!(second.me(b), 401, "where it was found out nobody waits");
    let took = second.time_to_refusal(a);
    assert!(took < Duration::from_secs(1), "after {took:?}");
    assert_eq!(a.refresh(&second.refresh_token).status, 401);
    assert_eq!(first.me(a), 401);
    let events = "SELECT action FROM audit_events WHERE action = 'auth.refresh_reused'";
    assert_eq!(replicas.database.rows(events).len(), 1, "it is written down, once");
}

#[rstest]
fn logging_out_ends_the_session_on_every_replica_and_no_other(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Beside::Nothing, Beside::Redis)] beside: Beside,
) {
    let Some(replicas) = Replicas::start(kind, beside) else { return };
    let (a, b) = (&replicas.a, &replicas.b);
    let (phone, _) = a.register("ann");
    let desk = b.login("ANN@example.com", PASSWORD);
    assert_eq!((phone.me(b), desk.me(a)), (200, 200));
    assert_eq!(phone.call(a, "POST", "/api/v1/auth/logout", None).status, 204);
    assert_eq!(phone.me(a), 401);
    let took = phone.time_to_refusal(b);
    assert!(took < Duration::from_secs(1), "after {took:?}");
    assert_eq!(b.refresh(&phone.refresh_token).status, 401);
    assert_eq!((desk.me(a), desk.me(b)), (200, 200));
}

#[rstest]
fn nobody_learns_what_was_wrong(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(replicas) = Replicas::start(kind, Beside::Nothing) else { return };
    let (a, admin) = (&replicas.a, replicas.admin());
    for name in ["wrong", "inactive", "deleted"] {
        assert_eq!(admin.post(a, "/api/v1/users", &person(name)).status, 201);
    }
    let path = |name: &str| {
        let found = admin.get(a, &format!("/api/v1/users?username={name}"));
        format!("/api/v1/users/{}", found.body["users"][0]["id"])
    };
    assert_eq!(admin.post(a, &format!("{}/deactivate", path("inactive")), &json!({})).status, 200);
    assert_eq!(admin.delete(a, &path("deleted")).status, 204);
    let tries = [("wrong", "not the password"), ("inactive", PASSWORD), ("deleted", PASSWORD), ("nobody", PASSWORD)];
    for (name, password) in tries {
        let refused = replicas.b.try_login(name, password);
        assert_eq!(refused.problem(), (401, "Invalid credentials"), "{name}");
        assert_eq!(refused.text("code"), "invalid_credentials");
    }
}
