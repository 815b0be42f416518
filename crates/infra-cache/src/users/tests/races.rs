//! Changes that come while the database is asked.

use super::*;

#[tokio::test]
async fn those_who_ask_at_once_share_one_query() {
    let (cache, mut questions) = cache(LIMITS);
    let askers: Vec<_> = (0..100).map(|_| asked(&cache, id(7))).collect();
    settle().await;
    questions.next().await.version(7, 1);
    for asker in askers {
        assert_eq!(asker.version().await, Some(1));
    }
    assert_eq!((questions.waiting(), cache.loads.len()), (0, 0));
}

#[tokio::test]
async fn an_answer_that_a_change_overtook_is_given_to_those_before_it_and_not_kept() {
    let (cache, mut questions) = cache(LIMITS);
    let before = asked(&cache, id(7));
    let question = questions.next().await;
    cache.committed(&[of_user(7)]);
    let after = asked(&cache, id(7));
    settle().await;
    question.version(7, 1);
    assert_eq!(before.version().await, Some(1), "it asked before the change");
    questions.next().await.version(7, 2);
    assert_eq!(after.version().await, Some(2));
    assert_eq!(asked(&cache, id(7)).version().await, Some(2));
    assert_eq!(questions.waiting(), 0);
}

#[tokio::test]
async fn nobody_is_told_of_nobody_who_was_made_before_they_asked() {
    let (cache, mut questions) = cache(LIMITS);
    let before = asked(&cache, id(7));
    let question = questions.next().await;
    cache.committed(&[creation_of(7)]);
    let after = asked(&cache, id(7));
    settle().await;
    question.nobody();
    assert_eq!(before.version().await, None);
    questions.next().await.version(7, 1);
    assert_eq!(after.version().await, Some(1));
    assert_eq!(asked(&cache, id(7)).version().await, Some(1));
}

#[tokio::test]
async fn whoever_changes_all_the_time_is_shown_all_the_same() {
    let (cache, mut questions) = cache(LIMITS);
    for version in 1..20 {
        let asker = asked(&cache, id(7));
        let question = questions.next().await;
        assert_eq!(question.user, id(7));
        cache.committed(&[of_user(7)]);
        question.version(7, version);
        assert_eq!(asker.version().await, Some(version));
    }
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_wait_and_not_kept() {
    let (cache, mut questions) = cache(LIMITS);
    let askers = [asked(&cache, id(7)), asked(&cache, id(7))];
    settle().await;
    questions.next().await.fails();
    for asker in askers {
        assert_eq!(asker.answer().await.unwrap_err().fault(), StorageFault::Unavailable);
    }
    loaded(&cache, &mut questions, id(7), 7, 1).await;
}

#[tokio::test]
async fn whoever_leaves_leaves_the_query_to_the_others() {
    let (cache, mut questions) = cache(LIMITS);
    let (first, second) = (asked(&cache, id(7)), asked(&cache, id(7)));
    settle().await;
    let _ = questions.next().await;
    drop(first);
    questions.next().await.version(7, 1);
    assert_eq!(second.version().await, Some(1));
    assert_eq!(cache.loads.len(), 0);
}
