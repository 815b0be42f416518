//! What the OpenAPI document promises about answers, held against every answer of every test.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::answer::Answer;

/// The statuses that each operation may answer with.
pub(crate) struct Documented(BTreeMap<(String, String), Vec<String>>);

impl Documented {
    pub(crate) fn new(document: &OpenApi, bases: &[String]) -> Self {
        let document: Value = serde_json::from_str(&document.to_json().unwrap()).unwrap();
        let mut operations = BTreeMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
                for base in bases {
                    let path = path.replacen(&bases[0], base, 1);
                    operations.insert((method.to_uppercase(), path), statuses.clone());
                }
            }
        }
        Self(operations)
    }

    /// Fails the test if the operation exists and its document does not know this status.
    pub(crate) fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        let Some(statuses) = self.0.iter().find(|((m, pattern), _)| m == method && fits(pattern, path)) else { return };
        let status = answer.status.to_string();
        assert!(statuses.1.contains(&status), "{method} {path} answered {status}, which is not documented");
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), path.trim_end_matches('/').split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(p, s)| p.starts_with('{') || *p == s)
}
