//! A record member by member, as it was written, and the check that makes a user of it.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use domain::input::Change;
use domain::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PersonName, PlainPassword, Role, UserRef, UserUuid,
    Username, moment,
};
use domain::violation::{FieldViolation, Violation};

use crate::column::Column;
use crate::metadata;
use crate::options::ReadOptions;
use crate::user::{Credential, ImportedUser};

/// A member of a record.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Member<'a> {
    /// It is not there.
    #[default]
    Absent,
    /// It says that there is nothing.
    Null,
    /// A text; in CSV everything is one.
    Text(Cow<'a, str>),
    /// True or false.
    Flag(bool),
    /// The JSON text of an object.
    Object(Cow<'a, str>),
    /// Milliseconds since 1970.
    Milliseconds(i64),
    /// A value that no member of ours has.
    Other,
    /// Found to be wrong while it was read.
    Wrong(Violation),
}

impl From<Option<String>> for Member<'_> {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Absent, |text| Self::Text(Cow::Owned(text)))
    }
}

impl From<Option<bool>> for Member<'_> {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Self::Absent, Self::Flag)
    }
}

/// The members of a record.
#[derive(Debug, Default)]
pub(crate) struct RawUser<'a> {
    members: [Member<'a>; Column::NAMED.len()],
}

impl<'a> RawUser<'a> {
    /// Sets a member; what is passed over is passed over.
    ///
    /// # Errors
    ///
    /// The member back, if it is there already.
    pub(crate) fn set(&mut self, column: Column, member: impl Into<Member<'a>>) -> Result<(), Member<'a>> {
        let member = member.into();
        match self.members.get_mut(column as usize) {
            Some(place) if *place == Member::Absent => *place = member,
            Some(_) => return Err(member),
            None => {}
        }
        Ok(())
    }

    /// Sets a member that nothing has set before.
    pub(crate) fn with(mut self, column: Column, member: impl Into<Member<'a>>) -> Self {
        if let Some(place) = self.members.get_mut(column as usize) {
            *place = member.into();
        }
        self
    }

    fn take(&mut self, column: Column) -> Member<'a> {
        self.members.get_mut(column as usize).map(std::mem::take).unwrap_or_default()
    }

    /// Checks every member.
    ///
    /// # Errors
    ///
    /// Every wrong one, ordered by pointer.
    pub(crate) fn check(mut self, options: &ReadOptions) -> Result<ImportedUser, Vec<FieldViolation>> {
        let mut check = Check { raw: &mut self, wrong: Vec::new() };
        check.is_living();
        let username = check.required(Column::Username, Username::parse);
        let email = check.required(Column::Email, EmailAddress::parse);
        let credential = check.credential(options);
        let name = |text: &str| PersonName::parse(text);
        let rest = ImportedUser {
            username: Username::from_stored(String::new()),
            email: EmailAddress::from_stored(String::new()),
            credential,
            full_name: check.clearable(Column::FullName, name),
            first_name: check.clearable(Column::FirstName, name),
            last_name: check.clearable(Column::LastName, name),
            role: check.settable(Column::Role, Role::parse),
            is_active: check.flag(Column::IsActive),
            suspended_until: check.time(Column::SuspendedUntil),
            email_verified: check.flag(Column::EmailVerified),
            must_change_password: check.flag(Column::MustChangePassword),
            external_id: check.clearable(Column::ExternalId, ExternalId::parse),
            locale: check.clearable(Column::Locale, Locale::parse),
            user_metadata: check.metadata(Column::UserMetadata),
            app_metadata: check.metadata(Column::AppMetadata),
            created_at: check.time(Column::CreatedAt),
            uuid: check.settable(Column::Uuid, uuid),
        };
        let mut wrong = check.wrong;
        match (username, email) {
            (Some(username), Some(email)) if wrong.is_empty() => Ok(ImportedUser { username, email, ..rest }),
            _ => {
                wrong.sort_by(|one, other| one.pointer.cmp(&other.pointer));
                Err(wrong)
            }
        }
    }
}

