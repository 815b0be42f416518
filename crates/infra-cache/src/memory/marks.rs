//! What changed, and when: by numbers that only grow.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::time::Instant;

/// The number of the newest change of each subject, for as long as something older may be in memory.
///
/// Marks that are too old or too many are dropped, the oldest first; then all that is not known to be newer than the last
/// one dropped counts as touched.
#[derive(Debug)]
pub(crate) struct Marks<S> {
    newest: AtomicU64,
    table: RwLock<Table<S>>,
    lifetime: Duration,
    room: usize,
}

#[derive(Debug)]
struct Table<S> {
    by_subject: HashMap<S, u64>,
    in_order: VecDeque<(Instant, S, u64)>,
    /// Whatever is older counts as touched.
    floor: u64,
}

impl<S> Table<S> {
    fn from(floor: u64) -> Self {
        Self { by_subject: HashMap::new(), in_order: VecDeque::new(), floor }
    }
}

impl<S: Copy + Eq + Hash> Marks<S> {
    /// Keeps at most so many marks for so long.
    pub(crate) fn new(lifetime: Duration, room: usize) -> Self {
        Self { newest: AtomicU64::new(0), table: RwLock::new(Table::from(0)), lifetime, room }
    }

    /// The number of the newest change.
    pub(crate) fn newest(&self) -> u64 {
        self.newest.load(Ordering::SeqCst)
    }

    /// These changed.
    pub(crate) fn mark(&self, subjects: impl Iterator<Item = S>) {
        let mut subjects = subjects.peekable();
        if subjects.peek().is_none() {
            return;
        }
        let (mut table, now) = (self.write(), Instant::now());
        let number = self.next();
        for subject in subjects {
            table.by_subject.insert(subject, number);
            table.in_order.push_back((now, subject, number));
        }
        while let Some(&(at, subject, number)) = table.in_order.front() {
            if table.in_order.len() <= self.room && now.duration_since(at) <= self.lifetime {
                break;
            }
            table.in_order.pop_front();
            table.floor = number;
            if table.by_subject.get(&subject) == Some(&number) {
                table.by_subject.remove(&subject);
            }
        }
    }

    /// Everything may have changed.
    pub(crate) fn mark_everything(&self) {
        let mut table = self.write();
        *table = Table::from(self.next());
    }

    /// Whether none of these changed after the change of that number; then, up to which one that is known now.
    pub(crate) fn untouched_since(&self, number: u64, mut subjects: impl Iterator<Item = S>) -> Option<u64> {
        let table = self.read();
        let is_touched = |subject| table.by_subject.get(&subject).is_some_and(|mark| *mark > number);
        let is_untouched = table.floor <= number && !subjects.any(is_touched);
        // No number is given out while the table is held.
        is_untouched.then(|| self.newest())
    }

    /// Only while the table is held.
    fn next(&self) -> u64 {
        self.newest.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn read(&self) -> RwLockReadGuard<'_, Table<S>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table<S>> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn is_untouched(marks: &Marks<u32>, since: u64, subject: u32) -> bool {
        marks.untouched_since(since, [subject].into_iter()).is_some()
    }

    #[tokio::test]
    async fn a_mark_touches_what_is_older_and_nobody_else() {
        let marks = Marks::new(MINUTE, 100);
        let before = marks.newest();
        marks.mark([1].into_iter());
        assert!(!is_untouched(&marks, before, 1));
        assert!(is_untouched(&marks, marks.newest(), 1));
        assert_eq!(marks.untouched_since(before, [2].into_iter()), Some(marks.newest()));
    }

    #[tokio::test]
    async fn a_change_of_nobody_is_none() {
        let marks = Marks::<u32>::new(MINUTE, 100);
        marks.mark(std::iter::empty());
        assert_eq!(marks.newest(), 0);
    }

    #[tokio::test]
    async fn when_marks_are_too_many_the_oldest_turn_into_a_floor() {
        let marks = Marks::new(MINUTE, 3);
        let before = marks.newest();
        marks.mark(1..=2);
        let between = marks.newest();
        marks.mark(3..=5);
        assert_eq!(marks.read().in_order.len(), 3);
        assert_eq!(marks.read().by_subject.len(), 3);
        assert!(!is_untouched(&marks, before, 1), "its mark was dropped, so nobody knows");
        assert!(!is_untouched(&marks, before, 9), "nor of anybody else as old");
        assert!(is_untouched(&marks, between, 1));
        assert!(!is_untouched(&marks, between, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn marks_older_than_anything_in_memory_are_dropped() {
        let marks = Marks::new(MINUTE, 100);
        marks.mark([1].into_iter());
        let between = marks.newest();
        advance(MINUTE + Duration::from_millis(1)).await;
        marks.mark([2].into_iter());
        assert_eq!(marks.read().by_subject.keys().collect::<Vec<_>>(), [&2]);
        assert!(!is_untouched(&marks, 0, 1), "what is as old as that counts as touched");
        assert!(is_untouched(&marks, between, 1));
    }

    #[tokio::test]
    async fn a_subject_that_changed_twice_keeps_its_newer_mark() {
        let marks = Marks::new(MINUTE, 2);
        marks.mark([1].into_iter());
        marks.mark([1].into_iter());
        let between = marks.newest() - 1;
        marks.mark([2].into_iter());
        assert!(!is_untouched(&marks, between, 1));
    }

    #[tokio::test]
    async fn marking_everything_touches_all_that_is_older() {
        let marks = Marks::new(MINUTE, 100);
        marks.mark([1].into_iter());
        let before = marks.newest();
        marks.mark_everything();
        assert!(!is_untouched(&marks, before, 2));
        assert!(is_untouched(&marks, marks.newest(), 1));
    }
}
