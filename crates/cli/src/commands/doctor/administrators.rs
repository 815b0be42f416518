//! Somebody has to be able to let others in.

use domain::ports::UserQueries;
use domain::query::{ListUsers, UserFilter};
use domain::values::Role;

use super::report::{Finding, Report};
use crate::commands::causes;

pub(super) async fn check(queries: &dyn UserQueries, auth_required: bool, report: &mut Report) {
    let filter = UserFilter { role: Some(Role::Admin), is_active: Some(true), ..Default::default() };
    let query = ListUsers { filter, limit: 0, ..Default::default() };
    let finding = match queries.list(&query).await {
        Err(error) => Finding::Problem(causes(&error)),
        Ok(page) => match page.total.map_or(0, |total| total.count) {
            0 if auth_required => Finding::Warning(
                "none is active, so nobody can let others in; run `usermgmt users create --role admin`, or start the \
                 service where nobody has an account yet"
                    .to_owned(),
            ),
            0 => Finding::Ok("none is active; AUTH_REQUIRED=false needs none".to_owned()),
            active => Finding::Ok(format!("{active} active")),
        },
    };
    report.add("administrators", finding);
}