struct Check<'r, 'a> {
    raw: &'r mut RawUser<'a>,
    wrong: Vec<FieldViolation>,
}

impl Check<'_, '_> {
    fn report<T>(&mut self, column: Column, read: Result<T, Violation>) -> Option<T> {
        read.map_err(|violation| self.wrong.push(violation.at(format!("/{}", column.as_str())))).ok()
    }

    /// A deleted user would come back to life: what to do about them is for a person to say.
    fn is_living(&mut self) {
        match self.raw.take(Column::DeletedAt) {
            Member::Absent | Member::Null => {}
            Member::Text(text) if text.is_empty() => {}
            _ => {
                let violation =
                    Violation::new("deleted", "A deleted user is not imported; leave this empty to have them");
                self.report::<()>(Column::DeletedAt, Err(violation));
            }
        }
    }

    fn required<T>(&mut self, column: Column, parse: impl Fn(&str) -> Result<T, Violation>) -> Option<T> {
        let read = match self.raw.take(column) {
            Member::Absent => Err(Violation::new("required", "This member is required")),
            Member::Null => Err(null()),
            member => text(member).and_then(|text| parse(&text)),
        };
        self.report(column, read)
    }

    /// A member that cannot be cleared, only left out.
    fn settable<T>(&mut self, column: Column, parse: impl Fn(&str) -> Result<T, Violation>) -> Option<T> {
        let read = match self.raw.take(column) {
            Member::Absent => return None,
            Member::Null if column == Column::Uuid => return None,
            Member::Null => Err(null()),
            member => text(member).and_then(|text| parse(&text)),
        };
        self.report(column, read)
    }

    fn clearable<T>(&mut self, column: Column, parse: impl Fn(&str) -> Result<T, Violation>) -> Change<T> {
        let read = match self.raw.take(column) {
            Member::Absent => return Change::Keep,
            Member::Null => return Change::Clear,
            member => text(member).and_then(|text| parse(&text)),
        };
        self.report(column, read).map_or(Change::Keep, Change::Set)
    }

    fn flag(&mut self, column: Column) -> Option<bool> {
        let read = match self.raw.take(column) {
            Member::Absent => return None,
            Member::Null if column == Column::EmailVerified => return None,
            Member::Null => Err(null()),
            Member::Flag(flag) => Ok(flag),
            Member::Text(text) => spelled(&text).ok_or_else(no_flag),
            Member::Wrong(violation) => Err(violation),
            Member::Object(_) | Member::Milliseconds(_) | Member::Other => Err(no_flag()),
        };
        self.report(column, read)
    }

    fn time(&mut self, column: Column) -> Option<DateTime<Utc>> {
        let read = match self.raw.take(column) {
            Member::Absent | Member::Null => return None,
            Member::Text(text) => time(&text),
            Member::Milliseconds(since) => DateTime::from_timestamp_millis(since),
            Member::Wrong(violation) => return self.report(column, Err(violation)),
            Member::Flag(_) | Member::Object(_) | Member::Other => None,
        };
        // Beyond, there is no way to write it down (RFC 3339), and no database to keep it.
        let read = read.filter(|time| (FIRST_SECOND..BEYOND_SECONDS).contains(&time.timestamp())).map(moment);
        let no_time = || Violation::new("not_a_time", "It must be a time such as 2027-01-01T00:00:00Z (RFC 3339)");
        self.report(column, read.ok_or_else(no_time))
    }

    fn metadata(&mut self, column: Column) -> Change<Metadata> {
        let read = match self.raw.take(column) {
            Member::Absent => return Change::Keep,
            Member::Null => return Change::Clear,
            Member::Text(json) | Member::Object(json) => metadata::read(&json),
            Member::Wrong(violation) => Err(violation),
            Member::Flag(_) | Member::Milliseconds(_) | Member::Other => {
                Err(Violation::new("wrong_type", "It must be a JSON object"))
            }
        };
        self.report(column, read).map_or(Change::Keep, Change::Set)
    }

