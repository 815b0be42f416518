//! What is kept of an answer: enough to give it again.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::ports::{StorageError, StorageFault};
use domain::user::UserView;
use domain::values::{Metadata, Role, UserId, UserUuid};
use serde_json::{Value, json};

use crate::recording::Outcome;

/// What a caller is told of a request or of one part of it, as far as it differs from one call to another.
#[derive(Clone, PartialEq)]
pub enum Answer {
    /// Only that it is done.
    Done,
    /// The user as they were afterwards.
    User(Box<UserView>),
    /// Something else; it may be secret.
    Json(Value),
}

/// What came of each part of a request, from part 0. A part is missing if nothing came of it, or if it described somebody
/// who was erased since.
pub type Answers = BTreeMap<i32, Answer>;

/// What a request can be answered with again.
pub trait Repeatable: Sized {
    /// What to keep.
    fn answers(&self) -> Answers;

    /// The same from what was kept; `None` if it is not there any more.
    fn again(answers: Answers) -> Option<Self>;
}

impl Repeatable for () {
    fn answers(&self) -> Answers {
        only(Answer::Done)
    }

    fn again(answers: Answers) -> Option<Self> {
        matches!(answers.get(&0)?, Answer::Done).then_some(())
    }
}

impl Repeatable for UserView {
    fn answers(&self) -> Answers {
        only(Answer::User(Box::new(self.clone())))
    }

    fn again(mut answers: Answers) -> Option<Self> {
        match answers.remove(&0)? {
            Answer::User(user) => Some(*user),
            Answer::Done | Answer::Json(_) => None,
        }
    }
}

/// The answers to a request of one part.
pub(crate) fn only(answer: Answer) -> Answers {
    Answers::from([(0, answer)])
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("Done"),
            Self::User(user) => f.debug_tuple("User").field(user).finish(),
            // It may be secret.
            Self::Json(_) => f.write_str("Json(..)"),
        }
    }
}

impl Answer {
    pub(crate) fn outcome(&self) -> Outcome<'_> {
        match self {
            Self::Done => Outcome::Done,
            Self::User(user) => Outcome::User(user),
            Self::Json(value) => Outcome::Json(value),
        }
    }

    /// What [`to_bytes`] made.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, StorageError> {
        let mut json: Value = serde_json::from_slice(bytes).map_err(unreadable)?;
        if json.is_null() {
            return Ok(Self::Done);
        }
        if let Some(value) = json.get_mut("value") {
            return Ok(Self::Json(value.take()));
        }
        let user = json.get("user").and_then(user_from_json);
        user.map(|user| Self::User(Box::new(user))).ok_or_else(|| unreadable("it holds no user"))
    }
}

/// The outcome as it is sealed, and the person whom it describes. One of several parts is not for this.
pub(super) fn to_bytes(outcome: Outcome<'_>) -> (Option<UserUuid>, Vec<u8>) {
    let (subject, json) = match outcome {
        Outcome::Done | Outcome::Parts(_) => (None, Value::Null),
        Outcome::User(user) => (Some(user.uuid), json!({"user": user_to_json(user)})),
        Outcome::Json(value) => (None, json!({"value": value})),
    };
    (subject, json.to_string().into_bytes())
}

pub(super) fn unreadable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StorageError {
    StorageError::new(StorageFault::Failed, cause)
}

/// A user as JSON, with nothing left out.
fn user_to_json(user: &UserView) -> Value {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({
        "id": user.id.get(),
        "uuid": user.uuid.to_string(),
        "username": user.username,
        "email": user.email,
        "full_name": user.full_name,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "role": user.role.as_str(),
        "is_active": user.is_active,
        "email_verified": user.email_verified,
        "external_id": user.external_id,
        "locale": user.locale,
        "user_metadata": user.user_metadata.as_json(),
        "app_metadata": user.app_metadata.as_json(),
        "suspended_until": user.suspended_until.map(time),
        "created_at": time(user.created_at),
        "updated_at": time(user.updated_at),
        "last_login_at": user.last_login_at.map(time),
        "deleted_at": user.deleted_at.map(time),
        "version": user.version,
    })
}

/// The user in what [`user_to_json`] made; `None` for anything else.
fn user_from_json(json: &Value) -> Option<UserView> {
    let text = |name: &str| json.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let time = |name: &str| {
        let at = DateTime::parse_from_rfc3339(json.get(name)?.as_str()?).ok()?;
        Some(at.with_timezone(&Utc))
    };
    let number = |name: &str| json.get(name).and_then(Value::as_i64);
    let yes = |name: &str| json.get(name).and_then(Value::as_bool);
    Some(UserView {
        id: UserId::new(number("id")?),
        uuid: UserUuid::new(text("uuid")?.parse().ok()?),
        username: text("username")?,
        email: text("email")?,
        full_name: text("full_name"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        role: Role::parse(&text("role")?).ok()?,
        is_active: yes("is_active")?,
        email_verified: yes("email_verified")?,
        external_id: text("external_id"),
        locale: text("locale"),
        user_metadata: Metadata::from_stored(text("user_metadata")?),
        app_metadata: Metadata::from_stored(text("app_metadata")?),
        suspended_until: time("suspended_until"),
        created_at: time("created_at")?,
        updated_at: time("updated_at")?,
        last_login_at: time("last_login_at"),
        deleted_at: time("deleted_at"),
        version: number("version")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::user;

    fn view() -> UserView {
        let ann = user().named("ann").moderator().inactive().full_name("Ann \"B.\" Lee").first_name("Ann");
        let ann = ann.external_id("hr-1").locale("de-AT").user_metadata(r#"{"theme":1.50}"#);
        let view = UserView::from(&ann.build().stored_as(UserId::new(7)));
        let at = view.created_at;
        UserView { last_login_at: Some(at), suspended_until: Some(at), deleted_at: Some(at), version: 9, ..view }
    }

    fn kept(answer: &Answer) -> Answer {
        let (_, bytes) = to_bytes(answer.outcome());
        Answer::from_bytes(&bytes).unwrap()
    }

    #[test]
    fn an_answer_is_given_again_as_it_was() {
        for answer in [Answer::Done, Answer::User(Box::new(view())), Answer::Json(json!({"user": null, "value": 1}))] {
            assert_eq!(kept(&answer), answer);
        }
    }

    #[test]
    fn what_describes_a_person_is_theirs() {
        let view = view();
        assert_eq!(to_bytes(Outcome::User(&view)).0, Some(view.uuid));
        assert_eq!(to_bytes(Outcome::Done).0, None);
    }

    #[test]
    fn an_answer_of_another_kind_or_none_is_not_given_again() {
        assert_eq!(UserView::again(only(Answer::Done)), None);
        assert_eq!(<()>::again(only(Answer::Json(json!(1)))), None);
        assert_eq!(<()>::again(Answers::new()), None);
        let view = view();
        assert_eq!(UserView::again(view.answers()), Some(view));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for bytes in [&b""[..], b"{}", b"{\"user\":{}}", b"1"] {
            assert!(Answer::from_bytes(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
