//! What a caller wants done with one member of something that exists.

/// A member is left as it is, cleared or set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The member was not mentioned.
    #[default]
    Keep,
    /// The member was `null`.
    Clear,
    /// The member had a value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether nothing is to be done.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The same change to a value that `f` makes of this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(f(value)),
        }
    }

    /// The same change to a value that `f` makes of this one, if it can.
    ///
    /// # Errors
    ///
    /// That of `f`.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(f(value)?),
        })
    }

    /// The same change, to a borrowed value.
    pub const fn as_ref(&self) -> Change<&T> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_mentioned_is_kept() {
        assert!(Change::<i32>::default().is_keep());
        assert!(!Change::<i32>::Clear.is_keep());
        assert!(!Change::Set(1).is_keep());
    }

    #[test]
    fn only_a_value_is_mapped() {
        assert_eq!(Change::Set(2).map(|number| number * 2), Change::Set(4));
        assert_eq!(Change::Clear.map(|number: i32| number * 2), Change::Clear);
        assert_eq!(Change::Keep.map(|number: i32| number * 2), Change::Keep);
    }

    #[test]
    fn mapping_may_fail_only_for_a_value() {
        let read = |text: &str| text.parse::<i32>().map_err(|_| "not a number");
        assert_eq!(Change::Set("2").try_map(read), Ok(Change::Set(2)));
        assert_eq!(Change::Set("x").try_map(read), Err("not a number"));
        assert_eq!(Change::Clear.try_map(read), Ok(Change::Clear));
        assert_eq!(Change::Keep.try_map(read), Ok(Change::Keep));
    }
}
