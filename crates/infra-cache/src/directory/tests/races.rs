//! Answers that come too late, and those who wait for them.

use super::*;

#[tokio::test]
async fn many_who_ask_at_once_ask_the_database_once() {
    let (directory, mut questions) = directory(LIMITS);
    let askers: Vec<_> = (0..64).map(|_| asked(&directory, session(1))).collect();
    let question = questions.next().await;
    settle().await;
    assert_eq!(questions.waiting(), 0);
    question.epoch(user(7), 3);
    for asker in askers {
        assert_eq!(asker.epoch().await, Some(3));
    }
    assert_eq!((questions.waiting(), directory.loads.len()), (0, 0));
}

#[tokio::test]
async fn sessions_do_not_wait_for_one_another() {
    let (directory, mut questions) = directory(LIMITS);
    let (first, second) = (asked(&directory, session(1)), asked(&directory, session(2)));
    let (one, two) = (questions.next().await, questions.next().await);
    two.epoch(user(8), 2);
    assert_eq!(second.epoch().await, Some(2));
    one.epoch(user(7), 1);
    assert_eq!(first.epoch().await, Some(1));
}

#[tokio::test]
async fn an_answer_that_a_change_overtook_is_neither_given_nor_kept() {
    for change in [of_user(user(7)), of_session(session(1), user(7))] {
        let (directory, mut questions) = directory(LIMITS);
        let asker = asked(&directory, session(1));
        let overtaken = questions.next().await;
        directory.committed(&[change]);
        overtaken.epoch(user(7), 0);
        let again = questions.next().await;
        again.epoch(user(7), 1);
        assert_eq!(asker.epoch().await, Some(1));
        assert_eq!(asked(&directory, session(1)).epoch().await, Some(1));
    }
}

#[tokio::test]
async fn an_answer_that_everything_overtook_is_neither_given_nor_kept() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    let overtaken = questions.next().await;
    directory.forget_everything();
    overtaken.nothing();
    questions.next().await.epoch(user(7), 1);
    assert_eq!(asker.epoch().await, Some(1));
}

#[tokio::test]
async fn who_asks_after_a_change_does_not_get_the_answer_that_others_wait_for_since_before() {
    let (directory, mut questions) = directory(LIMITS);
    let before = asked(&directory, session(1));
    let overtaken = questions.next().await;
    directory.committed(&[of_user(user(7))]);
    let after = asked(&directory, session(1));
    settle().await;
    overtaken.epoch(user(7), 0);
    questions.next().await.epoch(user(7), 1);
    assert_eq!((before.epoch().await, after.epoch().await), (Some(1), Some(1)));
    assert_eq!(questions.waiting(), 0, "the second query was shared, too");
}

#[tokio::test]
async fn a_change_of_others_overtakes_nothing() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    let question = questions.next().await;
    directory.committed(&[of_user(user(8)), of_session(session(2), user(7)), of_nobody()]);
    question.epoch(user(7), 0);
    assert_eq!(asker.epoch().await, Some(0));
    assert_eq!(asked(&directory, session(1)).epoch().await, Some(0));
    assert_eq!(questions.waiting(), 0);
}

#[tokio::test]
async fn what_changes_each_time_it_is_asked_for_ends_in_an_error_that_can_be_tried_again() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    for epoch in 0..i64::from(TRIES) {
        let question = questions.next().await;
        directory.committed(&[of_user(user(7))]);
        question.epoch(user(7), epoch);
    }
    let error = asker.answer().await.expect_err("it never was true");
    assert!(matches!(error, FindAccessError::Storage(error) if error.is_retryable()));
}

#[tokio::test]
async fn one_who_leaves_while_others_wait_does_not_keep_them_waiting() {
    let (directory, mut questions) = directory(LIMITS);
    let leaving = asked(&directory, session(1));
    let abandoned = questions.next().await;
    let staying = asked(&directory, session(1));
    settle().await;
    drop(leaving);
    let taken_over = questions.next().await;
    assert!(abandoned.answer.is_closed());
    taken_over.epoch(user(7), 3);
    assert_eq!(staying.epoch().await, Some(3));
}

#[tokio::test]
async fn when_all_leave_nothing_stays_behind() {
    let (directory, mut questions) = directory(LIMITS);
    let askers = [asked(&directory, session(1)), asked(&directory, session(1))];
    let _abandoned = questions.next().await;
    settle().await;
    assert_eq!(directory.loads.len(), 1);
    drop(askers);
    settle().await;
    assert_eq!(directory.loads.len(), 0);
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_wait() {
    let (directory, mut questions) = directory(LIMITS);
    let askers = [asked(&directory, session(1)), asked(&directory, session(1))];
    let question = questions.next().await;
    settle().await;
    question.fails();
    for asker in askers {
        assert!(matches!(asker.answer().await, Err(FindAccessError::Storage(_))));
    }
    assert_eq!(questions.waiting(), 0);
}
