//! The kinds of values a setting can have: how a text becomes a value, and in which words it is refused.

use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Why a text is not a value.
pub(crate) enum Wrong {
    /// In the kind's own words; `shown` is the part that is wrong.
    Value { shown: String },
    /// For a reason of its own, which may not show a secret.
    Because(String),
}

/// A type with one spelling in settings.
pub(crate) trait FromText: Sized {
    /// Whether values must not be shown, and may come from a file named by `NAME_FILE`.
    const SECRET: bool = false;
    /// What a right value is, with its article: `"a port"`.
    const WHAT: &'static str;

    /// What would do: `"true or false"`.
    fn hint() -> String;

    /// What would do where there may be many.
    fn hint_for_list() -> String {
        Self::hint()
    }

    fn from_text(text: &str) -> Result<Self, Wrong>;

    /// The text as `config show` may print it.
    fn show(text: &str) -> String {
        text.to_owned()
    }
}

/// What the table of settings says about a setting's values.
pub(crate) trait Kind {
    type Value;

    fn parse(&self, text: &str) -> Result<Self::Value, Wrong>;
    fn what(&self) -> &'static str;
    fn hint(&self) -> String;

    fn is_secret(&self) -> bool {
        false
    }

    /// Whether there may be many values, or none: then an empty text is a value, else a setting left unset.
    fn is_list(&self) -> bool {
        false
    }

    fn show(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// One value.
pub(crate) struct One<T>(PhantomData<T>);

pub(crate) const fn one<T>() -> One<T> {
    One(PhantomData)
}

impl<T: FromText> Kind for One<T> {
    type Value = T;

    fn parse(&self, text: &str) -> Result<T, Wrong> {
        T::from_text(text)
    }

    fn what(&self) -> &'static str {
        T::WHAT
    }

    fn hint(&self) -> String {
        T::hint()
    }

    fn is_secret(&self) -> bool {
        T::SECRET
    }

    fn show(&self, text: &str) -> String {
        T::show(text)
    }
}

/// A value, or none while the text is empty.
pub(crate) struct Optional<T>(PhantomData<T>);

pub(crate) const fn optional<T>() -> Optional<T> {
    Optional(PhantomData)
}

impl<T: FromText> Kind for Optional<T> {
    type Value = Option<T>;

    fn parse(&self, text: &str) -> Result<Option<T>, Wrong> {
        if text.is_empty() { Ok(None) } else { T::from_text(text).map(Some) }
    }

    fn what(&self) -> &'static str {
        T::WHAT
    }

    fn hint(&self) -> String {
        T::hint()
    }

    fn is_secret(&self) -> bool {
        T::SECRET
    }

    fn show(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { T::show(text) }
    }
}

/// A value of another kind, or none where the text says `off`.
pub(crate) struct OrOff<K>(K);

pub(crate) const fn or_off<K: Kind>(kind: K) -> OrOff<K> {
    OrOff(kind)
}

impl<K: Kind> Kind for OrOff<K> {
    type Value = Option<K::Value>;

    fn parse(&self, text: &str) -> Result<Self::Value, Wrong> {
        if text.trim().eq_ignore_ascii_case("off") { Ok(None) } else { self.0.parse(text).map(Some) }
    }

    fn what(&self) -> &'static str {
        self.0.what()
    }

    fn hint(&self) -> String {
        format!("{}, or off", self.0.hint())
    }
}

/// Values between commas.
pub(crate) struct List<T>(PhantomData<T>);

pub(crate) const fn list<T>() -> List<T> {
    List(PhantomData)
}

impl<T: FromText> Kind for List<T> {
    type Value = Vec<T>;

    fn parse(&self, text: &str) -> Result<Vec<T>, Wrong> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::from_text).collect()
    }

    fn what(&self) -> &'static str {
        T::WHAT
    }

    fn hint(&self) -> String {
        T::hint_for_list()
    }

    fn is_secret(&self) -> bool {
        T::SECRET
    }

    fn is_list(&self) -> bool {
        true
    }

    fn show(&self, text: &str) -> String {
        if text.is_empty() || !T::SECRET { text.to_owned() } else { T::show(text) }
    }
}

/// A whole number in a range.
pub(crate) struct Number<T> {
    what: &'static str,
    range: RangeInclusive<T>,
    /// What the hint says in brackets.
    note: &'static str,
}

pub(crate) const fn number<T>(what: &'static str, range: RangeInclusive<T>) -> Number<T> {
    Number { what, range, note: "" }
}

/// A port to listen on.
pub(crate) const fn port() -> Number<u16> {
    Number { what: "a port", range: 1..=u16::MAX, note: "0 picks a free one" }
}

impl<T: std::str::FromStr + PartialOrd + Default + Display> Kind for Number<T> {
    type Value = T;

    fn parse(&self, text: &str) -> Result<T, Wrong> {
        let zero_is_special = !self.note.is_empty();
        match text.trim().parse::<T>() {
            Ok(number) if self.range.contains(&number) || (zero_is_special && number == T::default()) => Ok(number),
            _ => Err(Wrong::Value { shown: text.to_owned() }),
        }
    }

    fn what(&self) -> &'static str {
        self.what
    }

    fn hint(&self) -> String {
        let range = format!("a number from {} to {}", self.range.start(), self.range.end());
        if self.note.is_empty() { range } else { format!("{range} ({})", self.note) }
    }
}

/// A count where 0 leaves the choice to the program.
pub(crate) const fn count_or_automatic(what: &'static str, most: u16, note: &'static str) -> Number<u16> {
    Number { what, range: 1..=most, note }
}

/// A length of time in whole seconds, minutes or days.
pub(crate) struct Time {
    number: Number<u64>,
    seconds_of_one: u64,
}

pub(crate) const fn seconds(range: RangeInclusive<u64>) -> Time {
    Time { number: number("a number of seconds", range), seconds_of_one: 1 }
}

pub(crate) const fn minutes(range: RangeInclusive<u64>) -> Time {
    Time { number: number("a number of minutes", range), seconds_of_one: 60 }
}

pub(crate) const fn days(range: RangeInclusive<u64>) -> Time {
    Time { number: number("a number of days", range), seconds_of_one: 24 * 60 * 60 }
}

impl Kind for Time {
    type Value = Duration;

    fn parse(&self, text: &str) -> Result<Duration, Wrong> {
        self.number.parse(text).map(|count| Duration::from_secs(count * self.seconds_of_one))
    }

    fn what(&self) -> &'static str {
        self.number.what()
    }

    fn hint(&self) -> String {
        self.number.hint()
    }
}
