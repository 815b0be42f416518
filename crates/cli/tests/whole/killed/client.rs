//! A client that remembers what it wanted and what it was told, across deaths of the service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::Duration;

use fastrand::Rng;
use reqwest::Method;
use reqwest::blocking::Client as Http;
use serde_json::{Value, json};

use crate::client::person;

static HTTP: LazyLock<Http> = LazyLock::new(|| Http::builder().timeout(Duration::from_secs(30)).build().unwrap());

/// Operations of one request in bulk that make somebody.
const TOGETHER: usize = 6;

/// Somebody whose name begins so is erased by the job, once they are deleted.
pub(super) const TO_BE_FORGOTTEN: &str = "old";

/// A client; no two work on the same people.
pub(super) struct Client {
    name: String,
    moments: Rng,
    wishes: usize,
    /// What there was no answer to, and what has to be answered the same again.
    pending: Option<Request>,
    /// What was begun when the service died, and is not known to be done.
    waiting: Vec<Request>,
    pub(super) told: Told,
}

/// What a client knows for sure, by uuid where a person exists.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Who is there, by name.
    pub(super) living: BTreeMap<String, String>,
    pub(super) deleted: BTreeSet<String>,
    pub(super) purged: BTreeSet<String>,
    /// Who was to be deleted without a key; there was no answer.
    pub(super) perhaps_deleted: BTreeSet<String>,
    /// Names of those who were to be made without a key; there was no answer.
    pub(super) perhaps_made: BTreeSet<String>,
    /// How many requests were answered as they were before.
    pub(super) replays: usize,
}

struct Request {
    /// It is sent again with the same key; without one, nobody knows what became of it.
    key: Option<String>,
    method: Method,
    path: String,
    body: Value,
    wish: Wish,
    /// What the answer was.
    answered: Option<(u16, Value)>,
}

enum Wish {
    Make(String),
    Delete(String),
    Purge(String),
    Bulk { is_atomic: bool, names: Vec<String>, deleted: Vec<String> },
}

struct Answer {
    status: u16,
    is_replayed: bool,
    body: Value,
}

impl Client {
    pub(super) fn new(name: &str, moments: Rng) -> Self {
        let (pending, waiting, told) = (None, Vec::new(), Told::default());
        Self { name: name.to_owned(), moments, wishes: 0, pending, waiting, told }
    }

    /// Goes on until there is no answer any more.
    pub(super) fn go_on(&mut self, base: &str) {
        loop {
            let request = self.pending.take().unwrap_or_else(|| self.wish());
            let Ok(answer) = request.send(base) else {
                self.no_answer(request);
                return;
            };
            self.judge(request, answer);
        }
    }

    /// Has everything answered that was begun, by a service that nobody kills; leases have run out.
    pub(super) fn finish(&mut self, base: &str, names: &BTreeSet<String>) {
        let waiting = std::mem::take(&mut self.waiting);
        for request in &waiting {
            request.assert_not_done_in_part(names);
        }
        for request in self.pending.take().into_iter().chain(waiting) {
            self.pending = Some(request);
            while let Some(request) = self.pending.take() {
                let answer = request.send(base).unwrap();
                self.judge(request, answer);
            }
        }
        assert!(self.waiting.is_empty(), "a request is still in progress");
    }

    fn no_answer(&mut self, request: Request) {
        if request.key.is_some() {
            self.pending = Some(request);
            return;
        }
        match request.wish {
            Wish::Make(name) => drop(self.told.perhaps_made.insert(name)),
            Wish::Delete(uuid) => drop(self.told.perhaps_deleted.insert(uuid)),
            Wish::Purge(_) | Wish::Bulk { .. } => unreachable!("these have keys"),
        }
    }

    fn judge(&mut self, mut request: Request, answer: Answer) {
        let Answer { status, is_replayed, body } = answer;
        if (status, body["code"].as_str()) == (503, Some("unavailable")) {
            return self.no_answer(request);
        }
        if let Some((earlier, told)) = &request.answered {
            assert_eq!((status, &body, is_replayed), (*earlier, told, true), "{} {}", request.method, request.path);
            self.told.replays += 1;
            return;
        }
        if (status, body["code"].as_str()) == (409, Some("request_in_progress")) {
            return self.waiting.push(request);
        }
        self.learn(&request.wish, status, &body);
        if request.key.is_some() && self.moments.u8(..3) == 0 {
            request.answered = Some((status, body));
            self.pending = Some(request);
        }
    }

