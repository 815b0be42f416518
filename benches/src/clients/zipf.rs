//! Who is asked for: few of the users often, most of them hardly ever.

use fastrand::Rng;

/// Draws users so that the one of rank `r` comes up in proportion to `1 / r`: Zipf's law with exponent 1.0.
#[derive(Debug)]
pub(crate) struct Zipf {
    /// How likely a rank or a better one is.
    cumulated: Vec<f64>,
}

/// Ranks lie this far apart among the ids, so that the users who are asked for most do not share a page of the table. It is
/// a prime, so that every id has a rank.
const STRIDE: u64 = 1_000_003;

impl Zipf {
    /// Over users with the ids 1 to `users`.
    pub(crate) fn new(users: u32) -> Self {
        let weights = (1..=users.max(1)).scan(0.0, |sum, rank| {
            *sum += 1.0 / f64::from(rank);
            Some(*sum)
        });
        let mut cumulated: Vec<f64> = weights.collect();
        let all = cumulated.last().copied().unwrap_or(1.0);
        for part in &mut cumulated {
            *part /= all;
        }
        Self { cumulated }
    }

    /// The next user's id.
    pub(crate) fn draw(&self, rng: &mut Rng) -> u64 {
        self.id(self.rank(rng.f64()))
    }

    /// The rank, beginning with 0, at this part of all that is drawn.
    fn rank(&self, part: f64) -> usize {
        self.cumulated.partition_point(|cumulated| *cumulated < part).min(self.cumulated.len() - 1)
    }

    fn id(&self, rank: usize) -> u64 {
        let (rank, users) = (rank as u64, self.cumulated.len() as u64);
        rank * STRIDE % users + 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_second_comes_half_as_often_as_the_first_and_the_tenth_a_tenth() {
        let (zipf, mut rng) = (Zipf::new(1000), Rng::with_seed(7));
        let mut drawn = BTreeMap::<u64, u32>::new();
        for _ in 0..200_000 {
            *drawn.entry(zipf.draw(&mut rng)).or_default() += 1;
        }
        let times = |rank: usize| f64::from(drawn[&zipf.id(rank)]);
        // The first one's part is 1 / (1 + 1/2 + … + 1/1000), which is 0.1336.
        assert!((times(0) / 200_000.0 - 0.1336).abs() < 0.004);
        assert!((times(0) / times(1) - 2.0).abs() < 0.1);
        assert!((times(0) / times(9) - 10.0).abs() < 1.0);
    }

    #[test]
    fn every_user_has_a_rank() {
        let zipf = Zipf::new(1000);
        let ids: BTreeSet<u64> = (0..1000).map(|rank| zipf.id(rank)).collect();
        assert_eq!((ids.len(), ids.first(), ids.last()), (1000, Some(&1), Some(&1000)));
    }

    #[test]
    fn the_ends_of_what_can_be_drawn_are_users() {
        let zipf = Zipf::new(3);
        assert_eq!([0.0, 0.54, 0.55, 0.999_999].map(|part| zipf.rank(part)), [0, 0, 1, 2]);
        assert_eq!(zipf.rank(1.0), 2);
    }
}
