//! What garde asks of each member: the rule of its value, and whether it may be missing or null.

use super::change::Change;
use super::report::to_garde;
use crate::values::{Metadata, PasswordPolicy, PasswordText, PlainPassword};
use crate::violation::{FieldViolation, Violation};

/// A member that must be there and fit.
pub(super) fn required<T>(
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> impl Fn(&Option<String>, &PasswordPolicy) -> garde::Result {
    move |text, _| fits(given(text.as_deref()).and_then(&parse))
}

/// A member that must fit if it is there.
pub(super) fn optional<T>(
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> impl Fn(&Option<String>, &PasswordPolicy) -> garde::Result {
    move |text, _| fits(text.as_deref().map(&parse).transpose())
}

/// A member that may be set to what fits, but not cleared.
pub(super) fn settable<T>(
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> impl Fn(&Change<String>, &PasswordPolicy) -> garde::Result {
    move |change, _| fits(to_set(change.as_ref()).and_then(|text| text.map(|text| parse(text)).transpose()))
}

/// A member that may be set to what fits or cleared.
pub(super) fn clearable<T>(
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> impl Fn(&Change<String>, &PasswordPolicy) -> garde::Result {
    move |change, _| fits(change.as_ref().try_map(|text| parse(text)))
}

/// A password that must be there and fit.
#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "garde hands over references to the member and the context"
)]
pub(super) fn required_password(text: &Option<PasswordText>, policy: &PasswordPolicy) -> garde::Result {
    fits(given(text.as_ref()).and_then(|text| PlainPassword::parse(text.expose(), policy)))
}

/// A password that may be set to what fits, but not cleared.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "garde hands over references to the member and the context")]
pub(super) fn settable_password(change: &Change<PasswordText>, policy: &PasswordPolicy) -> garde::Result {
    let parse = |text: &PasswordText| PlainPassword::parse(text.expose(), policy);
    fits(to_set(change.as_ref()).and_then(|text| text.map(parse).transpose()))
}

/// A flag that may be set, but not cleared.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "garde hands over references to the member and the context")]
pub(super) fn settable_flag(change: &Change<bool>, _: &PasswordPolicy) -> garde::Result {
    fits(to_set(change.as_ref()))
}

/// The rule of metadata, without making any.
pub(super) fn metadata(text: &str) -> Result<(), Violation> {
    Metadata::check(text)
}

/// The member itself, if it is there.
pub(super) fn given<T>(member: Option<T>) -> Result<T, Violation> {
    member.ok_or_else(missing)
}

/// The value to set, if any, of a member that cannot be cleared.
pub(super) fn to_set<T>(change: Change<T>) -> Result<Option<T>, Violation> {
    match change {
        Change::Keep => Ok(None),
        Change::Clear => Err(null()),
        Change::Set(value) => Ok(Some(value)),
    }
}

/// What was read, or what is wrong and where.
pub(super) fn at<T>(pointer: &str, read: Result<T, Violation>) -> Result<T, Vec<FieldViolation>> {
    read.map_err(|violation| vec![violation.at(pointer)])
}

fn fits<T>(read: Result<T, Violation>) -> garde::Result {
    read.map(|_| ()).map_err(|violation| to_garde(&violation))
}

fn missing() -> Violation {
    Violation::new("required", "This member is required")
}

fn null() -> Violation {
    Violation::new("null_not_allowed", "This member cannot be null; leave it out to keep its value")
}
