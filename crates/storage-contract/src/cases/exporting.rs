//! Walking through all living users by number, quickly.

use domain::user::{DeletedNames, UserView};
use domain::values::UserId;
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::crowd::Crowd;
use crate::db::Db;

cases![
    an_export_shows_the_living_by_number_with_every_value,
    an_export_shows_everybody_once_page_by_page,
    an_export_shows_who_stays_once_whoever_comes_and_goes,
];

impl Db {
    pub(super) async fn export(&self, after: i64, limit: u32) -> Vec<UserView> {
        self.queries().export(UserId::new(after), limit).await.expect("users can be exported")
    }
}

fn living(crowd: &Crowd) -> Vec<UserView> {
    let mut living: Vec<_> = crowd.users.iter().filter(|user| user.deleted_at.is_none()).cloned().collect();
    living.sort_by_key(|user| user.id);
    living
}

async fn an_export_shows_the_living_by_number_with_every_value(db: Db) {
    assert_eq!(db.export(0, 10).await, []);
    let full = user().full_name("Zoë Q").first_name("Zoë").last_name("Quist").external_id("HR").locale("sv-SE");
    let zoe = db.add(full.user_metadata(r#"{"a":1}"#).app_metadata(r#"{"b":2}"#).must_change_password()).await;
    let bob = db.add(user()).await;
    let reserved = db.add(user()).await;
    db.change(&reserved, |user| user.delete(DeletedNames::Reserved, FixedClock::START)).await;
    let expected = [db.view(zoe.id()).await, db.view(bob.id()).await].map(|view| view.expect("it is stored"));
    assert_eq!(db.export(0, 10).await, expected);
    let crowd = Crowd::gather(&db).await;
    assert_eq!(db.export(reserved.id().get(), 1_000).await, living(&crowd));
}

async fn an_export_shows_everybody_once_page_by_page(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let living = living(&crowd);
    for limit in [1, 5, 29, 30, 31] {
        let (mut walked, mut last) = (Vec::new(), 0);
        while walked.len() <= living.len() {
            let page = db.export(last, limit).await;
            assert_eq!(page.len(), (living.len() - walked.len()).min(limit as usize), "with a limit of {limit}");
            let Some(user) = page.last() else { break };
            last = user.id.get();
            walked.extend(page);
        }
        assert_eq!(walked, living);
    }
    assert_eq!(db.export(0, 0).await, []);
    assert_eq!(db.export(-1, 1).await, living[..1]);
    assert_eq!(db.export(i64::MAX, 1).await, []);
}

async fn an_export_shows_who_stays_once_whoever_comes_and_goes(db: Db) {
    let mut users = Vec::new();
    for _ in 0..12 {
        users.push(db.add(user()).await);
    }
    let (mut walked, mut last) = (Vec::new(), 0);
    for turn in 0..4 {
        let page = db.export(last, 3).await;
        last = page.last().expect("there are more").id.get();
        walked.extend(page.into_iter().map(|user| user.id));
        // One behind goes and one before, and one comes.
        db.delete(&users[turn * 3]).await;
        if turn == 0 {
            db.delete(&users[11]).await;
        }
        db.add(user()).await;
    }
    let stayed: Vec<_> = users[..11].iter().map(domain::user::User::id).collect();
    assert_eq!(walked[..11], stayed);
}
