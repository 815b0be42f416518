//! The numbers at `/metrics`.

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;

use crate::client::person;
use crate::service::Service;

/// The name and kind of each number that is told.
fn told(numbers: &str) -> BTreeMap<String, String> {
    let line = Regex::new(r"(?m)^# TYPE (\S+) (\S+)$").unwrap();
    line.captures_iter(numbers).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

fn numbers(service: &Service) -> String {
    reqwest::blocking::get(service.url("/metrics")).unwrap().text().unwrap()
}

fn value(numbers: &str, line: &str) -> Option<f64> {
    numbers.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok())
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let service = Service::start(&[]);
    let ann = service.create("ann");
    assert_eq!(service.post("/api/v1/users", &person("ann")).status, 409);
    for _ in 0..3 {
        assert_eq!(service.get(&ann).status, 200);
    }
    let numbers = numbers(&service);
    let count = |labels: &str| value(&numbers, &format!("http_server_request_duration_seconds_count{{{labels}}}"));
    let of = |method: &str, status: u16, route: &str| {
        let labels =
            format!(r#"http_request_method="{method}",http_response_status_code="{status}",http_route="{route}""#);
        count(&labels)
    };
    assert_eq!(of("GET", 200, "/api/v1/users/{id}"), Some(3.0), "{numbers}");
    assert_eq!(of("POST", 201, "/api/v1/users"), Some(1.0));
    assert_eq!(of("POST", 409, "/api/v1/users"), Some(1.0));
    for end in ["0.0005", "10", "+Inf"] {
        assert!(numbers.contains(&format!("le=\"{end}\"")), "{end} is no bucket of {numbers}");
    }
    assert_eq!(value(&numbers, r#"http_server_active_requests{http_request_method="GET"}"#), Some(1.0), "this one");
    assert_eq!(value(&numbers, r#"usermgmt_http_requests_shed_total{reason="full"}"#), Some(0.0));
}

#[test]
fn the_document_names_every_number_and_its_kind() {
    let service = Service::start(&[]);
    service.create("ann");
    let told = told(&numbers(&service));
    let document = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/METRICS.md")).unwrap();
    let row = Regex::new(r"(?m)^\| `([a-z_]+)` \| (counter|gauge|histogram) \|").unwrap();
    let documented: BTreeMap<_, _> =
        row.captures_iter(&document).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    for (name, kind) in &told {
        assert_eq!(documented.get(name), Some(kind), "{name} in docs/METRICS.md");
    }
    for name in documented.keys().filter(|name| name.contains("http")) {
        assert!(told.contains_key(name), "{name} is in docs/METRICS.md alone");
    }
}

#[test]
fn on_a_port_of_their_own_the_numbers_are_there_alone() {
    let mut service = Service::start(&[("METRICS_PORT", "0")]);
    let line = service.wait_for_log("the numbers are at ");
    let url = Regex::new(r"http://[0-9.:]+/metrics").unwrap().find(&line).unwrap().as_str().to_owned();
    assert_eq!(service.get("/metrics").status, 404);
    assert_eq!(service.get("/health").status, 200);
    let get = |url: &str| reqwest::blocking::get(url).unwrap();
    let answer = get(&url);
    assert_eq!(answer.status(), 200);
    assert!(answer.text().unwrap().contains("http_route=\"/health\""));
    for path in ["/health", "/api/v1/users", "/"] {
        assert_eq!(get(&url.replace("/metrics", path)).status(), 404, "{path}");
    }
    service.stop();
}
