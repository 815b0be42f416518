//! What is kept, how much of it, and for how long.

use tokio::time::advance;

use super::*;

#[tokio::test]
async fn whoever_was_read_is_not_asked_for_again() {
    let (cache, mut questions) = cache(LIMITS);
    let asker = asked(&cache, id(7));
    questions.next().await.is(everything(7));
    let everybody = asker.view().await;
    assert_eq!(everybody, None, "deleted");
    let shown = asked_within(&cache, id(7), DeletedScope::All).view().await;
    assert_eq!(shown.as_deref(), Some(&everything(7)));
    let shown = asked_within(&cache, id(7), DeletedScope::Only).view().await;
    assert_eq!(shown.as_deref(), Some(&everything(7)));
    assert_eq!(questions.waiting(), 0);
}

#[tokio::test]
async fn a_change_makes_the_next_read_ask_again_by_either_id() {
    let (cache, mut questions) = cache(LIMITS);
    for known_as in [id(7), UserRef::Uuid(uuid(7))] {
        loaded(&cache, &mut questions, known_as, 7, 1).await;
    }
    cache.committed(&[of_user(7)]);
    loaded(&cache, &mut questions, id(7), 7, 2).await;
    assert_eq!(asked(&cache, UserRef::Uuid(uuid(7))).version().await, Some(2));
    cache.changed(&[LoggedChange { number: 1, change: of_user(7) }], 0);
    loaded(&cache, &mut questions, UserRef::Uuid(uuid(7)), 7, 3).await;
    assert_eq!(asked(&cache, id(7)).version().await, Some(3));
}

#[tokio::test]
async fn a_session_that_changed_is_a_change_of_its_user() {
    let (cache, mut questions) = cache(LIMITS);
    loaded(&cache, &mut questions, id(7), 7, 1).await;
    let session = domain::values::SessionId::new(uuid::Uuid::from_u128(1));
    let change = AccessChange { session: Some(session), ..of_user(7) };
    cache.changed(&[LoggedChange { number: 1, change }], 0);
    loaded(&cache, &mut questions, id(7), 7, 1).await;
}

#[tokio::test]
async fn changes_of_others_and_of_nobody_leave_it() {
    let (cache, mut questions) = cache(LIMITS);
    loaded(&cache, &mut questions, id(7), 7, 1).await;
    cache.committed(&[of_user(8), AccessChange { user: None, ..of_user(0) }, creation_of(9)]);
    assert_eq!(asked(&cache, id(7)).version().await, Some(1));
}

#[tokio::test]
async fn a_newer_answer_by_one_id_is_the_answer_by_the_other() {
    let (cache, mut questions) = cache(LIMITS);
    loaded(&cache, &mut questions, id(7), 7, 1).await;
    cache.committed(&[of_user(7)]);
    loaded(&cache, &mut questions, UserRef::Uuid(uuid(7)), 7, 2).await;
    assert_eq!(asked(&cache, id(7)).version().await, Some(2));
}

#[tokio::test]
async fn that_nobody_is_there_is_remembered_until_somebody_is_new() {
    let (cache, mut questions) = cache(LIMITS);
    for known_as in [id(7), UserRef::Uuid(uuid(7))] {
        let asker = asked(&cache, known_as);
        questions.next().await.nobody();
        assert_eq!(asker.version().await, None);
    }
    cache.committed(&[of_user(1)]);
    assert_eq!(asked(&cache, id(7)).version().await, None);
    assert_eq!(questions.waiting(), 0);
    cache.changed(&[LoggedChange { number: 1, change: creation_of(7) }], 0);
    for known_as in [id(7), UserRef::Uuid(uuid(7))] {
        loaded(&cache, &mut questions, known_as, 7, 1).await;
    }
}

#[tokio::test]
async fn everything_is_forgotten_at_once() {
    let (cache, mut questions) = cache(LIMITS);
    loaded(&cache, &mut questions, id(7), 7, 1).await;
    let asker = asked(&cache, id(8));
    questions.next().await.nobody();
    assert_eq!(asker.version().await, None);
    cache.forget_everything();
    loaded(&cache, &mut questions, id(7), 7, 2).await;
    loaded(&cache, &mut questions, id(8), 8, 1).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_is_blind_asks_each_time_until_it_hears_again() {
    let (cache, mut questions) = cache(LIMITS);
    loaded(&cache, &mut questions, id(7), 7, 1).await;
    advance(Duration::from_secs(5)).await;
    for version in 2..4 {
        loaded(&cache, &mut questions, id(7), 7, version).await;
    }
    cache.heard(Duration::ZERO);
    assert_eq!(asked(&cache, id(7)).version().await, Some(1), "nothing was heard of that changed it");
    assert_eq!(questions.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_for_more_than_ten_minutes() {
    let (cache, mut questions) = cache(LIMITS);
    loaded(&cache, &mut questions, id(7), 7, 1).await;
    let asker = asked(&cache, id(8));
    questions.next().await.nobody();
    asker.version().await;
    advance(LIMITS.lifetime).await;
    cache.heard(Duration::ZERO);
    assert_eq!(asked(&cache, id(7)).version().await, Some(1));
    advance(Duration::from_millis(1)).await;
    loaded(&cache, &mut questions, id(7), 7, 2).await;
    loaded(&cache, &mut questions, id(8), 8, 1).await;
}

/// A database in which everybody exists, with so many bytes of metadata.
struct Everybody(usize);

#[async_trait]
impl People for Everybody {
    async fn look_up(&self, asked: UserRef) -> Result<Option<UserView>, StorageError> {
        let UserRef::Id(number) = asked else { panic!("by number") };
        let text = format!(r#"{{"a":"{}"}}"#, "x".repeat(self.0));
        let user_metadata = Metadata::from_json_object(text).unwrap();
        Ok(Some(UserView { user_metadata, ..user(number.get()) }))
    }
}

#[tokio::test]
async fn users_take_no_more_bytes_than_there_is_room_for() {
    for metadata in [0, 1_000, 16_000] {
        let limits = Limits { bytes: 4 << 20, ..LIMITS };
        let cache = UserCache::within(limits, Arc::new(Only(Everybody(metadata))), None);
        for number in 0..20_000 {
            cache.find(id(number), DeletedScope::Live).await.unwrap();
        }
        assert!(cache.bytes() <= limits.bytes, "{} bytes", cache.bytes());
        assert!(cache.bytes() > limits.bytes / 2, "{} bytes", cache.bytes());
    }
}

#[tokio::test]
async fn ids_of_nobody_take_no_more_room_than_there_is() {
    struct Nowhere;
    #[async_trait]
    impl People for Nowhere {
        async fn look_up(&self, _: UserRef) -> Result<Option<UserView>, StorageError> {
            Ok(None)
        }
    }
    let cache = UserCache::within(Limits { unknown: 100, ..LIMITS }, Arc::new(Only(Nowhere)), None);
    for number in 0..10_000 {
        cache.find(id(number), DeletedScope::Live).await.unwrap();
    }
    assert!(cache.unknown.len() <= 100);
}
