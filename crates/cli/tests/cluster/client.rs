//! A client that asks again, as every client of a cluster has to.

use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);
/// A key is kept for 60 s for whoever died with it: longer than this test wants to wait.
const PATIENCE_FOR_ANOTHER: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Caller {
    url: String,
    client: Client,
    token: String,
}

/// What a call was answered in the end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Caller {
    /// The administrator, signed in.
    pub(crate) fn at(url: &str) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        let mut caller = Self { url: url.to_owned(), client, token: String::new() };
        caller.sign_in();
        caller
    }

    pub(crate) fn sign_in(&mut self) {
        let credentials = json!({ "username": "admin", "password": "correct horse battery" });
        let answer = self.call(&Method::POST, "/api/v1/auth/login", "", Some(&credentials)).expect("it has no key");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Calls once.
    pub(crate) fn try_call(&self, method: Method, path: &str, key: &str, body: Option<&Value>) -> Option<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if !key.is_empty() {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().ok()?;
        let status = response.status().as_u16();
        let text = response.text().ok()?;
        Some(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// Calls until there is an answer: again, with the same key, where the connection broke off, nobody could serve it, or
    /// the first of the same calls is still under way. `None` where that one may have died.
    pub(crate) fn call(&self, method: &Method, path: &str, key: &str, body: Option<&Value>) -> Option<Answer> {
        let begun = Instant::now();
        loop {
            match self.try_call(method.clone(), path, key, body) {
                Some(answer) if is_under_way(&answer) && begun.elapsed() > PATIENCE_FOR_ANOTHER => return None,
                Some(answer) if !is_passing(&answer) => return Some(answer),
                last => assert!(
                    begun.elapsed() < PATIENCE,
                    "{method} {path} had no answer: {:?}",
                    last.map(|answer| (answer.status, answer.body))
                ),
            }
            thread::sleep(PAUSE);
        }
    }
}

/// 502 and 504 come from the proxy, whose replica broke off.
fn is_passing(answer: &Answer) -> bool {
    matches!(answer.status, 502..=504) || is_under_way(answer)
}

fn is_under_way(answer: &Answer) -> bool {
    answer.status == 409 && answer.body["code"] == "request_in_progress"
}
