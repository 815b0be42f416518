//! Who may do what, from the outside.

use rstest::rstest;
use serde_json::json;

use crate::client::person;
use crate::database::Kind;
use crate::redis::Beside;
use crate::signed_in::{ADMIN, PASSWORD, Replicas};

const USERS: &str = "/api/v1/users";

#[rstest]
fn the_first_administrator_may_do_everything_and_a_user_next_to_nothing(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(replicas) = Replicas::start(kind, Beside::Nothing) else { return };
    let (a, admin) = (&replicas.a, replicas.admin());
    let me = admin.get(a, "/api/v1/auth/me");
    assert_eq!((me.text("username"), me.text("role")), (ADMIN, "admin"));

    let created = admin.post(a, USERS, &person("ann"));
    assert_eq!(created.status, 201, "{}", created.body);
    let path = created.header("location");
    assert_eq!(admin.get(a, USERS).body["total"], 2);
    for (method, below, body, expected) in [
        ("PATCH", "", json!({"role": "moderator"}), 200),
        ("PUT", "", json!({"role": "user", "app_metadata": {"plan": "free"}}), 200),
        ("POST", "/deactivate", json!({}), 200),
        ("POST", "/activate", json!({}), 200),
        ("POST", "/unlock", json!({}), 200),
        ("POST", "/reset-password", json!({}), 200),
        ("GET", "/sessions", json!(null), 200),
        ("DELETE", "/sessions", json!(null), 204),
        ("DELETE", "", json!(null), 204),
        ("POST", "/restore", json!({}), 200),
    ] {
        let body = (!body.is_null()).then_some(&body);
        let answer = admin.call(a, method, &format!("{path}{below}"), body);
        assert_eq!(answer.status, expected, "{method} {below}: {}", answer.body);
    }

    let ann = replicas.b.login("ann", PASSWORD);
    let b = &replicas.b;
    let own = ann.get(b, path);
    assert_eq!((own.status, own.text("username")), (200, "ann"));
    assert_eq!(ann.patch(b, path, &json!({"full_name": "Ann of Herself"})).status, 200);
    assert_eq!(ann.patch(b, path, &json!({"role": "admin"})).status, 403, "nobody raises themself");
    assert_eq!(ann.get(b, USERS).status, 403);
    assert_eq!(ann.post(b, USERS, &person("ben")).status, 403);
    assert_eq!(ann.delete(b, path).status, 403);
    let somebody = format!("{USERS}/{}", me.body["id"]);
    for path in [somebody.as_str(), "/api/v1/users/99"] {
        for method in ["GET", "DELETE"] {
            assert_eq!(ann.call(b, method, path, None).problem(), (404, "User not found"), "{method} {path}");
        }
    }
}

#[rstest]
fn without_a_token_nobody_gets_anywhere(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(replicas) = Replicas::start(kind, Beside::Nothing) else { return };
    let a = &replicas.a;
    for path in [USERS, "/api/v1/users/1", "/v1/users/1", "/api/v1/auth/me", "/api/v1/auth/sessions"] {
        let refused = a.get(path);
        assert_eq!((refused.status, refused.text("code")), (401, "unauthenticated"), "{path}");
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "{path}");
    }
    assert_eq!(a.call("GET", USERS, &[("Authorization", "Bearer not.a.token")], None).status, 401);
    for path in ["/health", "/ready", "/openapi.json", "/.well-known/jwks.json"] {
        assert_eq!(a.get(path).status, 200, "{path}");
    }
}

#[rstest]
fn who_must_choose_another_password_can_do_that_first(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(replicas) = Replicas::start(kind, Beside::Nothing) else { return };
    let (a, b, admin) = (&replicas.a, &replicas.b, replicas.admin());
    let created = admin.post(a, USERS, &person("ann"));
    let path = created.header("location");
    let (ann, must) = (b.login("ann", PASSWORD), json!({"must_change_password": true}));
    let changed = admin.patch(a, path, &must);
    assert_eq!(changed.status, 200, "{}", changed.body);

    let ann = match ann.me(b) {
        200 => ann,
        _ => b.login("ann", PASSWORD),
    };
    assert_eq!(ann.me(a), 200);
    let refused = ann.get(a, path);
    assert_eq!((refused.status, refused.text("code")), (403, "password_change_required"), "{}", refused.body);
    let change = json!({"current_password": PASSWORD, "new_password": "another good one"});
    assert_eq!(ann.post(a, "/api/v1/auth/change-password", &change).status, 204);
    assert_eq!(ann.get(a, path).status, 200);
}
