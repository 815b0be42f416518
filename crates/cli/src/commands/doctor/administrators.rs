//! Whether somebody can let others in.

use domain::ports::UserQueries;

use super::report::{Finding, Report};
use crate::administrators::active;
use crate::commands::causes;

pub(super) async fn check(queries: &dyn UserQueries, auth_required: bool, report: &mut Report) {
    let finding = match active(queries).await {
        Err(error) => Finding::Problem(causes(&error)),
        Ok(0) if auth_required => Finding::Warning(
            "none is active, so nobody can let others in; run `usermgmt users create --role admin`, or start the service \
             where nobody has an account yet"
                .to_owned(),
        ),
        Ok(0) => Finding::Ok("none is active; AUTH_REQUIRED=false needs none".to_owned()),
        Ok(active) => Finding::Ok(format!("{active} active")),
    };
    report.add("administrators", finding);
}
