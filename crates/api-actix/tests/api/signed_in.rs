//! Requests of somebody who signed in.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::answer::Answer;
use crate::test_app::TestApp;

/// Somebody who signed in, on one device.
pub(crate) struct SignedIn<'a> {
    app: &'a TestApp,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) session: String,
}

impl<'a> SignedIn<'a> {
    pub(crate) fn new(app: &'a TestApp, tokens: &Value) -> Self {
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let (access_token, refresh_token) = (text("access_token"), text("refresh_token"));
        Self { app, access_token, refresh_token, session: text("session_id") }
    }

    /// A request with their token, to be completed and then given to the app.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).bearer_auth(&self.access_token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.app.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn post_nothing(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::POST, path)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.app.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.app.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::DELETE, path)).await
    }

    /// Their own id, as the service tells it.
    pub(crate) async fn id(&self) -> String {
        self.get("/api/v1/auth/me").await.json()["uuid"].as_str().unwrap().to_owned()
    }

    /// Whether they are still let in.
    pub(crate) async fn is_in(&self) -> bool {
        let answer = self.get("/api/v1/auth/me").await;
        assert!(answer.status == 200 || answer.problem() == "401 token_invalid", "{}", answer.text());
        answer.status == 200
    }
}