    fn credential(&mut self, options: &ReadOptions) -> Option<Credential> {
        let password = match self.raw.take(Column::Password) {
            Member::Absent | Member::Null => None,
            member => {
                let read = text(member).and_then(|text| PlainPassword::parse(&text, &options.password_policy));
                Some(self.report(Column::Password, read))
            }
        };
        let hash = match self.raw.take(Column::PasswordHash) {
            Member::Absent | Member::Null => None,
            member => {
                let readable = |text: Cow<'_, str>| {
                    let is_readable = (options.hash_is_readable)(&text);
                    if is_readable { Ok(PasswordHash::from_stored(text.into_owned())) } else { Err(no_hash()) }
                };
                Some(self.report(Column::PasswordHash, text(member).and_then(readable)))
            }
        };
        match (password, hash) {
            (Some(_), Some(_)) => {
                let violation = Violation::new("password_and_hash", "There is either a password or a hash, not both");
                self.report(Column::PasswordHash, Err(violation))
            }
            (Some(password), None) => password.map(Credential::Password),
            (None, hash) => hash.flatten().map(Credential::Hash),
        }
    }
}

/// 0000-01-01 and 10000-01-01.
const FIRST_SECOND: i64 = -62_167_219_200;
const BEYOND_SECONDS: i64 = 253_402_300_800;

fn text(member: Member<'_>) -> Result<Cow<'_, str>, Violation> {
    match member {
        Member::Text(text) => Ok(text),
        Member::Wrong(violation) => Err(violation),
        Member::Absent
        | Member::Null
        | Member::Flag(_)
        | Member::Object(_)
        | Member::Milliseconds(_)
        | Member::Other => Err(Violation::new("wrong_type", "It must be a string")),
    }
}

fn null() -> Violation {
    Violation::new("null_not_allowed", "It may not be null")
}

fn no_flag() -> Violation {
    Violation::new("wrong_type", "It must be true or false")
}

fn no_hash() -> Violation {
    Violation::new(
        "unsupported_hash",
        "A hash of this kind cannot be verified; without it the user gets a new password",
    )
}

fn spelled(text: &str) -> Option<bool> {
    let is_one_of = |names: [&str; 7]| names.iter().any(|name| name.eq_ignore_ascii_case(text.trim()));
    if is_one_of(["true", "t", "yes", "y", "on", "1", "enabled"]) {
        Some(true)
    } else {
        is_one_of(["false", "f", "no", "n", "off", "0", "disabled"]).then_some(false)
    }
}

/// RFC 3339, also with a space for the `T`; without a zone it is UTC, without a time midnight.
fn time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN)));
    naive.map(|time| time.and_utc())
}

