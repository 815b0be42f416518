//! What is kept, and for how long.

use tokio::time::{advance, sleep};

use super::*;

#[tokio::test]
async fn a_session_is_asked_for_once() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    questions.next().await.epoch(user(7), 3);
    assert_eq!(asker.epoch().await, Some(3));
    for _ in 0..100 {
        assert_eq!(asked(&directory, session(1)).epoch().await, Some(3));
    }
    assert_eq!(questions.waiting(), 0);
}

#[tokio::test]
async fn a_session_that_does_not_exist_is_asked_for_once() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    questions.next().await.nothing();
    assert_eq!(asker.epoch().await, None);
    assert_eq!(asked(&directory, session(1)).epoch().await, None);
    assert_eq!(questions.waiting(), 0);
}

#[tokio::test]
async fn a_session_that_was_erased_is_not_asked_for_again_and_again() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    questions.next().await.epoch(user(7), 3);
    asker.epoch().await;
    directory.committed(&[of_user(user(7))]);
    let asker = asked(&directory, session(1));
    questions.next().await.nothing();
    assert_eq!(asker.epoch().await, None);
    assert_eq!(asked(&directory, session(1)).epoch().await, None);
    assert_eq!(questions.waiting(), 0);
}

#[tokio::test]
async fn a_session_that_begins_after_it_was_asked_for_is_found() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    questions.next().await.nothing();
    asker.epoch().await;
    directory.committed(&[of_session(session(1), user(7))]);
    let asker = asked(&directory, session(1));
    questions.next().await.epoch(user(7), 0);
    assert_eq!(asker.epoch().await, Some(0));
}

#[tokio::test]
async fn what_changed_is_asked_for_again_and_nothing_else() {
    let (directory, mut questions) = directory(LIMITS);
    for number in [1, 2, 3] {
        let asker = asked(&directory, session(number));
        let owner = if number == 3 { user(8) } else { user(7) };
        questions.next().await.epoch(owner, 0);
        asker.epoch().await;
    }
    directory.committed(&[of_session(session(1), user(7))]);
    assert_eq!(asked(&directory, session(2)).epoch().await, Some(0), "another session of the same user");
    directory.committed(&[of_user(user(7))]);
    assert_eq!(asked(&directory, session(3)).epoch().await, Some(0), "another user");
    for number in [1, 2] {
        let asker = asked(&directory, session(number));
        questions.next().await.epoch(user(7), 1);
        assert_eq!(asker.epoch().await, Some(1));
    }
}

#[tokio::test]
async fn after_everything_is_forgotten_everything_is_asked_for_again() {
    let (directory, mut questions) = directory(LIMITS);
    for epoch in [0, 1] {
        for number in [1, 2] {
            let asker = asked(&directory, session(number));
            questions.next().await.epoch(user(7), epoch);
            assert_eq!(asker.epoch().await, Some(epoch));
        }
        directory.forget_everything();
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    questions.next().await.fails();
    let error = asker.answer().await.expect_err("the storage fails");
    assert!(matches!(error, FindAccessError::Storage(error) if error.fault() == StorageFault::Unavailable));
    let asker = asked(&directory, session(1));
    questions.next().await.epoch(user(7), 0);
    assert_eq!(asker.epoch().await, Some(0));
}

#[tokio::test]
async fn what_was_changed_by_hand_is_noticed_when_its_time_is_over() {
    let short = Duration::from_millis(200);
    let (directory, mut questions) = directory(Limits { lifetime: short, unknown_lifetime: short, ..LIMITS });
    for (first, second) in [(None, Some(1)), (Some(1), Some(2)), (Some(2), None)] {
        for expected in [first, second] {
            let asker = asked(&directory, session(1));
            let question = questions.next().await;
            match expected {
                Some(epoch) => question.epoch(user(7), epoch),
                None => question.nothing(),
            }
            assert_eq!(asker.epoch().await, expected);
            assert_eq!(asked(&directory, session(1)).epoch().await, expected, "it is remembered for a while");
            sleep(short + Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn no_more_is_kept_than_there_is_room_for() {
    let (directory, mut questions) = directory(Limits { sessions: 100, unknown: 10, ..LIMITS });
    for number in 0..2_000 {
        let asker = asked(&directory, session(number));
        let question = questions.next().await;
        if number % 2 == 0 {
            question.epoch(user(number), 0);
        } else {
            question.nothing();
        }
        asker.epoch().await;
        directory.committed(&[of_user(user(number))]);
    }
    directory.known.run_pending_tasks();
    directory.unknown.run_pending_tasks();
    assert!(directory.known.entry_count() <= 100 && directory.unknown.entry_count() <= 10);
    assert_eq!(directory.loads.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_has_not_heard_of_changes_for_five_seconds_is_blind() {
    let (directory, mut questions) = directory(LIMITS);
    let asker = asked(&directory, session(1));
    questions.next().await.epoch(user(7), 0);
    asker.epoch().await;
    advance(Duration::from_millis(4_999)).await;
    assert_eq!(asked(&directory, session(1)).epoch().await, Some(0), "the beginning counts as heard");
    advance(Duration::from_millis(1)).await;
    assert!(matches!(asked(&directory, session(1)).answer().await, Err(FindAccessError::Blind)));
    directory.heard(Duration::ZERO);
    assert_eq!(asked(&directory, session(1)).epoch().await, Some(0));
    advance(Duration::from_secs(5)).await;
    assert!(matches!(asked(&directory, session(1)).answer().await, Err(FindAccessError::Blind)));
    directory.heard(Duration::from_secs(2));
    assert_eq!(asked(&directory, session(1)).epoch().await, Some(0));
    advance(Duration::from_secs(3)).await;
    let blind = asked(&directory, session(1)).answer().await;
    assert!(matches!(blind, Err(FindAccessError::Blind)), "the look had taken two seconds");
}
