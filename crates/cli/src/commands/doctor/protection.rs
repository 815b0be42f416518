//! Whether the database refuses to change the audit trail.

use domain::ports::StorageInspection;

use super::report::{Finding, Report};
use crate::audit_protection::ADVICE;
use crate::commands::causes;

pub(super) async fn check(inspection: &dyn StorageInspection, report: &mut Report) {
    let finding = match inspection.missing_protections().await {
        Ok(missing) if missing.is_empty() => Finding::Ok("the database refuses to change the audit trail".to_owned()),
        Ok(missing) => {
            let missing = missing.join(", ");
            let who = "so whoever may write to the database may change the audit trail";
            Finding::Problem(format!("{missing} is missing, {who}; {ADVICE}"))
        }
        Err(error) => Finding::Problem(causes(&error)),
    };
    report.add("audit protection", finding);
}