fn uuid(text: &str) -> Result<UserUuid, Violation> {
    match UserRef::parse_uuid(text)? {
        UserRef::Uuid(uuid) if !uuid.get().is_nil() && !uuid.get().is_max() => Ok(uuid),
        UserRef::Uuid(_) | UserRef::Id(_) => Err(Violation::new("invalid_id", "The nil and the max UUID are nobody's")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::format::ImportFormat;

    fn ann() -> RawUser<'static> {
        RawUser::default().with(Column::Username, own("ann")).with(Column::Email, own("ann@example.org"))
    }

    fn own(text: &str) -> Member<'static> {
        Member::Text(Cow::Owned(text.to_owned()))
    }

    fn check(raw: RawUser<'_>) -> Result<ImportedUser, Vec<String>> {
        raw.check(&ReadOptions::new(ImportFormat::Csv)).map_err(|wrong| {
            wrong.iter().map(|found| format!("{} {}", found.pointer, found.violation.code())).collect()
        })
    }

    #[test]
    fn two_members_are_enough() {
        let user = check(ann()).unwrap();
        assert!(user.credential.is_none() && user.role.is_none() && user.is_active.is_none());
        assert!(user.full_name.is_keep() && user.app_metadata.is_keep());
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let raw = RawUser::default()
            .with(Column::Username, own("a b"))
            .with(Column::Email, Member::Null)
            .with(Column::Password, own("short"))
            .with(Column::FullName, Member::Other)
            .with(Column::Role, own("root"))
            .with(Column::IsActive, own("perhaps"))
            .with(Column::CreatedAt, own("yesterday"))
            .with(Column::Uuid, own("00000000-0000-0000-0000-000000000000"))
            .with(Column::ExternalId, own(""))
            .with(Column::Locale, own("en_US"))
            .with(Column::UserMetadata, own("[]"))
            .with(Column::DeletedAt, own("2026-01-01T00:00:00Z"));
        let expected = [
            "/created_at not_a_time",
            "/deleted_at deleted",
            "/email null_not_allowed",
            "/external_id too_short",
            "/full_name wrong_type",
            "/is_active wrong_type",
            "/locale invalid_locale",
            "/password too_short",
            "/role invalid_role",
            "/user_metadata wrong_type",
            "/username whitespace",
            "/uuid invalid_id",
        ];
        assert_eq!(check(raw).unwrap_err(), expected);
    }

    #[test]
    fn a_password_and_a_hash_are_one_too_many() {
        let raw = ann().with(Column::Password, own("correct horse")).with(Column::PasswordHash, own("$2b$12$x"));
        assert_eq!(check(raw).unwrap_err(), ["/password_hash password_and_hash"]);
        assert_eq!(
            check(ann().with(Column::PasswordHash, own("5f4dcc3b"))).unwrap_err(),
            ["/password_hash unsupported_hash"]
        );
    }

    #[rstest]
    #[case("2026-11-21T09:30:00.123456789Z", Some("2026-11-21T09:30:00.123456Z"))]
    #[case("2026-11-21 09:30:00+01:00", Some("2026-11-21T08:30:00Z"))]
    #[case("2026-11-21T09:30:00", Some("2026-11-21T09:30:00Z"))]
    #[case("2026-11-21 09:30:00.5", Some("2026-11-21T09:30:00.500Z"))]
    #[case("2026-11-21", Some("2026-11-21T00:00:00Z"))]
    #[case("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z"))]
    #[case("9999-12-31T23:59:59-00:01", None)]
    #[case("21.11.2026", None)]
    #[case("1790000000", None)]
    fn times_are_read_as_people_keep_them(#[case] text: &str, #[case] time: Option<&str>) {
        let read = check(ann().with(Column::CreatedAt, own(text))).map(|user| user.created_at);
        match time {
            Some(time) => {
                assert_eq!(read.unwrap().unwrap(), DateTime::parse_from_rfc3339(time).unwrap().to_utc());
            }
            None => assert_eq!(read.unwrap_err(), ["/created_at not_a_time"]),
        }
    }

    #[rstest]
    #[case("TRUE", Some(true))]
    #[case("yes", Some(true))]
    #[case("1", Some(true))]
    #[case("Off", Some(false))]
    #[case(" n ", Some(false))]
    #[case("2", None)]
    fn flags_are_read_as_people_spell_them(#[case] text: &str, #[case] flag: Option<bool>) {
        assert_eq!(check(ann().with(Column::IsActive, own(text))).ok().and_then(|user| user.is_active), flag);
    }

    #[test]
    fn what_is_not_mentioned_is_not_what_is_not_there() {
        let user = check(ann().with(Column::FirstName, Member::Null).with(Column::LastName, own(""))).unwrap();
        assert_eq!(user.first_name, Change::Clear);
        assert_eq!(user.last_name, Change::Set(PersonName::from_stored(String::new())));
        assert_eq!(user.full_name, Change::Keep);
    }
}
