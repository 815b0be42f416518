//! Entity tags and the conditions made of them (RFC 9110 §8.8, §13).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use application::users::Precondition;

use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// The entity tag of a version: strong, since one version has one representation under one address.
pub(crate) fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).expect("digits in quotes are a header value")
}

/// What `If-Match` asks of the stored version.
///
/// Tags that are not ours match nothing, weak ones neither, since `If-Match` compares strongly (RFC 9110 §13.1.1).
///
/// # Errors
///
/// [`ErrorCode::MalformedRequest`] if the header is no list of tags: guessing could overwrite what it meant to protect.
pub(crate) fn if_match(headers: &HeaderMap, is_required: bool) -> Result<Precondition, Problem> {
    Ok(precondition(condition(headers, &IF_MATCH)?, is_required))
}

/// The same of a text that stands for the header; `None` if it is no list of tags.
pub(crate) fn if_match_of(text: Option<&str>, is_required: bool) -> Option<Precondition> {
    let condition = match text {
        Some(text) => Some(condition_of(text)?),
        None => None,
    };
    Some(precondition(condition, is_required))
}

fn precondition(condition: Option<Condition>, is_required: bool) -> Precondition {
    match condition {
        None if is_required => Precondition::Missing,
        None => Precondition::None,
        Some(Condition::Any) => Precondition::Exists,
        Some(Condition::OneOf(tags)) => {
            let strong = tags.iter().filter(|tag| !tag.is_weak);
            Precondition::OneOf(strong.filter_map(|tag| version_of(&tag.value)).collect())
        }
    }
}

/// The versions that the client has already, as `If-None-Match` says.
///
/// # Errors
///
/// [`ErrorCode::MalformedRequest`] if the header is no list of tags.
pub(crate) fn if_none_match(headers: &HeaderMap) -> Result<KnownVersions, Problem> {
    condition(headers, &IF_NONE_MATCH).map(KnownVersions)
}

/// The versions that a client has.
pub(crate) struct KnownVersions(Option<Condition>);

impl KnownVersions {
    /// Whether this is one of them. Weak tags count, as nothing is changed by them (RFC 9110 §13.1.2).
    pub(crate) fn include(&self, version: i64) -> bool {
        match &self.0 {
            None => false,
            Some(Condition::Any) => true,
            Some(Condition::OneOf(tags)) => tags.iter().any(|tag| version_of(&tag.value) == Some(version)),
        }
    }
}

enum Condition {
    Any,
    OneOf(Vec<Tag>),
}

struct Tag {
    is_weak: bool,
    value: String,
}

/// The version in a tag, if it is written as [`etag`] writes it.
fn version_of(value: &str) -> Option<i64> {
    value.parse().ok().filter(|version: &i64| version.to_string() == value)
}

fn condition(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Condition>, Problem> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let malformed =
        || Problem::new(ErrorCode::MalformedRequest, format!("The header {name} must be `*` or a list of entity tags"));
    // Bytes beyond ASCII are legal in tags, whatever they mean; each is taken as one character.
    let lines = headers.get_all(name).map(|line| line.as_bytes().iter().copied().map(char::from).collect::<String>());
    let list = lines.collect::<Vec<_>>().join(",");
    condition_of(&list).map(Some).ok_or_else(malformed)
}

fn condition_of(list: &str) -> Option<Condition> {
    if list.trim_matches([' ', '\t']) == "*" {
        return Some(Condition::Any);
    }
    tags(list).map(Condition::OneOf)
}

/// `"a", W/"b"`: commas may stand inside of a tag, so it cannot be split at them.
fn tags(list: &str) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (is_weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (value, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        if !value.chars().all(is_tag_character) {
            return None;
        }
        tags.push(Tag { is_weak, value: value.to_owned() });
        let behind = behind.trim_start_matches([' ', '\t']);
        if !behind.is_empty() && !behind.starts_with(',') {
            return None;
        }
        rest = behind.trim_start_matches([' ', '\t', ',']);
    }
    (!tags.is_empty()).then_some(tags)
}

/// `etagc` of RFC 9110 §8.8.3, each byte as one character; quotes are gone already.
fn is_tag_character(c: char) -> bool {
    matches!(c, '\x21'..='\x7e' | '\u{80}'..='\u{ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.clone(), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    fn precondition(lines: &[&'static str]) -> Result<Precondition, ErrorCode> {
        if_match(&headers(&IF_MATCH, lines), false).map_err(|problem| problem.code())
    }

    #[test]
    fn without_the_header_nothing_is_asked_unless_it_is_required() {
        assert_eq!(precondition(&[]), Ok(Precondition::None));
        assert_eq!(if_match(&HeaderMap::new(), true).unwrap(), Precondition::Missing);
    }

    #[test]
    fn strong_tags_of_ours_name_versions() {
        assert_eq!(precondition(&["*"]), Ok(Precondition::Exists));
        assert_eq!(precondition(&["\"3\""]), Ok(Precondition::OneOf(vec![3])));
        assert_eq!(precondition(&[" \"3\" , W/\"4\",\"a,b\"", "\"5\""]), Ok(Precondition::OneOf(vec![3, 5])));
        assert_eq!(precondition(&["\"03\", \"+3\", \"\""]), Ok(Precondition::OneOf(vec![])));
        assert_eq!(precondition(&["\"é\", \"à\u{85}\", \"3\""]), Ok(Precondition::OneOf(vec![3])));
    }

    #[test]
    fn what_is_no_list_of_tags_is_malformed() {
        for line in ["3", "\"3", "\"3\" \"4\"", "", ",", "w/\"3\"", "*, \"3\"", "\"a b\"", "\"a\tb\"", "\u{a0}*"] {
            assert_eq!(precondition(&[line]), Err(ErrorCode::MalformedRequest), "{line}");
        }
    }

    #[test]
    fn a_client_may_know_a_version_by_a_weak_tag() {
        let knows = |line| if_none_match(&headers(&IF_NONE_MATCH, &[line])).unwrap().include(7);
        assert!(knows("\"7\"") && knows("\"1\", W/\"7\"") && knows("*"));
        assert!(!knows("\"8\""));
        assert!(!if_none_match(&HeaderMap::new()).unwrap().include(7));
    }

    #[test]
    fn the_tag_of_a_version_names_it() {
        assert_eq!(etag(42), "\"42\"");
    }
}
