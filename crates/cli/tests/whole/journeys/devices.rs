//! Several devices of one person.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::database::Kind;
use crate::redis::Beside;
use crate::signed_in::{PASSWORD, Replicas};

const SESSIONS: &str = "/api/v1/auth/sessions";

#[rstest]
fn where_the_password_is_changed_one_stays_and_elsewhere_one_is_out(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Beside::Nothing, Beside::Redis)] beside: Beside,
) {
    let Some(replicas) = Replicas::start(kind, beside) else { return };
    let (a, b) = (&replicas.a, &replicas.b);
    let (phone, _) = a.register("ann");
    let desk = b.login("ann", PASSWORD);
    assert_eq!((phone.me(a), phone.me(b), desk.me(a), desk.me(b)), (200, 200, 200, 200));

    let wrong = json!({"current_password": "not this one", "new_password": "another good one"});
    assert_eq!(phone.post(a, "/api/v1/auth/change-password", &wrong).status, 403);
    assert_eq!(desk.me(b), 200);

    let change = json!({"current_password": PASSWORD, "new_password": "another good one"});
    let changed = phone.post(a, "/api/v1/auth/change-password", &change);
    assert_eq!(changed.status, 204, "{}", changed.body);
    assert_eq!(desk.me(a), 401);
    let took = desk.time_to_refusal(b);
    assert!(took < Duration::from_secs(1), "after {took:?}");
    assert_eq!(b.refresh(&desk.refresh_token).status, 401);
    assert_eq!((phone.me(a), phone.me(b)), (200, 200), "this one stays");
    assert_eq!(b.refresh(&phone.refresh_token).status, 200);

    assert_eq!(b.try_login("ann", PASSWORD).status, 401);
    b.login("ann", "another good one");
}

#[rstest]
fn one_sees_ones_sessions_and_ends_those_one_does_not_know(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Beside::Nothing, Beside::Redis)] beside: Beside,
) {
    let Some(replicas) = Replicas::start(kind, beside) else { return };
    let (a, b) = (&replicas.a, &replicas.b);
    let (phone, _) = a.register("ann");
    let (desk, stranger) = (b.login("ann", PASSWORD), b.login("ann", PASSWORD));
    let (other, _) = a.register("ben");
    assert_eq!((desk.me(a), desk.me(b), stranger.me(a)), (200, 200, 200));

    let listed = phone.get(b, SESSIONS);
    let sessions = listed.body["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3, "{}", listed.body);
    let current: Vec<_> = sessions.iter().filter(|session| session["current"] == true).map(|s| &s["id"]).collect();
    assert_eq!(current, [&Value::from(phone.session.clone())]);

    assert_eq!(other.delete(a, &format!("{SESSIONS}/{}", stranger.session)).status, 404, "somebody else's");
    assert_eq!(phone.delete(a, &format!("{SESSIONS}/{}", stranger.session)).status, 204);
    assert_eq!(phone.delete(a, &format!("{SESSIONS}/{}", stranger.session)).status, 404);
    let took = stranger.time_to_refusal(b);
    assert!(took < Duration::from_secs(1), "after {took:?}");
    assert_eq!((phone.me(b), desk.me(b)), (200, 200));

    assert_eq!(phone.delete(a, SESSIONS).status, 204);
    assert!(desk.time_to_refusal(b) < Duration::from_secs(1));
    assert_eq!((phone.me(a), phone.me(b), other.me(b)), (200, 200, 200));
    assert_eq!(phone.get(b, SESSIONS).body["sessions"].as_array().map(Vec::len), Some(1));
}
