//! Far more requests than the service can answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use reqwest::blocking::Client;

use crate::service::Service;

/// Clients that ask again at once, more than are worked on.
const GREEDY: usize = 160;

#[derive(Default)]
struct Tally {
    served: AtomicU64,
    refused: AtomicU64,
}

impl Tally {
    /// Asks for a list, from a network of this tally's own.
    fn ask(&self, client: &Client, url: &str, network: &str) {
        // Whom a busy machine keeps from being heard within the time for a head is neither served nor refused.
        let Ok(answer) = client.get(url).header("X-Forwarded-For", network).send() else { return };
        match answer.status().as_u16() {
            200 => self.served.fetch_add(1, Relaxed),
            503 => {
                assert!(answer.headers().contains_key("retry-after"));
                assert_eq!(answer.headers()["content-type"], "application/problem+json");
                // What was let in may still wait too long for a connection, on a machine that is busy elsewhere.
                let is_shed = answer.text().unwrap().contains("There is more to do than can be done soon");
                if is_shed { self.refused.fetch_add(1, Relaxed) } else { 0 }
            }
            408 => 0,
            other => panic!("{other}: {}", answer.text().unwrap()),
        };
    }

    fn part_served(&self) -> f64 {
        let (served, refused) = (self.served.load(Relaxed), self.refused.load(Relaxed));
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let part = served as f64 / (served + refused).max(1) as f64;
        part
    }
}

#[test]
fn a_service_that_is_asked_too_much_serves_what_it_can_and_everybody_who_asks_for_little() {
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("DATABASE_POOL_SIZE", "1"), ("LOG_LEVEL", "info,access=off")];
    let settings = [&settings[..], &[("DATABASE_URL", "sqlite://users.db?mode=rwc")]].concat();
    let service = Service::start(&settings);
    for number in 0..20 {
        service.create(&format!("user-{number}"));
    }
    let url = service.url("/api/v1/users?limit=20&sort=-updated_at");
    let (greedy, modest, is_over) = (Arc::new(Tally::default()), Tally::default(), Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..GREEDY)
        .map(|_| {
            let (greedy, is_over, url) = (Arc::clone(&greedy), Arc::clone(&is_over), url.clone());
            thread::spawn(move || {
                let client = Client::new();
                while !is_over.load(Relaxed) {
                    greedy.ask(&client, &url, "192.0.2.1");
                }
            })
        })
        .collect();
    let client = Client::new();
    thread::sleep(Duration::from_secs(2));
    for _ in 0..40 {
        modest.ask(&client, &url, "198.51.100.7");
        thread::sleep(Duration::from_millis(50));
    }
    // Not `/ready`, which asks the database, and waits for its one connection like everybody.
    for path in ["/health", "/metrics"] {
        assert_eq!(service.get(path).status, 200, "{path}");
    }
    is_over.store(true, Relaxed);
    for client in clients {
        client.join().unwrap();
    }

    let refused = greedy.refused.load(Relaxed) + modest.refused.load(Relaxed);
    assert!(refused > 0, "{GREEDY} clients are not too much: {}", greedy.served.load(Relaxed));
    assert!(greedy.served.load(Relaxed) > 100, "and some of it is answered");
    assert!(
        modest.part_served() > (3.0 * greedy.part_served()).min(0.75),
        "modest {}, greedy {}",
        modest.part_served(),
        greedy.part_served()
    );
    let numbers = client.get(service.url("/metrics")).send().unwrap().text().unwrap();
    let shed = numbers.lines().filter(|line| line.starts_with("usermgmt_http_requests_shed_total"));
    let shed: u64 = shed.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum();
    assert!(shed >= refused, "each refusal is counted: {shed} of {refused}");
    assert_eq!(client.get(&url).send().unwrap().status(), 200, "and all is well at once");
    let told = service.log().iter().filter(|line| line.contains("there is too much to do")).count();
    assert!((1..=60).contains(&told), "told now and then: {told}");
}
