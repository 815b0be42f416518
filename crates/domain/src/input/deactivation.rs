//! Why and until when somebody is to be deactivated.

use chrono::{DateTime, Datelike as _, Utc};
use garde::Validate;

use super::report::{to_garde, violations};
use super::rules::at;
use crate::values::{StatusReason, moment};
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
        Ok(Deactivation { reason, until: self.until.map(moment) })
    }
}

#[expect(clippy::ref_option, reason = "garde hands over a reference to the member")]
fn reason_fits(text: &Option<String>, _: &DateTime<Utc>) -> garde::Result {
    text.as_deref()
        .map_or(Ok(()), |text| StatusReason::parse(text).map(|_| ()).map_err(|violation| to_garde(&violation)))
}

#[expect(clippy::ref_option, reason = "garde hands over a reference to the member")]
fn lies_ahead(until: &Option<DateTime<Utc>>, now: &DateTime<Utc>) -> garde::Result {
    match until {
        Some(until) if until <= now => {
            Err(to_garde(&Violation::new("not_in_the_future", "The end of a deactivation lies in the future")))
        }
        // Beyond, there is no way to write it down (RFC 3339), and no database to keep it.
        Some(until) if until.year() > 9999 => {
            Err(to_garde(&Violation::new("too_large", "The end of a deactivation lies before the year 10000")))
        }
        Some(_) | None => Ok(()),
    }
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
    fn an_end_is_kept_to_the_microsecond_and_within_four_digits_of_years() {
        let parse = |text: &str| {
            let until = Some(DateTime::parse_from_rfc3339(text).unwrap().to_utc());
            DeactivationInput { reason: None, until }.parse(now()).map(|parsed| parsed.until.unwrap().to_rfc3339())
        };
        assert_eq!(parse("9999-12-31T23:59:59.9999999Z").unwrap(), "9999-12-31T23:59:59.999999+00:00");
        assert_eq!(parse("2999-12-31T23:59:60Z").unwrap(), "2999-12-31T23:59:59.999999+00:00");
        assert_eq!(parse("9999-12-31T23:59:59-00:01").unwrap_err()[0].violation.code(), "too_large");
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
