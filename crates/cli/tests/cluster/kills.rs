//! What a client sees of conflicts, and of parts that die.

use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::client::Caller;
use crate::load::Load;
use crate::place::Place;

const CONFLICTS_FOR: Duration = Duration::from_secs(4);
/// Longer, and something else is wrong than a node that has to be given up (4 s to 6 s here).
const SECONDS: Duration = Duration::from_secs(20);

/// Every replica changes the same user, each on its own node.
pub(crate) fn conflicts_alone_are_never_seen(place: &Place) {
    let caller = Caller::at(&place.url);
    let person = json!({
        "username": "hot", "email": "hot@example.com", "password": "correct horse battery",
    });
    let made = caller.call(&Method::POST, "/api/v1/users", "hot", Some(&person)).expect("nothing has died yet");
    let path = format!("/api/v1/users/{}", made.body["id"]);
    thread::sleep(Duration::from_secs(1));
    let begun = Instant::now();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let clients: Vec<_> = place.replicas.iter().flat_map(|replica| [replica; 2]).enumerate().collect();
        let clients = clients.into_iter().map(|(client, replica)| {
            let path = &path;
            scope.spawn(move || {
                let caller = Caller::at(replica);
                let mut statuses = Vec::new();
                while begun.elapsed() < CONFLICTS_FOR {
                    let change = json!({ "full_name": format!("Hot {client} {}", statuses.len()) });
                    let answer = caller.try_call(Method::PATCH, path, "", Some(&change)).expect("replicas answer");
                    statuses.push(answer.status);
                }
                statuses
            })
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let refused = statuses.iter().filter(|status| **status != 200).count();
    eprintln!("hot row: {} changes from six clients on three nodes, {refused} not answered with 200", statuses.len());
    assert_eq!(refused, 0, "{statuses:?}");
}

pub(crate) fn nothing_acknowledged_is_lost(place: &Place) {
    let before = users(place);
    let load = Load::default();
    let (acknowledged, unknown) = load.beside(place, || {
        thread::sleep(Duration::from_secs(2));
        for part in ["galera-1", "replica-2"] {
            let pid = place.pid(part).unwrap();
            let killed = place.kill(part);
            let again = load.answered_again(killed);
            let back = place.wait_for(part, pid);
            thread::sleep(Duration::from_secs(2));
            let silence = load.longest_silence(killed);
            eprintln!(
                "{part} killed: a write was answered after {again:.1?}, back {back:.1?} later, longest {silence:.1?}"
            );
            assert!(silence < SECONDS, "nothing was answered for {silence:?}");
        }
    });
    // Whoever follows has followed by then.
    thread::sleep(Duration::from_secs(2));
    eprintln!("{} users were acknowledged", acknowledged.len());
    for replica in &place.replicas {
        let made = users_at(replica) - before;
        assert!((acknowledged.len()..=acknowledged.len() + unknown).contains(&made), "{made} at {replica}");
    }
    let caller = Caller::at(&place.url);
    for (path, full_name) in &acknowledged {
        let read = caller.call(&Method::GET, path, "", None).expect("it has no key");
        assert_eq!(read.status, 200, "{path}: {}", read.body);
        assert!(full_name.is_empty() || read.body["full_name"] == **full_name, "{path}: {}", read.body);
    }
    for node in 0..3 {
        place.run_on(node, &["audit", "verify"]);
        place.run_on(node, &["doctor", "--full"]);
    }
}

fn users(place: &Place) -> usize {
    users_at(&place.url)
}

fn users_at(url: &str) -> usize {
    let list = Caller::at(url).call(&Method::GET, "/api/v1/users?limit=1&count=exact", "", None);
    let list = list.expect("it has no key");
    usize::try_from(list.body["total"].as_u64().expect("a total")).unwrap()
}
