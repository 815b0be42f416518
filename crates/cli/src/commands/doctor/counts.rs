//! The counters that totals are made of, and the guards that keep the last administrator.

use std::collections::{BTreeMap, BTreeSet};

use domain::ports::{Backoff as _, CountDifference, StorageError, StorageInspection};

use super::report::{Finding, Report};
use crate::backoff::FullJitter;
use crate::commands::causes;

pub(super) async fn check_guards(inspection: &dyn StorageInspection, repair: bool, report: &mut Report) {
    let finding = match inspection.missing_guards().await {
        Ok(missing) if missing.is_empty() => Finding::Ok("all are there".to_owned()),
        Ok(_) if repair => match retry(|| inspection.mend_guards()).await {
            Ok(mended) => Finding::Mended(format!("put back {}", mended.join(", "))),
            Err(error) => failed(&error),
        },
        Ok(missing) => {
            let names = missing.join(", ");
            Finding::Problem(format!("{names} is missing, so no administrator can be changed; --repair puts it back"))
        }
        Err(error) => failed(&error),
    };
    report.add("guards", finding);
}

pub(super) async fn check_counts(inspection: &dyn StorageInspection, repair: bool, report: &mut Report) {
    let finding = match retry(|| inspection.count_differences()).await {
        Ok(differences) if differences.is_empty() => Finding::Ok("the counters agree with the users".to_owned()),
        Ok(differences) if repair => match mend(inspection, &differences).await {
            Ok(mended) => Finding::Mended(summary(&mended)),
            Err(error) => failed(&error),
        },
        Ok(differences) => Finding::Problem(format!("{}; --repair corrects the counters", summary(&differences))),
        Err(error) => failed(&error),
    };
    report.add("user counts", finding);
}

/// Block by block, so that nobody waits for long; what was mended when one fails stays mended.
async fn mend(
    inspection: &dyn StorageInspection,
    differences: &[CountDifference],
) -> Result<Vec<CountDifference>, StorageError> {
    let blocks: BTreeSet<_> = differences.iter().map(|difference| difference.block).collect();
    let mut mended = Vec::new();
    for block in blocks {
        mended.extend(retry(|| inspection.mend_counts(block)).await?);
    }
    Ok(mended)
}

async fn retry<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, StorageError>
where
    F: Future<Output = Result<T, StorageError>>,
{
    let mut attempts = FullJitter.start();
    loop {
        match attempt().await {
            Err(error) if error.is_retryable() && attempts.another().await => {}
            result => return result,
        }
    }
}

/// The differences by kind of user: `admin, active: 4 counted, 1 there`.
fn summary(differences: &[CountDifference]) -> String {
    let mut kinds: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for CountDifference { role, is_active, deleted, counted, actual, .. } in differences {
        let kind = kinds.entry((role, !is_active, deleted)).or_default();
        *kind = (kind.0.saturating_add(*counted), kind.1.saturating_add(*actual));
    }
    let each = kinds.into_iter().map(|((role, is_inactive, deleted), (counted, actual))| {
        let state = if is_inactive { "inactive" } else { "active" };
        let deleted = if *deleted { ", deleted" } else { "" };
        format!("{role}, {state}{deleted}: {counted} counted, {actual} there")
    });
    let blocks: BTreeSet<_> = differences.iter().map(|difference| difference.block).collect();
    format!("{} (in {} of the blocks)", each.collect::<Vec<_>>().join("; "), blocks.len())
}

fn failed(error: &StorageError) -> Finding {
    Finding::Problem(causes(error))
}
