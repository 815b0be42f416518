//! Our own members in JSON, as the export writes them and requests have them.

use std::borrow::Cow;
use std::fmt;

use domain::violation::Violation;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json_record::Wrong;
use super::raw::{Member, RawUser};
use crate::column::{Column, ColumnMap};

/// Takes the members of an object.
pub(crate) fn read<'a>(json: &'a str, columns: &ColumnMap) -> Result<RawUser<'a>, Wrong> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut members = Members { columns, repeated: None };
    let read = (&mut members).deserialize(&mut reader).and_then(|raw| reader.end().map(|()| raw));
    match members.repeated {
        Some(column) => {
            let detail = format!("The member {} stands twice in one object", column.as_str());
            Err(Wrong::Record(Violation::new("malformed_json", detail).at(format!("/{}", column.as_str()))))
        }
        None => read.map_err(Wrong::from),
    }
}

struct Members<'c> {
    columns: &'c ColumnMap,
    repeated: Option<Column>,
}

impl<'de> DeserializeSeed<'de> for &mut Members<'_> {
    type Value = RawUser<'de>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<RawUser<'de>, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Members<'_> {
    type Value = RawUser<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<RawUser<'de>, A::Error> {
        let mut raw = RawUser::default();
        while let Some(Name(name)) = members.next_key()? {
            // Members that nobody knows are passed over, as in requests.
            let Some(column) = self.columns.column(&name).filter(|column| *column != Column::Ignored) else {
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            let member = match column {
                Column::UserMetadata | Column::AppMetadata => object(members.next_value()?),
                _ => members.next_value::<AnyMember<'de>>()?.0,
            };
            if raw.set(column, member).is_err() {
                self.repeated = Some(column);
                return Err(A::Error::custom("repeated"));
            }
        }
        Ok(raw)
    }
}

fn object(raw: &RawValue) -> Member<'_> {
    match raw.get() {
        "null" => Member::Null,
        json if json.starts_with('{') => Member::Object(Cow::Borrowed(json)),
        _ => Member::Other,
    }
}

/// A name, copied only if it has escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        match AnyMember::deserialize(reader)?.0 {
            Member::Text(name) => Ok(Self(name)),
            _ => Err(D::Error::custom("a name is a text")),
        }
    }
}

struct AnyMember<'a>(Member<'a>);

impl<'de> Deserialize<'de> for AnyMember<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(OfAnyType).map(Self)
    }
}

struct OfAnyType;

impl<'de> Visitor<'de> for OfAnyType {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Member<'de>, E> {
        Ok(Member::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Member<'de>, E> {
        Ok(Member::Flag(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_str<E>(self, value: &str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Member<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<String, String> {
        let mut columns = ColumnMap::default();
        columns.add("first_name=givenName").unwrap();
        match read(json, &columns) {
            Ok(raw) => {
                let options = crate::options::ReadOptions::new(crate::format::ImportFormat::Ndjson);
                raw.check(&options).map(|user| format!("{user:?}")).map_err(|wrong| format!("{wrong:?}"))
            }
            Err(Wrong::Record(violation)) => Err(violation.to_string()),
            Err(Wrong::Json(error)) => Err(error.to_string()),
        }
    }

    #[test]
    fn members_go_by_the_names_they_are_mapped_to() {
        let user = check(
            r#"{"givenName":"A\u006en","username":"ann","email":"ann@example.org","first_name":5,"x":{"y":[1]},"id":7,
                "user_metadata":{"b":1},"app_metadata":null,"is_active":false}"#,
        );
        let user = user.unwrap();
        for part in
            [r#"first_name: Set(PersonName("Ann"))"#, r#"Metadata("{\"b\":1}")"#, "app_metadata: Clear", "Some(false)"]
        {
            assert!(user.contains(part), "{part} is not in {user}");
        }
    }

    #[test]
    fn a_member_that_stands_twice_is_no_member() {
        let error = check(r#"{"email":"a@b.c","email":"b@b.c"}"#).unwrap_err();
        assert_eq!(error, "/email: The member email stands twice in one object");
    }

    #[test]
    fn wrong_types_are_named_like_in_requests() {
        let wrong = check(r#"{"username":5,"email":null,"is_active":"perhaps","user_metadata":[1],"locale":{}}"#);
        let wrong = wrong.unwrap_err();
        for part in
            ["It must be a string", "It may not be null", "It must be true or false", "It must be a JSON object"]
        {
            assert!(wrong.contains(part), "{part} is not in {wrong}");
        }
    }
}
