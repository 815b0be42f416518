//! One member of a body: left out, null, of the wrong type, or there.

use domain::input::Change;
use domain::values::{PasswordPolicy, PasswordText, PlainPassword};
use domain::violation::{FieldViolation, Violation};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::unusable;
use crate::problem::{FieldProblem, Problem};

/// A member as it was sent. Being wrong is a value here, so that all wrong members are found and not only the first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Member<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It is `null`.
    Null,
    /// It is of another type.
    Wrong(WrongType),
    /// It holds what nobody can have, at these places inside of it.
    Unusable(Vec<FieldProblem>),
    /// It is there.
    Value(T),
}

/// What a member should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongType(&'static str);

/// A type that a member can have.
pub(crate) trait FromJson: Sized {
    /// Takes the value if it is of this type.
    fn from_json(value: Value) -> Result<Self, WrongType>;
}

impl FromJson for String {
    fn from_json(value: Value) -> Result<Self, WrongType> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(WrongType("It must be a string")),
        }
    }
}

impl FromJson for bool {
    fn from_json(value: Value) -> Result<Self, WrongType> {
        value.as_bool().ok_or(WrongType("It must be true or false"))
    }
}

/// An object of the application's own, as the text of its compact form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FreeObject(pub(crate) String);

impl FromJson for FreeObject {
    fn from_json(value: Value) -> Result<Self, WrongType> {
        if value.is_object() { Ok(Self(value.to_string())) } else { Err(WrongType("It must be a JSON object")) }
    }
}

impl<'de, T: FromJson> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(reader)? {
            Value::Null => Self::Null,
            value => match unusable::find(&value) {
                found if !found.is_empty() => Self::Unusable(found),
                _ => T::from_json(value).map_or_else(Self::Wrong, Self::Value),
            },
        })
    }
}

/// A body whose members are all [`Member`]s, so that every object is one.
pub(crate) fn read<'de, T: Deserialize<'de>>(members: Map<String, Value>) -> T {
    T::deserialize(Value::Object(members)).expect("every member takes any value")
}

/// Collects what is wrong with members while they are taken.
#[derive(Debug, Default)]
pub(crate) struct WrongMembers(Vec<FieldProblem>);

impl WrongMembers {
    /// A member that may be left out but, if it is there, must have a value.
    pub(crate) fn value<T>(&mut self, name: &str, member: Member<T>) -> Option<T> {
        if matches!(member, Member::Null) {
            self.0.push(FieldProblem::new(format!("/{name}"), "null_not_allowed", "It may not be null"));
        }
        self.nullable(name, member)
    }

    /// A member that must have a value.
    pub(crate) fn required<T>(&mut self, name: &str, member: Member<T>) -> Option<T> {
        if matches!(member, Member::Absent) {
            self.wrong(name, "required", "This member is required");
        }
        self.value(name, member)
    }

    /// A member that must be a password that somebody may choose.
    pub(crate) fn new_password(
        &mut self,
        name: &str,
        member: Member<String>,
        policy: PasswordPolicy,
    ) -> Option<PlainPassword> {
        let text = PasswordText::from(self.required(name, member)?);
        match PlainPassword::parse(text.expose(), &policy) {
            Ok(password) => Some(password),
            Err(violation) => {
                let (code, detail) = (violation.code(), violation.detail().to_owned());
                self.0.push(FieldProblem::new(format!("/{name}"), code, detail));
                None
            }
        }
    }

    /// A member for which null means the same as being left out.
    pub(crate) fn nullable<T>(&mut self, name: &str, member: Member<T>) -> Option<T> {
        match self.change(name, member) {
            Change::Set(value) => Some(value),
            Change::Clear | Change::Keep => None,
        }
    }

    /// A member of something that exists: kept, cleared or set.
    pub(crate) fn change<T>(&mut self, name: &str, member: Member<T>) -> Change<T> {
        match member {
            Member::Value(value) => Change::Set(value),
            Member::Null => Change::Clear,
            Member::Absent => Change::Keep,
            Member::Wrong(wrong) => {
                self.0.push(FieldProblem::new(format!("/{name}"), "wrong_type", wrong.0));
                Change::Keep
            }
            Member::Unusable(found) => {
                self.0.extend(
                    found
                        .into_iter()
                        .map(|problem| FieldProblem { pointer: format!("/{name}{}", problem.pointer), ..problem }),
                );
                Change::Keep
            }
        }
    }

