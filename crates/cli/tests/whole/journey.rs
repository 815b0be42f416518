//! A user's life, as clients live it.

use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::client::person;
use crate::database::Kind;
use crate::service::Service;

const USERS: &str = "/api/v1/users";

#[rstest]
fn the_plans_own_calls(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);

    let created = service.post(USERS, &person("ann"));
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["id"], 1);
    assert_eq!(created.text("username"), "ann");
    assert_eq!(created.text("full_name"), "Ann Lee");
    assert_eq!(created.header("location"), "/api/v1/users/1");
    let members: Vec<&String> = created.body.as_object().unwrap().keys().collect();
    assert!(!members.iter().any(|member| member.contains("password") || member.contains("hash")), "{members:?}");
    assert!(!created.body.to_string().contains("$2b$"));

    assert_eq!(service.post(USERS, &person("ann")).problem(), (409, "Username already exists"));
    let mut other_name = person("bob");
    other_name["email"] = "ANN@example.com".into();
    assert_eq!(service.post(USERS, &other_name).problem(), (409, "Email already exists"));

    let list = service.get("/api/v1/users?skip=0&limit=10");
    assert_eq!(
        list.body,
        json!({"users": [created.body], "total": 1, "page": 1, "page_size": 10, "next_cursor": null})
    );
    assert_eq!(service.get("/api/v1/users/99").problem(), (404, "User not found"));
    let wrong = service.post(USERS, &json!({"username": "b", "email": "b", "password": "short"}));
    assert_eq!((wrong.status, wrong.body["errors"].as_array().unwrap().len()), (422, 3), "{}", wrong.body);

    let changed = service.call("PUT", "/api/v1/users/1", &[], Some(&json!({"full_name": "Ann B. Lee"})));
    assert_eq!((changed.status, changed.text("full_name")), (200, "Ann B. Lee"));
    assert_eq!(changed.text("created_at"), created.text("created_at"));
    assert!(time(changed.text("updated_at")) > time(created.text("updated_at")), "updated_at moves");

    assert_eq!(service.delete("/api/v1/users/1").status, 204);
    assert_eq!(service.get("/api/v1/users/1").problem(), (404, "User not found"));
    assert_eq!(service.delete("/api/v1/users/1").problem(), (404, "User not found"));
    assert_eq!(service.get(USERS).body["total"], 0);
}

#[rstest]
fn the_name_of_a_deleted_user_is_free_and_who_took_it_keeps_it(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    let first = service.create("ann");
    assert_eq!(service.delete(&first).status, 204);
    let second = service.create("ANN");
    assert_ne!(first, second);
    let restored = service.call("POST", &format!("{first}/restore"), &[], None);
    assert_eq!(restored.problem(), (409, "Username already exists"));

    assert_eq!(service.delete(&second).status, 204);
    assert_eq!(service.call("POST", &format!("{first}/restore"), &[], None).status, 200);
    assert_eq!(service.get(&first).text("username"), "ann");
}

#[rstest]
fn reserved_names_of_deleted_users_stay_taken(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[("RESERVE_DELETED_NAMES", "true")]);
    let path = service.create("ann");
    assert_eq!(service.delete(&path).status, 204);
    assert_eq!(service.post(USERS, &person("ann")).problem(), (409, "Username already exists"));
    assert_eq!(service.call("POST", &format!("{path}/restore"), &[], None).status, 200);
}

#[rstest]
fn both_base_paths_and_both_ids_lead_to_the_same_user(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    let created = service.post("/v1/users/", &person("ann"));
    assert_eq!((created.status, created.header("location")), (201, "/v1/users/1"));
    let uuid = created.text("uuid");
    for path in ["/api/v1/users/1", "/v1/users/1", &format!("/api/v1/users/{uuid}"), &format!("/v1/users/{uuid}/")] {
        assert_eq!(service.get(path).body, created.body, "{path}");
    }
    assert_eq!(service.get("/api/v1/users/one").status, 422);
}

#[rstest]
fn with_uuids_nobody_can_count_users(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[("USER_ID_FORMAT", "uuid")]);
    let created = service.post(USERS, &person("ann"));
    assert_eq!(created.body["id"], created.body["uuid"]);
    let path = created.header("location");
    assert_eq!(path, format!("/api/v1/users/{}", created.text("uuid")));
    assert_eq!(service.get(path).status, 200);
    assert_eq!(service.get("/api/v1/users/1").status, 422);
    assert_eq!(service.get(USERS).body["users"][0]["id"], created.body["uuid"]);
}

#[rstest]
fn changes_must_be_of_what_was_seen_where_that_is_required(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[("REQUIRE_IF_MATCH", "true")]);
    let created = service.post(USERS, &person("ann"));
    let (path, seen) = (created.header("location"), created.header("etag"));
    let change = json!({"locale": "de"});
    assert_eq!(service.patch(path, &change).status, 428);
    assert_eq!(service.delete(path).status, 428);
    let changed = service.call("PATCH", path, &[("If-Match", seen)], Some(&change));
    assert_eq!(changed.status, 200);
    assert_eq!(service.call("DELETE", path, &[("If-Match", seen)], None).status, 412);
    assert_eq!(service.call("GET", path, &[("If-None-Match", changed.header("etag"))], None).status, 304);
    assert_eq!(service.call("DELETE", path, &[("If-Match", changed.header("etag"))], None).status, 204);
}

#[rstest]
fn of_many_who_want_one_name_one_gets_it(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let replicas = [(); 2].map(|()| Service::start_on(&database, &[]));
    for round in 0..5 {
        let name = format!("name-{round}");
        let mut statuses = at_once(8, |caller| replicas[caller % 2].post(USERS, &person(&name)).status);
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    }
    assert_eq!(replicas[0].get(USERS).body["total"], 5);
}

#[rstest]
fn of_many_changes_at_once_none_is_lost(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let replicas = [(); 2].map(|()| Service::start_on(&database, &[]));
    let path = replicas[0].create("ann");
    let answers = at_once(20, |number| {
        let member = format!("member-{number}");
        replicas[number % 2].patch(&path, &json!({"app_metadata": {member: number}}))
    });
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let user = replicas[1].get(&path);
    assert_eq!(user.body["app_metadata"].as_object().map(Map::len), Some(20), "{}", user.body);
    assert_eq!(user.header("etag"), "\"21\"");
}

#[rstest]
fn a_suspension_ends_by_itself(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    let created = service.post(USERS, &person("ann"));
    let path = created.header("location");
    let until = time(created.text("created_at")) + TimeDelta::seconds(2);
    let until = until.to_rfc3339_opts(SecondsFormat::Micros, true);
    let suspended = service.post(&format!("{path}/deactivate"), &json!({"reason": "spam", "until": until}));
    assert_eq!((suspended.status, &suspended.body["is_active"]), (200, &Value::Bool(false)), "{}", suspended.body);
    assert_eq!(suspended.text("suspended_until"), until);

    let begun = Instant::now();
    let active = loop {
        let user = service.get(path);
        if user.body["is_active"] == true {
            break user;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", user.body);
        thread::sleep(Duration::from_millis(200));
    };
    assert!(time(active.text("updated_at")) >= time(&until), "not before its time: {}", active.body);
    assert_eq!(active.body["suspended_until"], Value::Null);
    let log = service.stop();
    assert_eq!(log.iter().filter(|line| line.contains("suspensions that have ended: 1")).count(), 1, "{log:#?}");
}

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn at_once<T: Send>(count: usize, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let call = &call;
        let calls: Vec<_> = (0..count).map(|number| scope.spawn(move || call(number))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    })
}
