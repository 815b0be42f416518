//! Creates, changes, reads and logins at a steady pace, and what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::client::{Answer, Caller};
use crate::place::Place;

/// Each client begins another call after this time, or as soon as the last one was answered.
const PACE: Duration = Duration::from_millis(50);
const CLIENTS: usize = 8;

/// What a load has had acknowledged.
#[derive(Default)]
pub(crate) struct Load {
    is_over: AtomicBool,
    /// Full names by the path of the user.
    acknowledged: Mutex<BTreeMap<String, String>>,
    /// Paths of users of whom the last change is not known, and how many creates are not.
    unknown: Mutex<(BTreeSet<String>, usize)>,
    /// When writes were begun and acknowledged.
    writes: Mutex<Vec<(Instant, Instant)>>,
}

impl Load {
    /// Runs the load beside what is done meanwhile, and hands over what was acknowledged, by path.
    ///
    /// A name that is not known is empty; how many creates that are is handed over too.
    pub(crate) fn beside(&self, place: &Place, meanwhile: impl FnOnce()) -> (BTreeMap<String, String>, usize) {
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                scope.spawn(move || self.run(client, &mut Caller::at(&place.url)));
            }
            meanwhile();
            self.is_over.store(true, Ordering::Relaxed);
        });
        let (changes, creates) = self.unknown.lock().unwrap().clone();
        eprintln!(
            "{creates} creates and {} changes were not answered in time: their keys are kept for a minute",
            changes.len()
        );
        let mut acknowledged = self.acknowledged.lock().unwrap().clone();
        acknowledged.iter_mut().filter(|(path, _)| changes.contains(*path)).for_each(|(_, name)| name.clear());
        (acknowledged, creates)
    }

    fn run(&self, client: usize, caller: &mut Caller) {
        for turn in 0.. {
            if self.is_over.load(Ordering::Relaxed) {
                return;
            }
            let begun = Instant::now();
            self.user(caller, &format!("load-{client}-{turn}"));
            if turn % 16 == 0 {
                caller.sign_in();
            }
            thread::sleep((PACE * 3).saturating_sub(begun.elapsed()));
        }
    }

    /// Makes, changes and reads a user, which all clients find as it was acknowledged.
    fn user(&self, caller: &Caller, name: &str) {
        let person = json!({
            "username": name, "email": format!("{name}@example.com"), "password": "correct horse battery",
            "full_name": "Before",
        });
        let made = self.write(|| caller.call(&Method::POST, "/api/v1/users", &format!("make-{name}"), Some(&person)));
        let Some(made) = made else {
            self.unknown.lock().unwrap().1 += 1;
            return;
        };
        assert_eq!(made.status, 201, "{}", made.body);
        let path = format!("/api/v1/users/{}", made.body["id"]);
        self.acknowledged.lock().unwrap().insert(path.clone(), "Before".to_owned());
        let after = format!("After {name}");
        let change = json!({ "full_name": after });
        let changed = self.write(|| caller.call(&Method::PATCH, &path, &format!("change-{name}"), Some(&change)));
        let Some(changed) = changed else {
            self.unknown.lock().unwrap().0.insert(path);
            return;
        };
        // Another replica than the one that made them may not have heard of them yet.
        if changed.status == 404 {
            return;
        }
        assert_eq!(changed.status, 200, "{}", changed.body);
        self.acknowledged.lock().unwrap().insert(path.clone(), after);
        let read = caller.call(&Method::GET, &path, "", None).expect("it has no key");
        assert!(matches!(read.status, 200 | 404), "{}", read.body);
    }

    fn write(&self, call: impl FnOnce() -> Option<Answer>) -> Option<Answer> {
        let begun = Instant::now();
        let answer = call()?;
        self.writes.lock().unwrap().push((begun, Instant::now()));
        Some(answer)
    }

    /// How long after a moment a write was first acknowledged that was begun after it.
    pub(crate) fn answered_again(&self, since: Instant) -> Duration {
        loop {
            let writes = self.writes.lock().unwrap().clone();
            let first = writes.iter().filter(|(begun, _)| *begun > since).map(|(_, ended)| *ended).min();
            if let Some(first) = first {
                return first - since;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The longest time since a moment in which no write was acknowledged.
    pub(crate) fn longest_silence(&self, since: Instant) -> Duration {
        let mut ends: Vec<_> = self.writes.lock().unwrap().iter().map(|(_, ended)| *ended).collect();
        ends.retain(|ended| *ended > since);
        ends.push(since);
        ends.sort_unstable();
        ends.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}
