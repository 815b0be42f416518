//! Which numbers the changes of whom have in the log.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::values::UserUuid;
use tokio::time::Instant;

/// For longer than a copy is used, and the floor lies behind.
const LIFETIME: Duration = Duration::from_mins(2);

/// Numbers that are kept at most.
const ROOM: usize = 100_000;

/// The number of the newest change of each user, from some number of the log on.
#[derive(Debug)]
pub(super) struct Numbers(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    known: Option<Known>,
    by_user: HashMap<UserUuid, i64>,
    in_order: VecDeque<(Instant, UserUuid, i64)>,
    /// Changes of this process, until the log has told of them.
    here: HashMap<UserUuid, Instant>,
}

/// What is known of the log.
#[derive(Debug)]
struct Known {
    /// Every change with a greater number is known here.
    from: i64,
    /// Nothing that is still to come has a number as small as this.
    floor: i64,
    newest: i64,
    /// Since when this log is followed, in seconds by the clock.
    since: i64,
}

impl Numbers {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    pub(super) fn floor(&self) -> Option<i64> {
        self.table().known.as_ref().map(|known| known.floor)
    }

    /// Whether the log is known from that number on and has nothing behind it about this user; for something that was made
    /// at that second from the log that is followed now.
    pub(super) fn has_nothing_newer(&self, user: UserUuid, number: i64, made_at: i64) -> bool {
        let table = self.table();
        let is_known = table
            .known
            .as_ref()
            .is_some_and(|known| known.from <= number && number <= known.newest && known.since < made_at);
        let is_behind = table.by_user.get(&user).is_some_and(|newest| *newest > number);
        is_known && !is_behind && !table.here.contains_key(&user)
    }

    pub(super) fn changed_here(&self, user: UserUuid) {
        self.table().here.insert(user, Instant::now());
    }

    /// The log was read from the floor on, and told of these.
    pub(super) fn changed(&self, changes: impl Iterator<Item = (UserUuid, i64)>, floor: i64, now: i64) {
        let mut guard = self.table();
        let table = &mut *guard;
        let known = table.known.get_or_insert(Known { from: floor, floor, newest: floor, since: now });
        known.floor = floor;
        let at = Instant::now();
        for (user, number) in changes {
            known.newest = known.newest.max(number);
            let newest = table.by_user.entry(user).or_insert(number);
            *newest = number.max(*newest);
            table.in_order.push_back((at, user, number));
        }
        known.newest = known.newest.max(floor);
        while let Some(&(seen, user, number)) = table.in_order.front() {
            if table.in_order.len() <= ROOM && at.duration_since(seen) <= LIFETIME {
                break;
            }
            table.in_order.pop_front();
            known.from = known.from.max(number);
            if table.by_user.get(&user) == Some(&number) {
                table.by_user.remove(&user);
            }
        }
    }

    pub(super) fn forget_everything(&self) {
        let mut table = self.table();
        // What this process changed is in no log that was read yet.
        *table = Table { here: std::mem::take(&mut table.here), ..Table::default() };
    }

    /// The log has told of all changes up to so long ago.
    pub(super) fn heard(&self, ago: Duration) {
        let Some(until) = Instant::now().checked_sub(ago) else { return };
        self.table().here.retain(|_, changed_at| *changed_at >= until);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserUuid {
        UserUuid::new(Uuid::from_u128(number))
    }

    /// Follows the log from number 10 on, since second 0.
    fn following() -> Numbers {
        let numbers = Numbers::new();
        numbers.changed([(user(1), 15)].into_iter(), 10, 0);
        numbers
    }

    #[tokio::test]
    async fn a_log_that_is_not_followed_says_nothing() {
        assert!(!Numbers::new().has_nothing_newer(user(1), 10, 1));
        assert_eq!(Numbers::new().floor(), None);
    }

    #[tokio::test]
    async fn what_changed_behind_a_number_is_known_from_the_floor_on() {
        let numbers = following();
        assert_eq!(numbers.floor(), Some(10));
        assert!(numbers.has_nothing_newer(user(2), 10, 1));
        assert!(!numbers.has_nothing_newer(user(2), 9, 1), "of what is before nothing is known");
        assert!(!numbers.has_nothing_newer(user(2), 16, 1), "that is another log");
        assert!(!numbers.has_nothing_newer(user(2), 10, 0), "it may be of another log");
        assert!(!numbers.has_nothing_newer(user(1), 14, 1));
        assert!(numbers.has_nothing_newer(user(1), 15, 1));
    }

    #[tokio::test]
    async fn a_change_that_is_told_late_with_a_smaller_number_hides_no_greater_one() {
        let numbers = following();
        numbers.changed([(user(1), 12)].into_iter(), 10, 1);
        assert!(!numbers.has_nothing_newer(user(1), 14, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_of_ones_own_is_newer_than_anything_until_the_log_has_told_of_it() {
        let numbers = following();
        numbers.changed_here(user(2));
        assert!(!numbers.has_nothing_newer(user(2), 15, 1));
        advance(Duration::from_secs(1)).await;
        numbers.heard(Duration::from_secs(2));
        numbers.forget_everything();
        numbers.changed(std::iter::empty(), 20, 0);
        assert!(!numbers.has_nothing_newer(user(2), 20, 1), "the look began before it");
        numbers.heard(Duration::ZERO);
        assert!(numbers.has_nothing_newer(user(2), 20, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn numbers_that_are_dropped_raise_what_is_known() {
        let numbers = following();
        advance(LIFETIME + Duration::from_millis(1)).await;
        numbers.changed(std::iter::empty(), 11, 0);
        assert!(numbers.table().by_user.is_empty());
        assert!(!numbers.has_nothing_newer(user(1), 14, 1));
        assert!(numbers.has_nothing_newer(user(1), 15, 1));
    }
}