    fn learn(&mut self, wish: &Wish, status: u16, body: &Value) {
        let uuid = |user: &Value| user["uuid"].as_str().unwrap_or_else(|| panic!("nobody: {user}")).to_owned();
        match wish {
            Wish::Make(name) => {
                assert_eq!(status, 201, "{name}: {body}");
                self.told.living.insert(name.clone(), uuid(body));
            }
            Wish::Delete(person) => {
                assert_eq!(status, 204, "{person}: {body}");
                self.told.deleted.insert(person.clone());
            }
            Wish::Purge(person) => {
                assert_eq!(status, 204, "{person}: {body}");
                self.told.purged.insert(person.clone());
            }
            Wish::Bulk { names, deleted, .. } => {
                assert_eq!(status, 200, "{body}");
                let results = body["results"].as_array().unwrap();
                let (made, ended) = results.split_at(names.len());
                for (name, result) in names.iter().zip(made) {
                    assert_eq!(result["status"], 201, "{name}: {result}");
                    self.told.living.insert(name.clone(), uuid(&result["user"]));
                }
                for (person, result) in deleted.iter().zip(ended) {
                    assert_eq!(result["status"], 204, "{person}: {result}");
                    self.told.deleted.insert(person.clone());
                }
            }
        }
    }

    fn wish(&mut self) -> Request {
        self.wishes += 1;
        let key = Some(format!("{}-{}", self.name, self.wishes));
        let users = "/api/v1/users".to_owned();
        let request = |key, method, path, body, wish| Request { key, method, path, body, wish, answered: None };
        match self.moments.u8(..8) {
            kind @ 0..3 => {
                // Without a key every other time.
                let name = self.new_name(if kind == 0 { TO_BE_FORGOTTEN } else { "p" });
                request(key.filter(|_| kind < 2), Method::POST, users, person(&name), Wish::Make(name))
            }
            kind @ 3..5 => {
                let (names, deleted) =
                    ((0..TOGETHER).map(|_| self.new_name("b")).collect::<Vec<_>>(), self.somebody("b"));
                let is_atomic = kind == 3;
                let body = bulk(&names, deleted.as_ref(), is_atomic);
                let wish = Wish::Bulk { is_atomic, names, deleted: deleted.into_iter().collect() };
                request(key, Method::POST, users + "/bulk", body, wish)
            }
            kind => {
                let beginning = if kind == 5 { TO_BE_FORGOTTEN } else { "p" };
                let Some(uuid) = self.somebody(beginning) else { return self.wish() };
                let path = format!("{users}/{uuid}");
                if kind == 7 {
                    return request(key, Method::DELETE, path + "?purge=true", json!({}), Wish::Purge(uuid));
                }
                // Nobody asks again about somebody who may be erased meanwhile.
                request(key.filter(|_| kind == 6), Method::DELETE, path, json!({}), Wish::Delete(uuid))
            }
        }
    }

    fn new_name(&mut self, beginning: &str) -> String {
        // Told apart also within one request.
        format!("{beginning}-{}-{}-{}", self.name, self.wishes, self.moments.u32(..))
    }

    /// Takes somebody who is there off the list.
    fn somebody(&mut self, beginning: &str) -> Option<String> {
        let name = self.told.living.keys().find(|name| name.starts_with(beginning))?.clone();
        self.told.living.remove(&name)
    }
}

fn bulk(names: &[String], deleted: Option<&String>, is_atomic: bool) -> Value {
    let make = names.iter().map(|name| json!({"op": "create", "user": person(name)}));
    let delete = deleted.map(|uuid| json!({"op": "delete", "id": uuid}));
    json!({"operations": make.chain(delete).collect::<Vec<_>>(), "atomic": is_atomic})
}

impl Request {
    fn send(&self, base: &str) -> reqwest::Result<Answer> {
        let mut request = HTTP.request(self.method.clone(), format!("{base}{}", self.path)).json(&self.body);
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        let response = request.send()?;
        let status = response.status().as_u16();
        let is_replayed = response.headers().contains_key("idempotency-replayed");
        let text = response.text()?;
        Ok(Answer { status, is_replayed, body: serde_json::from_str(&text).unwrap_or_default() })
    }

    /// What was begun and never completed is not done, but for the finished parts of what is done part by part.
    fn assert_not_done_in_part(&self, there: &BTreeSet<String>) {
        let names = match &self.wish {
            Wish::Make(name) => std::slice::from_ref(name),
            Wish::Bulk { is_atomic: true, names, .. } => names,
            Wish::Bulk { .. } | Wish::Delete(_) | Wish::Purge(_) => return,
        };
        let done: Vec<_> = names.iter().filter(|name| there.contains(*name)).collect();
        assert!(done.is_empty(), "done, although the request was not completed: {done:?} of {names:?}");
    }
}
