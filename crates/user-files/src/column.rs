//! The columns of CSV and members of NDJSON that mean something, and by what other names they go.

use std::str::FromStr;

use crate::broken::Trouble;

/// A column, or in NDJSON a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Required.
    Username,
    /// Required.
    Email,
    /// The password as it is typed.
    Password,
    /// Its hash.
    PasswordHash,
    /// The whole name.
    FullName,
    /// The given name.
    FirstName,
    /// The family name.
    LastName,
    /// What the user may do.
    Role,
    /// Whether the user may sign in.
    IsActive,
    /// When a deactivation ends by itself.
    SuspendedUntil,
    /// Whether the address is known to be the person's.
    EmailVerified,
    /// Whether the person must choose another password first.
    MustChangePassword,
    /// When the account was made.
    CreatedAt,
    /// The public name.
    Uuid,
    /// The id in another system.
    ExternalId,
    /// A language tag.
    Locale,
    /// What the person keeps with the application.
    UserMetadata,
    /// What the application keeps about the person.
    AppMetadata,
    /// Only looked at: a deleted user is rejected.
    DeletedAt,
    /// Known, and passed over.
    Ignored,
}

/// What an export writes and an import has no use for, and the reasons why a row was rejected.
const IGNORED: [&str; 4] = ["id", "updated_at", "last_login_at", REASONS];

/// The column of a file of rejected rows that holds why.
pub(crate) const REASONS: &str = "import_errors";

/// Names that are not like ours and yet mean the same, without case and signs.
const OTHER_NAMES: [(&str, Column); 14] = [
    ("login", Column::Username),
    ("user", Column::Username),
    ("mail", Column::Email),
    ("emailaddress", Column::Email),
    ("hash", Column::PasswordHash),
    ("name", Column::FullName),
    ("displayname", Column::FullName),
    ("givenname", Column::FirstName),
    ("surname", Column::LastName),
    ("familyname", Column::LastName),
    ("enabled", Column::IsActive),
    ("active", Column::IsActive),
    ("created", Column::CreatedAt),
    ("language", Column::Locale),
];

/// How alike two names have to be to suggest one for the other.
const ALIKE: f64 = 0.85;

impl Column {
    /// Every column with a name of its own.
    pub const NAMED: [Self; 19] = [
        Self::Username,
        Self::Email,
        Self::Password,
        Self::PasswordHash,
        Self::FullName,
        Self::FirstName,
        Self::LastName,
        Self::Role,
        Self::IsActive,
        Self::SuspendedUntil,
        Self::EmailVerified,
        Self::MustChangePassword,
        Self::CreatedAt,
        Self::Uuid,
        Self::ExternalId,
        Self::Locale,
        Self::UserMetadata,
        Self::AppMetadata,
        Self::DeletedAt,
    ];

    /// The name; `-` for what is passed over.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::Password => "password",
            Self::PasswordHash => "password_hash",
            Self::FullName => "full_name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Role => "role",
            Self::IsActive => "is_active",
            Self::SuspendedUntil => "suspended_until",
            Self::EmailVerified => "email_verified",
            Self::MustChangePassword => "must_change_password",
            Self::CreatedAt => "created_at",
            Self::Uuid => "uuid",
            Self::ExternalId => "external_id",
            Self::Locale => "locale",
            Self::UserMetadata => "user_metadata",
            Self::AppMetadata => "app_metadata",
            Self::DeletedAt => "deleted_at",
            Self::Ignored => "-",
        }
    }

    /// The column of exactly this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let known = Self::NAMED.into_iter().find(|column| column.as_str() == name);
        known.or_else(|| IGNORED.contains(&name).then_some(Self::Ignored))
    }

    /// The column that somebody may have meant.
    fn meant_by(name: &str) -> Option<Self> {
        let plain =
            |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let name = plain(name);
        if let Some((_, column)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) {
            return Some(*column);
        }
        let likeness = |column: &Self| strsim::jaro_winkler(&plain(column.as_str()), &name);
        let best = Self::NAMED.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
        (likeness(&best) >= ALIKE).then_some(best)
    }

    /// Whether users may do without, so that an empty cell means that there is none.
    pub(crate) const fn is_clearable(self) -> bool {
        match self {
            Self::FullName
            | Self::FirstName
            | Self::LastName
            | Self::ExternalId
            | Self::Locale
            | Self::UserMetadata
            | Self::AppMetadata => true,
            Self::Username
            | Self::Email
            | Self::Password
            | Self::PasswordHash
            | Self::Role
            | Self::IsActive
            | Self::SuspendedUntil
            | Self::EmailVerified
            | Self::MustChangePassword
            | Self::CreatedAt
            | Self::Uuid
            | Self::DeletedAt
            | Self::Ignored => false,
        }
    }

    /// Whether an empty text is a value, which a CSV writes as `""`.
    pub(crate) const fn may_be_empty(self) -> bool {
        matches!(self, Self::FullName | Self::FirstName | Self::LastName)
    }

    /// Whether a cell is taken as it is, apostrophes included.
    pub(crate) const fn is_literal(self) -> bool {
        matches!(self, Self::Password | Self::PasswordHash)
    }
}

