//! A service whose requests end when the test says so, at times that the test makes up.

use super::*;

const FLOOR: usize = 16;

struct Trial {
    gate: Rc<Gate>,
    load: Arc<Load>,
    now: Instant,
    in_work: Vec<Slot>,
}

impl Trial {
    fn new() -> Self {
        let load = Arc::new(Load::new(FLOOR));
        // A service that has been idle for a while.
        let now = load.epoch + Duration::from_mins(1);
        Self { gate: Gate::new(Arc::clone(&load)), load, now, in_work: Vec::new() }
    }

    fn wait(&mut self, milliseconds: u64) {
        self.now += Duration::from_millis(milliseconds);
    }

    /// Whether a request of this caller is let in; it goes on until it is ended.
    fn comes(&mut self, caller: u64) -> bool {
        let admitted = self.gate.admit(Lane::Work, self.now, || key(caller));
        let is_in = admitted.is_ok();
        self.in_work.extend(admitted.map(|mut slot| {
            slot.waits();
            slot.ends_well();
            slot
        }));
        is_in
    }

    /// How many of so many requests are let in.
    fn come(&mut self, requests: usize, caller: u64) -> usize {
        (0..requests).filter(|_| self.comes(caller)).count()
    }

    /// Ends the oldest requests.
    fn end(&mut self, requests: usize) {
        drop(self.in_work.drain(..requests.min(self.in_work.len())));
    }

    /// Gives up whatever is in work.
    fn give_up(&mut self) {
        self.in_work.drain(..).for_each(|mut slot| slot.ended_well = false);
    }

    /// One caller sends without end for a second, while this many requests end in each millisecond.
    fn press(&mut self, ending: usize) {
        for _ in 0..1000 {
            self.wait(1);
            self.end(ending);
            self.come(100, 1);
        }
    }
}

fn key(caller: u64) -> CallerKey {
    caller_key(None, || caller.to_string())
}

#[test]
fn a_burst_upon_an_idle_service_is_served_whole() {
    let mut trial = Trial::new();
    assert_eq!(trial.come(BURST, 1), BURST);
    assert_eq!(trial.come(10, 1), 0, "but not without end");
}

#[test]
fn what_is_answered_soon_is_never_refused_however_much_it_is() {
    let mut trial = Trial::new();
    // 50,000 requests a second, 20 ms each: a thousand at once.
    for _ in 0..3_000 {
        trial.wait(1);
        if trial.in_work.len() >= 1000 {
            trial.end(50);
        }
        assert_eq!(trial.come(50, 1), 50, "{} in work", trial.in_work.len());
    }
}

#[test]
fn as_few_as_the_floor_are_never_refused_however_long_they_take() {
    let mut trial = Trial::new();
    for _ in 0..100 {
        trial.wait(2_000);
        trial.end(FLOOR / 2);
        assert_eq!(trial.come(FLOOR / 2, 1), FLOOR / 2);
    }
}

#[test]
fn too_much_for_too_long_is_refused_and_what_is_in_work_ends_soon() {
    let mut trial = Trial::new();
    trial.press(2);
    // 2,000 end in a second: 80 of them within 40 ms.
    let (limit, in_work) = (trial.load.limit.load(Relaxed), trial.in_work.len());
    assert!((70..=90).contains(&limit), "{limit}");
    assert!((limit / 2..=limit).contains(&in_work), "{in_work}");
}

#[test]
fn a_storage_that_hangs_leaves_no_more_than_the_floor_in_work() {
    let mut trial = Trial::new();
    trial.press(2);
    for _ in 0..3 {
        trial.press(0);
        trial.press(0);
        // As whoever waits for two seconds is answered that it was in vain.
        trial.give_up();
    }
    trial.press(0);
    assert_eq!(trial.load.limit.load(Relaxed), FLOOR);
    assert!(trial.in_work.len() <= FLOOR, "{}", trial.in_work.len());
}

#[test]
fn a_service_whose_storage_answers_again_serves_at_once() {
    let mut trial = Trial::new();
    trial.press(0);
    assert!(!trial.comes(1));
    trial.end(usize::MAX);
    for _ in 0..200 {
        assert_eq!(trial.come(FLOOR / 2, 1), FLOOR / 2);
        trial.wait(1);
        trial.end(usize::MAX);
    }
}

#[test]
fn a_greedy_caller_leaves_room_for_a_modest_one() {
    let mut trial = Trial::new();
    trial.press(2);
    let mut served = 0;
    for _ in 0..125 {
        for _ in 0..4 {
            trial.wait(1);
            trial.end(2);
            trial.come(100, 1);
        }
        served += trial.come(1, 2);
    }
    assert_eq!(served, 125);
    assert!(!trial.comes(1), "while the greedy one has enough");
}

#[test]
fn callers_who_each_ask_for_little_fill_it_together() {
    let mut trial = Trial::new();
    trial.press(2);
    let mut served = 0;
    for round in 0..1_000 {
        trial.wait(1);
        trial.end(2);
        served += (0..20).filter(|caller| trial.comes(100 + round * 20 + caller)).count();
    }
    assert!(served >= 1_900, "as many as end: {served}");
    assert!(trial.in_work.len() > trial.load.limit.load(Relaxed) * 3 / 4, "{}", trial.in_work.len());
}

#[test]
fn what_never_waits_says_nothing_about_what_does() {
    let mut trial = Trial::new();
    for _ in 0..1_000 {
        trial.wait(1);
        for _ in 0..100 {
            drop(trial.gate.admit(Lane::Work, trial.now, || key(1)));
        }
    }
    assert_eq!(trial.load.limit.load(Relaxed), FLOOR);
}

#[test]
fn an_operator_is_answered_whatever_there_is_to_do() {
    let mut trial = Trial::new();
    trial.press(0);
    assert!(trial.gate.admit(Lane::Free, trial.now, || key(1)).is_ok());
}

#[test]
fn passwords_and_waits_have_bounds_of_their_own() {
    let trial = Trial::new();
    for (lane, most) in [(Lane::Hashing, MOST_HASHING), (Lane::Long, MOST_LONG)] {
        let admit = || trial.gate.admit(lane, trial.now, || key(1));
        let slots: Vec<_> = std::iter::from_fn(|| admit().ok()).take(most + 1).collect();
        assert_eq!(slots.len(), most);
        drop(slots);
        assert!(admit().is_ok());
    }
    assert_eq!(trial.load.in_work.load(Relaxed), 0);
}

#[test]
fn whose_body_is_still_on_its_way_takes_nobodys_place() {
    let mut trial = Trial::new();
    trial.press(0);
    assert!(!trial.comes(2), "it is full");
    trial.in_work.iter_mut().for_each(|slot| slot.arrives(true));
    assert_eq!(trial.load.in_work.load(Relaxed), 0);
    trial.wait(10_000);
    assert!(trial.comes(2));
    trial.in_work.iter_mut().for_each(|slot| slot.arrives(false));
    assert_eq!(trial.load.in_work.load(Relaxed), trial.in_work.len());
    trial.in_work.iter_mut().step_by(2).for_each(|slot| slot.arrives(true));
    trial.in_work.clear();
    assert_eq!(trial.load.in_work.load(Relaxed), 0);
    assert!(!trial.load.callers.has_its_share(key(1), 2));
}
