//! What came of a request in bulk, kept and shown.

use std::collections::{BTreeMap, BTreeSet};

use application::repeated::{Answer, Answers, Repeatable};
use serde_json::Value;

use super::request::Kind;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::rest::users::UserJson;

/// What came of each operation.
#[derive(Default)]
pub(super) struct BulkAnswer {
    /// Of those that were carried out.
    pub(super) done: Answers,
    /// Why others were not, as they are shown.
    pub(super) problems: BTreeMap<usize, Value>,
    /// Of which of them that is kept with the change already.
    pub(super) kept: BTreeSet<i32>,
    /// How many operations there are.
    pub(super) count: usize,
}

/// As what one is shown whose answer was about somebody who was erased since.
const ERASED: &str = "The operation was carried out, but whom its answer described was erased since";

impl Repeatable for BulkAnswer {
    /// The problems come last, behind the answers of all operations.
    fn answers(&self) -> Answers {
        let mut answers = self.done.clone();
        answers.retain(|part, _| !self.kept.contains(part));
        let problems = self.problems.iter().map(|(index, problem)| (index.to_string(), problem.clone()));
        let last = i32::try_from(self.count).unwrap_or(i32::MAX);
        answers.insert(last, Answer::Json(Value::Object(problems.collect())));
        answers
    }

    fn again(mut answers: Answers) -> Option<Self> {
        let mut problems = BTreeMap::new();
        answers.retain(|_, answer| match answer {
            Answer::Json(Value::Object(kept)) => {
                let kept = std::mem::take(kept).into_iter();
                problems.extend(kept.filter_map(|(index, problem)| Some((index.parse().ok()?, problem))));
                false
            }
            Answer::Done | Answer::User(_) | Answer::Json(_) => true,
        });
        Some(Self { done: answers, problems, ..Self::default() })
    }
}

impl BulkAnswer {
    /// The body of the answer.
    pub(super) fn to_json(&self, kinds: &[Kind], users: UserJson, show: impl Fn(&Problem) -> Value) -> Vec<u8> {
        let mut out = b"{\"results\":[".to_vec();
        for (index, (part, kind)) in (0..).zip(kinds).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let problem = |out: &mut Vec<u8>, problem: &Value| {
                let status = problem.get("status").and_then(Value::as_u64).unwrap_or_default();
                out.extend_from_slice(format!("{{\"status\":{status},\"problem\":{problem}}}").as_bytes());
            };
            match (self.problems.get(&index), self.done.get(&part)) {
                (Some(found), _) => problem(&mut out, found),
                (None, Some(Answer::User(user))) => {
                    let status = if *kind == Kind::Create { 201 } else { 200 };
                    out.extend_from_slice(format!("{{\"status\":{status},\"user\":").as_bytes());
                    users.write(user, &mut out);
                    out.push(b'}');
                }
                (None, Some(_)) => out.extend_from_slice(b"{\"status\":204}"),
                (None, None) => problem(&mut out, &show(&Problem::new(ErrorCode::UserNotFound, ERASED))),
            }
        }
        out.extend_from_slice(b"]}");
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::UserIdFormat;

    #[test]
    fn what_is_kept_is_everything_that_is_shown() {
        let done = Answers::from([(0, Answer::Done), (2, Answer::Done)]);
        let problems = BTreeMap::from([(1, json!({"status": 409}))]);
        let answer = BulkAnswer { done: done.clone(), problems: problems.clone(), kept: BTreeSet::from([0]), count: 3 };
        let left = answer.answers();
        assert_eq!(left.keys().copied().collect::<Vec<_>>(), [2, 3]);
        let all = done.clone().into_iter().chain(left).collect();
        let again = BulkAnswer::again(all).unwrap();
        assert_eq!((again.done, again.problems), (done, problems));
    }

    #[test]
    fn an_answer_that_was_taken_away_is_told_and_the_others_stay() {
        let answer = BulkAnswer { done: Answers::from([(1, Answer::Done)]), ..BulkAnswer::default() };
        let show = |problem: &Problem| json!({"status": 404, "detail": problem.detail()});
        let shown = answer.to_json(&[Kind::Create, Kind::Other], UserJson::new(UserIdFormat::default()), show);
        let shown: Value = serde_json::from_slice(&shown).unwrap();
        assert_eq!(shown["results"][0], json!({"status": 404, "problem": {"status": 404, "detail": ERASED}}));
        assert_eq!(shown["results"][1], json!({"status": 204}));
    }
}