/// By what names columns go that have other names in a file: `username=Login`, or `-=Notes` to pass one over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(Vec<(Column, String)>);

impl ColumnMap {
    /// Adds what one `--map` says.
    ///
    /// # Errors
    ///
    /// - [`WrongMapping::Form`] if it is not `ours=theirs`.
    /// - [`WrongMapping::Column`] if ours is no column of ours.
    /// - [`WrongMapping::Twice`] if either was mapped before (`-` may be as often as you like).
    pub fn add(&mut self, mapping: &str) -> Result<(), WrongMapping> {
        let (ours, theirs) = mapping.split_once('=').ok_or_else(|| WrongMapping::Form(mapping.to_owned()))?;
        if theirs.is_empty() {
            return Err(WrongMapping::Form(mapping.to_owned()));
        }
        let column = match ours {
            "-" => Column::Ignored,
            ours => Column::NAMED
                .into_iter()
                .find(|column| column.as_str() == ours)
                .ok_or_else(|| WrongMapping::Column(ours.to_owned()))?,
        };
        let is_taken =
            |(known, name): &(Column, String)| name == theirs || *known == column && column != Column::Ignored;
        if self.0.iter().any(is_taken) {
            return Err(WrongMapping::Twice(mapping.to_owned()));
        }
        self.0.push((column, theirs.to_owned()));
        Ok(())
    }

    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a member of this name means; a column that goes by another name does not go by its own.
    pub(crate) fn column(&self, name: &str) -> Option<Column> {
        if let Some((column, _)) = self.0.iter().find(|(_, theirs)| theirs == name) {
            return Some(*column);
        }
        let column = Column::named(name)?;
        let is_elsewhere = column != Column::Ignored && self.0.iter().any(|(known, _)| *known == column);
        Some(if is_elsewhere { Column::Ignored } else { column })
    }

    /// What the columns of a header mean, in their order.
    ///
    /// # Errors
    ///
    /// The first of these that applies: [`Trouble::NoHeader`], [`Trouble::UnmappedColumn`], [`Trouble::UnknownColumns`],
    /// [`Trouble::DuplicateColumn`], [`Trouble::MissingColumn`].
    pub(crate) fn header(&self, names: &[String]) -> Result<Vec<Column>, Trouble> {
        let columns: Vec<_> = names.iter().map(|name| self.column_of_header(name)).collect();
        if columns.iter().all(Option::is_none) {
            return Err(Trouble::NoHeader { columns: our_names() });
        }
        if let Some((_, theirs)) = self.0.iter().find(|(_, theirs)| !names.contains(theirs)) {
            return Err(Trouble::UnmappedColumn(theirs.clone()));
        }
        let unknown = names.iter().zip(&columns).filter(|(_, column)| column.is_none());
        let unknown: Vec<_> = unknown.map(|(name, _)| advice(name)).collect();
        if !unknown.is_empty() {
            return Err(Trouble::UnknownColumns(unknown));
        }
        let columns: Vec<_> = columns.into_iter().flatten().collect();
        let count = |column| columns.iter().filter(|other| **other == column).count();
        if let Some(twice) = Column::NAMED.into_iter().find(|column| count(*column) > 1) {
            return Err(Trouble::DuplicateColumn(twice.as_str().to_owned()));
        }
        match [Column::Username, Column::Email].into_iter().find(|column| count(*column) == 0) {
            Some(missing) => Err(Trouble::MissingColumn(missing.as_str())),
            None => Ok(columns),
        }
    }

