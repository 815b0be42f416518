//! What the numbers say, in Markdown.

use std::fmt::Write as _;

use super::cold_start::ColdStart;
use super::targets::Memory;
use super::{Bench, crud, logins, moving, refreshes, sequencing, storm};

/// The middle one, or the mean of the two in the middle; 0 of nothing.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.wrapping_sub(1)), at(middle)) }
}

/// How far two are apart: the median of the rounds' own ratios, since what disturbs the machine in a round disturbs both.
pub(crate) fn median_ratio<T>(ones: &[T], others: &[T], of: impl Fn(&T, &T) -> f64) -> f64 {
    median(&ones.iter().zip(others).map(|(one, other)| of(one, other)).collect::<Vec<_>>())
}

/// A ratio, and between which it lay from round to round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Ratio {
    /// Of the first to the second in each round.
    pub(crate) fn of<T>(ones: &[T], others: &[T], of: impl Fn(&T) -> f64) -> Self {
        let ratios: Vec<f64> = ones.iter().zip(others).map(|(one, other)| of(one) / of(other)).collect();
        let (least, most) = (ratios.iter().copied().reduce(f64::min), ratios.iter().copied().reduce(f64::max));
        Self { median: median(&ratios), least: least.unwrap_or_default(), most: most.unwrap_or_default() }
    }
}

/// What was measured.
#[derive(Debug)]
pub(crate) enum Section {
    Requests(Vec<crud::Measured>),
    Logins(Vec<logins::Measured>),
    Refreshes(refreshes::Measured),
    Storm(storm::Measured),
    Moving(Vec<moving::Measured>),
    Sequencing(sequencing::Measured),
}

/// What is known of the servers themselves, where any were measured.
#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) memory: Memory,
    pub(crate) cold: ColdStart,
}

/// The whole report.
pub(crate) fn markdown(bench: &Bench, sections: &[Section], servers: Option<&Servers>) -> String {
    let mut text = format!(
        "{} users on MariaDB, {} connections, a pool of {}, {} rounds of {} s by turns, profile {}.\n\
         Medians over the rounds; \"ratio\" is product to what stands beside it, so 1.00 is as good.\n\n",
        bench.users, bench.setup.connections, bench.setup.pool, bench.rounds, bench.seconds, bench.setup.profile
    );
    for section in sections {
        text += &match section {
            Section::Requests(measured) => crud::markdown(measured),
            Section::Logins(measured) => logins::markdown(measured),
            Section::Refreshes(measured) => refreshes::markdown(measured),
            Section::Storm(measured) => storm::markdown(measured),
            Section::Moving(measured) => moving::markdown(measured),
            Section::Sequencing(measured) => sequencing::markdown(measured),
        };
        text.push('\n');
    }
    let Some(Servers { memory, cold }) = servers else { return text };
    let [product_idle, product_after] = memory.product;
    let [bare_idle, bare_after] = memory.bare;
    let _ = write!(
        text,
        "| product, `AUTH_REQUIRED=false` | |\n|---|---:|\n\
         | start to `/ready`, SQLite, no file yet | {:.0} ms |\n\
         | start to `/ready`, SQLite, file there | {:.0} ms |\n\
         | memory on SQLite when ready | {:.1} MiB |\n\
         | processor on SQLite when idle | {:.2} % of one |\n\
         | memory on MariaDB, idle (bare: {bare_idle:.1}) | {product_idle:.1} MiB |\n\
         | memory on MariaDB, after the load (bare: {bare_after:.1}) | {product_after:.1} MiB |\n",
        cold.new.as_secs_f64() * 1e3,
        cold.existing.as_secs_f64() * 1e3,
        cold.memory,
        cold.idle * 1e2,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(&[9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 100.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_ratio_tells_how_far_it_went() {
        let ratio = Ratio::of(&[50.0, 80.0, 9.0], &[100.0, 100.0, 10.0], |rate| *rate);
        assert_eq!(ratio, Ratio { median: 0.8, least: 0.5, most: 0.9 });
    }

    #[test]
    fn the_ratio_compares_within_a_round() {
        let (product, bare) = ([50.0, 80.0, 9.0], [100.0, 100.0, 10.0]);
        assert!((median_ratio(&product, &bare, |product, bare| product / bare) - 0.8).abs() < 1e-9);
    }
}
