//! Why and until when somebody is to be deactivated.

use chrono::{DateTime, Utc};
use garde::Validate;

use super::report::{to_garde, violations};
use super::rules::at;
use crate::values::StatusReason;
use crate::violation::{FieldViolation, Violation};

/// What a caller sends to deactivate a user; nothing is required.
#[derive(Debug, Clone, Default, Validate)]
#[garde(context(DateTime<Utc>))]
pub struct DeactivationInput {
    /// Why, for those who look later.
    #[garde(custom(reason_fits))]
    pub reason: Option<String>,
    /// When it ends by itself; it stays where this is missing.
    #[garde(custom(lies_ahead))]
    pub until: Option<DateTime<Utc>>,
}

/// A deactivation, with every value checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deactivation {
    /// Why, for those who look later.
    pub reason: Option<StatusReason>,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
}

impl DeactivationInput {
    /// Checks every member.
    ///
    /// # Errors
    ///
    /// Every wrong member: the codes of [`StatusReason::parse`], and `not_in_the_future` if `until` is not after `now`.
    pub fn parse(self, now: DateTime<Utc>) -> Result<Deactivation, Vec<FieldViolation>> {
        self.validate_with(&now).map_err(violations)?;
        let reason = at("/reason", self.reason.as_deref().map(StatusReason::parse).transpose())?;
        Ok(Deactivation { reason, until: self.until })
    }
}

#[expect(clippy::ref_option, reason = "garde hands over a reference to the member")]
fn reason_fits(text: &Option<String>, _: &DateTime<Utc>) -> garde::Result {
    text.as_deref()
        .map_or(Ok(()), |text| StatusReason::parse(text).map(|_| ()).map_err(|violation| to_garde(&violation)))
}

#[expect(clippy::ref_option, reason = "garde hands over a reference to the member")]
fn lies_ahead(until: &Option<DateTime<Utc>>, now: &DateTime<Utc>) -> garde::Result {
    if until.is_some_and(|until| until <= *now) {
        return Err(to_garde(&Violation::new("not_in_the_future", "The end of a deactivation lies in the future")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn nothing_is_required() {
        assert_eq!(DeactivationInput::default().parse(now()), Ok(Deactivation::default()));
    }

    #[test]
    fn a_reason_and_an_end_are_kept() {
        let until = Some(now() + TimeDelta::microseconds(1));
        let deactivation = DeactivationInput { reason: Some("spam".into()), until }.parse(now()).unwrap();
        assert_eq!(deactivation, Deactivation { reason: Some(StatusReason::from_stored("spam".into())), until });
    }

    #[test]
    fn every_wrong_member_is_named() {
        for until in [now(), now() - TimeDelta::days(1)] {
            let violations =
                DeactivationInput { reason: Some("\0".into()), until: Some(until) }.parse(now()).unwrap_err();
            let found: Vec<_> =
                violations.iter().map(|found| (found.pointer.as_str(), found.violation.code())).collect();
            assert_eq!(found, [("/reason", "control_character"), ("/until", "not_in_the_future")]);
        }
    }
}
