//! The audit trail's chain, and whether what belongs together is there.

use application::RequestContext;
use application::audit::{PositionRange, Strays, Trail};
use domain::audit::Checkpoint;
use domain::ports::{Clock as _, LooseEnd, StorageError};
use settings::Settings;

use super::report::{Finding, Report};
use crate::clock::SystemClock;
use crate::commands::causes;
use crate::compose;
use crate::database::Database;
use crate::kept_keys::KEPT_KEYS;
use crate::progress::Progress;

/// Looks at the ends of the chain, or at all of it.
pub(super) async fn check(settings: &Settings, database: &Database, is_full: bool, report: &mut Report) {
    let loose_ends = match database.inspection().loose_ends().await {
        Ok(loose_ends) => loose_ends,
        Err(error) => return report.add("what belongs together", Finding::Problem(causes(&error))),
    };
    report.add("what belongs together", loose(&loose_ends));
    // A key that is missing is another finding, and none is made here.
    let is_there = KEPT_KEYS.iter().all(|key| key.is_set(settings) || key.file(settings).exists());
    let Some(parts) = is_there.then(|| compose::desk(settings, database).ok()).flatten() else { return };
    let trail = Trail::new(&parts.users);
    let missing = loose_ends.iter().find(|(kind, _)| *kind == LooseEnd::MissingPosition).map_or(0, |(_, count)| *count);
    report.add(
        "audit chain",
        match ends(&trail, missing).await {
            Ok(finding) => finding,
            Err(error) => Finding::Problem(causes(&error)),
        },
    );
    if is_full {
        report.add("audit trail", verified(&trail).await);
    }
}

fn loose(found: &[(LooseEnd, u64)]) -> Finding {
    let what = |kind| match kind {
        LooseEnd::UserWithoutKey => Some("users without a key"),
        LooseEnd::KeyWithoutUser => Some("keys without a user"),
        LooseEnd::SessionWithoutUser => Some("sessions without a user"),
        LooseEnd::MissingPosition => None,
    };
    let found: Vec<_> =
        found.iter().filter_map(|(kind, count)| what(*kind).map(|what| format!("{what}: {count}"))).collect();
    if found.is_empty() {
        Finding::Ok("users, their keys and their sessions agree".to_owned())
    } else {
        Finding::Problem(found.join("; "))
    }
}

async fn ends(trail: &Trail, missing: u64) -> Result<Finding, StorageError> {
    let (head, signed) = trail.end().await?;
    let Strays { forged_count, waiting, oldest_waiting, is_unreadable, .. } = trail.strays().await?;
    let verify = "`usermgmt audit verify` tells more";
    if missing > 0 {
        return Ok(Finding::Problem(format!("{missing} positions before the end are missing; {verify}")));
    }
    if forged_count > 0 || is_unreadable {
        let count = forged_count.max(1);
        return Ok(Finding::Problem(format!("{count} events were put in by hand; {verify}")));
    }
    if let Some(oldest) = oldest_waiting {
        return Ok(Finding::Problem(format!(
            "{waiting} events have waited longer than a minute for a place, the oldest since {oldest}; start a service"
        )));
    }
    let signed_to = signed.as_ref().map_or(0, |signed| signed.position);
    let age = signed.map_or_else(String::new, |Checkpoint { recorded_at, .. }| {
        format!(", {} s ago", (SystemClock.now() - recorded_at).num_seconds().max(0))
    });
    Ok(match head - signed_to {
        0 => Finding::Ok(format!("{head} events, all signed{age}")),
        1.. => Finding::Problem(format!(
            "{head} events, but only those up to {signed_to} are signed{age}: somebody has written the others by hand; {verify}"
        )),
        _ => Finding::Problem(format!("it ends at {head} and was signed up to {signed_to}; {verify}")),
    })
}

async fn verified(trail: &Trail) -> Finding {
    let progress = Progress::begin("verifying", 0);
    let system = RequestContext::system();
    match trail.verify(&system, PositionRange::ALL, &mut |done, total| progress.show(done, total)).await {
        Err(error) => Finding::Problem(causes(&error)),
        Ok(found) => match found.chain {
            Ok(verified) => Finding::Ok(format!("all {} events are as they were", verified.events())),
            Err(wrong) => Finding::Problem(format!("position {}: {}", wrong.position, wrong.flaw.detail())),
        },
    }
}
