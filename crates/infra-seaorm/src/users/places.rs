//! Where pages began: a block, and how many users come before it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::counts::CountedBy;

/// So many places are remembered for each walk: as many blocks as a million users have.
const MOST: usize = 1_024;

/// Whom a walk goes by, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Walked {
    pub(super) counted: CountedBy,
    pub(super) descending: bool,
}

/// A block, with how many of those walked by come before it and are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: i64,
    pub(super) before: u64,
    pub(super) users: u64,
}

impl Place {
    /// Whether it is where one comes to who skips so many.
    pub(super) fn holds(self, skip: u64) -> bool {
        skip.checked_sub(self.before).is_some_and(|rest| rest < self.users)
    }
}

/// Places that were found before, which spares looking for them again. They may be out of date: whoever goes to one sees.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<Walked, BTreeMap<u64, Place>>>);

impl Places {
    pub(super) fn find(&self, walked: Walked, skip: u64) -> Option<Place> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, place) = places.get(&walked)?.range(..=skip).next_back()?;
        place.holds(skip).then_some(*place)
    }

    pub(super) fn remember(&self, walked: Walked, place: Place) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = places.entry(walked).or_default();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(place.before, place);
    }

    pub(super) fn forget(&self, walked: Walked, place: Place) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = places.get_mut(&walked) {
            known.remove(&place.before);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::query::UserFilter;

    use super::*;

    fn everybody(descending: bool) -> Walked {
        Walked { counted: CountedBy::of(&UserFilter::default()).unwrap(), descending }
    }

    const PLACE: Place = Place { block: 7, before: 5_000, users: 900 };

    #[test]
    fn a_place_is_found_by_those_who_come_to_it_alone() {
        let places = Places::default();
        places.remember(everybody(false), PLACE);
        for (skip, found) in [(4_999, None), (5_000, Some(PLACE)), (5_899, Some(PLACE)), (5_900, None)] {
            assert_eq!(places.find(everybody(false), skip), found, "{skip}");
        }
        assert_eq!(places.find(everybody(true), 5_000), None, "the other way it is another");
        places.forget(everybody(false), PLACE);
        assert_eq!(places.find(everybody(false), 5_000), None);
    }

    #[test]
    fn no_more_places_are_remembered_than_are_bounded() {
        let places = Places::default();
        for number in 0..5_000 {
            places.remember(everybody(false), Place { before: number * 10, ..PLACE });
        }
        let remembered = places.0.lock().unwrap().get(&everybody(false)).map(BTreeMap::len);
        assert!(remembered.is_some_and(|count| count <= MOST), "{remembered:?}");
    }
}
