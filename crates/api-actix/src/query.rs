//! Query strings, read strictly: no guessing at broken text, and every wrong parameter named.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::values::moment;

use crate::problem::{FieldProblem, Problem};
use crate::urlencoded;

/// A parameter that is the only one anybody takes: whether it says yes. Without it, no.
///
/// # Errors
///
/// Those of [`Query::parse`] and [`Query::finish`].
pub(crate) fn flag(query: &str, name: &str) -> Result<bool, Problem> {
    if query.is_empty() {
        return Ok(false);
    }
    let mut query = Query::parse(query)?;
    let says_yes = query.flag(name).unwrap_or(false);
    query.finish()?;
    Ok(says_yes)
}

/// The parameters of a query, taken one by one. Parameters nobody takes are ignored, as the contract says.
#[derive(Debug)]
pub(crate) struct Query {
    parameters: BTreeMap<String, Vec<String>>,
    errors: Vec<FieldProblem>,
}

impl Query {
    /// Splits a query string.
    ///
    /// # Errors
    ///
    /// [`MalformedRequest`](crate::error_code::ErrorCode::MalformedRequest) for broken percent-encoding, what does not decode to UTF-8, and NUL.
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let mut parameters = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in urlencoded::pairs(query, "query string")? {
            parameters.entry(name).or_default().push(value);
        }
        Ok(Self { parameters, errors: Vec::new() })
    }

    /// A parameter as text.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let mut values = self.parameters.remove(name)?;
        if values.len() > 1 {
            self.wrong(name, "repeated", "It may be given once");
            return None;
        }
        values.pop()
    }

    /// A parameter read by `parse`, whose error says which rule was broken, and how.
    pub(crate) fn read<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, (&'static str, String)>,
    ) -> Option<T> {
        let text = self.text(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err((code, detail)) => {
                self.wrong(name, code, detail);
                None
            }
        }
    }

    /// A number that is not negative. One that is too large for 64 bits is the largest.
    pub(crate) fn count(&mut self, name: &str) -> Option<u64> {
        self.read(name, |text| {
            let is_count = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if is_count {
                Ok(u64::from_str(text).unwrap_or(u64::MAX))
            } else {
                Err(("not_a_number", "It must be an integer that is not negative".into()))
            }
        })
    }

    /// `true` or `false`, as [`boolean`] reads them.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(name, |text| boolean(text).ok_or_else(|| ("not_a_boolean", "It must be true or false".into())))
    }

    /// A moment (RFC 3339).
    pub(crate) fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        self.read(name, |text| {
            // In a query `+` means a space, so an offset that was not encoded arrives as one.
            let time = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
            time.map(|time| moment(time.to_utc()))
                .map_err(|_| ("not_a_time", "It must be a time such as 2026-01-31T12:00:00Z (RFC 3339)".into()))
        })
    }

    /// Notes that a parameter is wrong.
    pub(crate) fn wrong(&mut self, name: &str, code: &'static str, detail: impl Into<std::borrow::Cow<'static, str>>) {
        self.errors.push(FieldProblem::new(name, code, detail));
    }

    /// Refuses the query if any parameter that was taken was wrong.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::validation(self.errors)) }
    }
}

/// A truth value as clients of many languages write it: Python says `True`, others say `1`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_code::ErrorCode;

    fn problem_of(query: Query) -> Vec<(String, String)> {
        let problem = query.finish().expect_err("a parameter is wrong");
        problem.errors().iter().map(|error| (error.pointer.clone(), error.code.to_string())).collect()
    }

    #[test]
    fn parameters_are_decoded_and_unknown_ones_ignored() {
        let mut query = Query::parse("q=a%20b%2Bc+d&limit=10&new=x&&flag=true&empty=").unwrap();
        assert_eq!(query.text("q").as_deref(), Some("a b+c d"));
        assert_eq!(query.count("limit"), Some(10));
        assert_eq!(query.flag("flag"), Some(true));
        assert_eq!(query.text("empty").as_deref(), Some(""));
        assert_eq!(query.text("missing"), None);
        query.finish().unwrap();
    }

    #[test]
    fn broken_text_is_malformed() {
        for text in ["q=%ff", "q=%00", "q=%4", "q=%", "q=%zz", "%c3=1", "unknown=%ff"] {
            assert_eq!(Query::parse(text).expect_err(text).code(), ErrorCode::MalformedRequest);
        }
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let mut query = Query::parse("skip=-1&limit=1.5&flag=maybe&q=a&q=b&after=yesterday").unwrap();
        query.count("skip");
        query.count("limit");
        query.flag("flag");
        query.text("q");
        query.time("after");
        insta::assert_debug_snapshot!(problem_of(query).into_iter().map(|(p, c)| format!("{p} {c}")).collect::<Vec<_>>(), @r#"
        [
            "skip not_a_number",
            "limit not_a_number",
            "flag not_a_boolean",
            "q repeated",
            "after not_a_time",
        ]
        "#);
    }

    #[test]
    fn a_truth_value_is_a_word_or_a_digit_in_any_case() {
        for (texts, value) in [
            (["true", "True", "TRUE", "1"].as_slice(), Some(true)),
            (&["false", "False", "FALSE", "0"], Some(false)),
            (&["", "yes", "on", "t", "01", " true", "2", "null"], None),
        ] {
            for text in texts {
                assert_eq!(boolean(text), value, "{text:?}");
            }
        }
    }

    #[test]
    fn an_offset_may_be_written_with_a_plain_plus() {
        let mut query = Query::parse("after=2026-01-31T12:00:00+01:00").unwrap();
        assert_eq!(query.time("after").unwrap().to_rfc3339(), "2026-01-31T11:00:00+00:00");
    }

    #[test]
    fn a_number_beyond_64_bits_is_the_largest() {
        let mut query = Query::parse("skip=99999999999999999999999").unwrap();
        assert_eq!(query.count("skip"), Some(u64::MAX));
    }
}