    /// As [`column`](Self::column), for names that people typed: case does not count, nor spaces around and within.
    fn column_of_header(&self, name: &str) -> Option<Column> {
        let typed = || name.trim().to_lowercase().replace([' ', '-'], "_");
        self.column(name).or_else(|| self.column(&typed()))
    }
}

fn our_names() -> String {
    Column::NAMED.map(Column::as_str).join(", ")
}

fn advice(name: &str) -> String {
    // A first row that holds somebody's values must not fill the screen.
    let shown: String = name.chars().take(64).collect();
    let meant = Column::meant_by(name).map_or("username", Column::as_str);
    format!("`{shown}` (`--map '{meant}={shown}'` reads it as {meant}, `--map '-={shown}'` passes it over)")
}

impl FromStr for ColumnMap {
    type Err = WrongMapping;

    /// A map of one mapping.
    fn from_str(mapping: &str) -> Result<Self, WrongMapping> {
        let mut map = Self::default();
        map.add(mapping)?;
        Ok(map)
    }
}

/// A mapping that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongMapping {
    /// It is not `ours=theirs`.
    #[error("`{0}` is no mapping; one looks like `username=Login`, or `-=Notes` to pass a column over")]
    Form(String),
    /// Ours is no column of ours.
    #[error("`{0}` is no column of ours; there are {names}, and - to pass one over", names = our_names())]
    Column(String),
    /// Ours or theirs is mapped already.
    #[error("`{0}` maps a column that is mapped already")]
    Twice(String),
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn map(mappings: &[&str]) -> ColumnMap {
        let mut map = ColumnMap::default();
        for mapping in mappings {
            map.add(mapping).unwrap();
        }
        map
    }

    fn header(mappings: &[&str], names: &[&str]) -> Result<Vec<Column>, String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        map(mappings).header(&names).map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn every_column_has_its_name() {
        for column in Column::NAMED {
            assert_eq!(Column::named(column.as_str()), Some(column));
        }
    }

    #[test]
    fn a_header_may_be_typed_by_a_person() {
        let columns = header(&[], &["Username", " EMAIL", "First Name", "is-active", "id"]).unwrap();
        assert_eq!(columns, [Column::Username, Column::Email, Column::FirstName, Column::IsActive, Column::Ignored]);
    }

    #[test]
    fn what_is_mapped_goes_by_the_other_name_only() {
        let columns = header(&["username=Login", "-=Notes"], &["Login", "email", "username", "Notes"]).unwrap();
        assert_eq!(columns, [Column::Username, Column::Email, Column::Ignored, Column::Ignored]);
    }

    #[rstest]
    #[case(&[], &["username", "E-Mail"], "unknown column: `E-Mail` (`--map 'email=E-Mail'` reads it as email, `--map '-=E-Mail'` passes it over)")]
    #[case(&[], &["username", "email", "Surname"], "unknown column: `Surname` (`--map 'last_name=Surname'` reads it as last_name, `--map '-=Surname'` passes it over)")]
    #[case(&[], &["username", "email", "Username"], "the column username is there more than once; `--map -=NAME` passes one over")]
    #[case(&[], &["username", "password"], "there is no column email; `--map email=NAME` says which of the others it is")]
    #[case(&["email=Mail"], &["username", "email"], "there is no column `Mail`, which --map names")]
    fn a_wrong_header_says_what_to_do(#[case] mappings: &[&str], #[case] names: &[&str], #[case] error: &str) {
        assert_eq!(header(mappings, names).unwrap_err(), error);
    }

    #[test]
    fn a_row_of_values_is_no_header() {
        let error = header(&[], &["ann", "ann@example.org"]).unwrap_err();
        assert!(error.starts_with("the first line is not a header"), "{error}");
    }

    #[test]
    fn reasons_of_an_earlier_import_may_be_there_twice() {
        assert!(header(&[], &["import_errors", "username", "email", "import_errors"]).is_ok());
    }

    #[rstest]
    #[case("username")]
    #[case("username=")]
    #[case("nickname=Nick")]
    #[case("import_errors=x")]
    #[case("email=Login")]
    #[case("username=Other")]
    fn a_wrong_mapping_is_refused(#[case] mapping: &str) {
        assert!(map(&["username=Login"]).add(mapping).is_err());
    }
}
