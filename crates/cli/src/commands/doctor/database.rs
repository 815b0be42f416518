//! The database itself: whether it answers, what it is, and what time it has.

use std::time::Instant;

use domain::ports::{Clock as _, StorageInspection};

use super::report::{Finding, Report};
use crate::clock::SystemClock;
use crate::commands::causes;

/// More than this between two clocks makes times in the audit trail misleading, in seconds.
const DRIFT: i64 = 5;

pub(super) async fn check(inspection: &dyn StorageInspection, report: &mut Report) {
    let begun = Instant::now();
    let description = match inspection.describe().await {
        Ok(description) => description,
        Err(error) => {
            return report.add("database", Finding::Problem(format!("it does not answer: {}", causes(&error))));
        }
    };
    let (took, now) = (begun.elapsed(), SystemClock.now());
    report.add(
        "database",
        Finding::Ok(format!("{}, answered in {:.1} ms", description.version, took.as_secs_f64() * 1e3)),
    );
    if let Some(there) = description.now {
        let drift = (there - now).num_seconds();
        let said = format!("the database's differs from this machine's by {} s", drift.abs());
        let advice = "; let both take the time from one source (NTP)";
        report.add("clock", if drift.abs() > DRIFT { Finding::Warning(said + advice) } else { Finding::Ok(said) });
    }
    for setting in description.settings {
        let said = format!("{} is {}", setting.name, setting.value);
        report.add(
            "database setting",
            match setting.expected {
                None => Finding::Ok(said),
                Some(expected) => Finding::Problem(format!("{said}; it should be {expected}")),
            },
        );
    }
}
