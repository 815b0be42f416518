//! What an import came to.

use application::users::Imported;
use domain::ports::ImportProgress;

/// How many records became what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) skipped: u64,
    pub(super) rejected: u64,
}

impl Tally {
    /// What an earlier run came to.
    pub(super) fn of(progress: &ImportProgress) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Self {
            created: count(progress.created),
            updated: count(progress.updated),
            skipped: count(progress.skipped),
            rejected: count(progress.rejected),
        }
    }

    pub(super) fn add(&mut self, outcomes: &[Imported], broken: usize) {
        self.rejected += broken as u64;
        for outcome in outcomes {
            match outcome {
                Imported::Created => self.created += 1,
                Imported::Updated => self.updated += 1,
                Imported::Skipped => self.skipped += 1,
                Imported::Rejected(_) => self.rejected += 1,
            }
        }
    }

    /// The sentence at the end.
    pub(super) fn told(&self, is_dry: bool) -> String {
        let Self { created, updated, skipped, rejected } = self;
        let records = created + updated + skipped + rejected;
        let would = if is_dry { "a dry run, nothing was changed; " } else { "" };
        format!(
            "{would}records: {records}, created: {created}, updated: {updated}, skipped: {skipped}, rejected: {rejected}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_counted_once() {
        let mut tally = Tally::default();
        let outcomes = [Imported::Created, Imported::Created, Imported::Skipped, Imported::Rejected(Vec::new())];
        tally.add(&outcomes, 2);
        tally.add(&[Imported::Updated], 0);
        assert_eq!(tally.told(false), "records: 7, created: 2, updated: 1, skipped: 1, rejected: 3\n");
        assert!(tally.told(true).starts_with("a dry run, nothing was changed; "));
    }
}