    /// What was wrong so far.
    pub(crate) fn found(self) -> Vec<FieldProblem> {
        self.0
    }

    /// A member as a value of another type.
    pub(crate) fn wrong(&mut self, name: &str, code: &'static str, detail: &'static str) {
        self.0.push(FieldProblem::new(format!("/{name}"), code, detail));
    }

    /// A member that breaks a rule.
    pub(crate) fn broken(&mut self, name: &str, violation: &Violation) {
        self.0.push(FieldProblem::new(format!("/{name}"), violation.code(), violation.detail().to_owned()));
    }

    /// What was taken, if all of it is there and nothing was wrong; else one problem that names every wrong member.
    pub(crate) fn unless_wrong<T>(self, taken: Option<T>) -> Result<T, Problem> {
        let mut found = self.0;
        match taken {
            Some(taken) if found.is_empty() => Ok(taken),
            _ => {
                found.sort_by(|one, other| one.pointer.cmp(&other.pointer));
                Err(Problem::validation(found))
            }
        }
    }

    /// The checked body, or one problem that names every wrong member: those of a wrong type and those that break a rule.
    /// A member of a wrong type counts as missing to the rules, which need not be said again.
    pub(crate) fn and<T>(self, checked: Result<T, Vec<FieldViolation>>) -> Result<T, Problem> {
        let mut found = self.0;
        match checked {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => {}
            Err(violations) => {
                for FieldViolation { pointer, violation } in violations {
                    if !found.iter().any(|known| stands_at(known, &pointer)) {
                        found.push(FieldProblem::new(pointer, violation.code(), violation.detail().to_owned()));
                    }
                }
            }
        }
        found.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        Err(Problem::validation(found))
    }
}

/// Whether a problem is about the value at `pointer` or about something inside of it.
fn stands_at(problem: &FieldProblem, pointer: &str) -> bool {
    problem.pointer.strip_prefix(pointer).is_some_and(|inside| inside.is_empty() || inside.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    #[serde(default)]
    struct Body {
        name: Member<String>,
        flag: Member<bool>,
        data: Member<FreeObject>,
    }

    impl Default for Body {
        fn default() -> Self {
            Self { name: Member::Absent, flag: Member::Absent, data: Member::Absent }
        }
    }

    fn body(value: Value) -> Body {
        let Value::Object(members) = value else { panic!("the case is no object") };
        read(members)
    }

    #[test]
    fn absent_null_wrong_and_there_are_told_apart() {
        let all = body(json!({"name": null, "flag": "true", "data": {"b": 1, "a": [null]}, "unknown": 1}));
        assert_eq!(all.name, Member::Null);
        assert_eq!(all.flag, Member::Wrong(WrongType("It must be true or false")));
        assert_eq!(all.data, Member::Value(FreeObject(json!({"b": 1, "a": [null]}).to_string())));
        assert_eq!(body(json!({})), Body::default());
    }

    #[test]
    fn wrong_types_and_broken_rules_are_reported_together_and_once() {
        let mut wrong = WrongMembers::default();
        assert_eq!(wrong.value("username", body(json!({"name": 1})).name), None);
        let rules = [("/username", "required"), ("/email", "invalid_email")];
        let rules = rules.map(|(at, code)| Violation::new(code, "Broken").at(at)).to_vec();
        let problem = wrong.and::<()>(Err(rules)).unwrap_err();
        let found: Vec<_> = problem.errors().iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
        assert_eq!(found, ["/email invalid_email", "/username wrong_type"]);
    }

    #[test]
    fn null_means_absent_only_where_that_was_said() {
        let mut wrong = WrongMembers::default();
        assert_eq!(wrong.nullable("name", Member::<String>::Null), None);
        assert_eq!(wrong.change("name", Member::<String>::Null), Change::Clear);
        assert!(wrong.and(Ok(())).is_ok());
        let mut wrong = WrongMembers::default();
        wrong.value("name", Member::<String>::Null);
        assert_eq!(wrong.and(Ok(())).unwrap_err().errors()[0].code, "null_not_allowed");
    }
}
