//! Calls to a service, one after the other.

use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::service::Service;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The body; null where there is none or it is not JSON.
    pub(crate) body: Value,
    /// How long it took.
    pub(crate) took: Duration,
    headers: Vec<(String, String)>,
}

impl Answer {
    /// A header's value; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A text of the body.
    #[track_caller]
    pub(crate) fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_else(|| panic!("{member} is no text in {}", self.body))
    }

    /// Status and `detail` of a problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        (self.status, self.text("detail"))
    }
}

/// What a person needs to be made, with this name.
pub(crate) fn person(name: &str) -> Value {
    json!({
        "username": name,
        "email": format!("{name}@example.com"),
        "password": "correct horse battery",
        "full_name": "Ann Lee",
    })
}

impl Service {
    /// Calls, and fails if there is no answer.
    #[track_caller]
    pub(crate) fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        self.try_call(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Calls, where the service may be gone.
    pub(crate) fn try_call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let begun = Instant::now();
        let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
        let mut request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send()?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let text = response.text()?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, body, took: begun.elapsed(), headers })
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], None)
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &[], Some(body))
    }

    #[track_caller]
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call("PATCH", path, &[], Some(body))
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &[], None)
    }

    /// Makes a person with this name and returns the path to them.
    #[track_caller]
    pub(crate) fn create(&self, name: &str) -> String {
        let answer = self.post("/api/v1/users", &person(name));
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.header("location").to_owned()
    }
}
