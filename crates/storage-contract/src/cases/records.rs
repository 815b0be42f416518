//! What was stored is what is read, field by field.

use chrono::TimeDelta;
use domain::query::{DeletedScope, ListUsers, UserFilter};
use domain::user::{User, UserRecord, UserView};
use domain::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PersonName, Role, StatusReason, UserUuid, Username,
};
use testkit::{FixedClock, UserBuilder, user};
use uuid::Uuid;

use crate::case::cases;
use crate::db::Db;

cases![
    a_new_user_reads_back_whole,
    a_user_with_nothing_optional_reads_back,
    every_field_can_be_replaced,
    every_optional_field_can_be_cleared,
    every_role_and_state_reads_back,
    updating_one_user_changes_nobody_else,
];

const SOMEBODY: UserUuid = UserUuid::new(Uuid::from_u128(0x0198_a5b0_7c1e_7000_8000_0000_0000_0001));

fn somebody() -> UserBuilder {
    user()
        .full_name("Ann Øberg-Müller")
        .first_name("Ann")
        .last_name("Øberg")
        .role(Role::Moderator)
        .inactive()
        .external_id("HR/42")
        .locale("de-CH")
        .user_metadata(r#"{"theme":"dark"}"#)
        .app_metadata(r#"{"plan":"gold"}"#)
        .created_by(SOMEBODY)
        .password("Tr0ub4dor&3")
}

/// A record that differs from [`somebody`]'s in every field that can change.
fn somebody_else(old: &UserRecord) -> UserRecord {
    let at = |minutes| FixedClock::START + TimeDelta::minutes(minutes);
    UserRecord {
        uuid: old.uuid,
        username: Username::from_stored("zoë".to_owned()),
        email: EmailAddress::from_stored("Zoe@Example.ORG".to_owned()),
        holds_names: false,
        password_hash: PasswordHash::from_stored("$2b$12$replaced".to_owned()),
        password_changed_at: at(1),
        must_change_password: true,
        full_name: Some(PersonName::from_stored("Zoë Ω".to_owned())),
        first_name: Some(PersonName::from_stored("Zoë".to_owned())),
        last_name: Some(PersonName::from_stored("Ω".to_owned())),
        role: Role::Admin,
        is_active: true,
        suspended_until: Some(at(2)),
        status_reason: Some(StatusReason::from_stored("moved\naway".to_owned())),
        email_verified_at: Some(at(3)),
        external_id: Some(ExternalId::from_stored("HR/43".to_owned())),
        locale: Some(Locale::from_stored("pt-BR".to_owned())),
        user_metadata: Metadata::from_stored(r#"{"theme":"light"}"#.to_owned()),
        app_metadata: Metadata::from_stored(r#"{"plan":"iron"}"#.to_owned()),
        created_by: Some(UserUuid::new(Uuid::from_u128(7))),
        version: old.version,
        auth_epoch: i64::MAX,
        created_at: old.created_at,
        updated_at: at(4),
        deleted_at: Some(at(5)),
    }
}

/// Saves the record in place of the user's, under the stored version: only transitions make a user of the next one.
async fn replace(db: &Db, user: &User, record: UserRecord) -> User {
    let replaced = User::from_stored(user.id(), UserRecord { version: user.version(), ..record });
    let mut unit = db.begin().await;
    unit.users().update(&replaced).await.expect("the version is the stored one");
    unit.commit().await;
    replaced
}

async fn assert_reads_back(db: &Db, expected: &User) {
    let expected = compact(Some(expected.clone()));
    let id = expected.as_ref().expect("somebody is expected").id();
    let uuid = expected.as_ref().expect("somebody is expected").uuid();
    let mut unit = db.begin().await;
    assert_eq!(compact(unit.load(id).await), expected, "in a unit, by number");
    assert_eq!(compact(unit.load(uuid).await), expected, "in a unit, by uuid");
    let view = expected.as_ref().map(UserView::from);
    assert_eq!(compact_view(db.view(id).await), view, "outside, by number");
    assert_eq!(compact_view(db.view(uuid).await), view, "outside, by uuid");
    let filter = UserFilter { deleted: DeletedScope::All, ..Default::default() };
    let listed = db.list(&ListUsers { filter, limit: 100, ..Default::default() }).await.users;
    assert_eq!(compact_view(listed.into_iter().find(|user| user.id == id)), view, "in a listing");
}

/// The same JSON in one way of writing it: databases choose their own blanks.
fn compact_json(metadata: &Metadata) -> Metadata {
    let value: serde_json::Value = serde_json::from_str(metadata.as_json()).expect("metadata are JSON");
    Metadata::from_stored(value.to_string())
}

fn compact(user: Option<User>) -> Option<User> {
    user.map(|user| {
        let mut record = user.record().clone();
        record.user_metadata = compact_json(&record.user_metadata);
        record.app_metadata = compact_json(&record.app_metadata);
        User::from_stored(user.id(), record)
    })
}

fn compact_view(view: Option<UserView>) -> Option<UserView> {
    view.map(|mut view| {
        view.user_metadata = compact_json(&view.user_metadata);
        view.app_metadata = compact_json(&view.app_metadata);
        view
    })
}

async fn a_new_user_reads_back_whole(db: Db) {
    let draft = somebody().build();
    let mut unit = db.begin().await;
    let stored = unit.users().insert(draft.clone()).await.expect("the names are free");
    unit.commit().await;
    assert_eq!(compact(Some(stored.clone())), compact(Some(draft.stored_as(stored.id()))), "what `insert` returns");
    assert_reads_back(&db, &stored).await;
}

async fn a_user_with_nothing_optional_reads_back(db: Db) {
    let stored = db.add(user()).await;
    assert_reads_back(&db, &stored).await;
}

async fn every_field_can_be_replaced(db: Db) {
    let stored = db.add(somebody()).await;
    let expected = replace(&db, &stored, somebody_else(stored.record())).await;
    assert_reads_back(&db, &expected).await;
}

async fn every_optional_field_can_be_cleared(db: Db) {
    let stored = db.add(somebody()).await;
    let full = replace(&db, &stored, somebody_else(stored.record())).await;
    let empty = UserRecord {
        full_name: None,
        first_name: None,
        last_name: None,
        suspended_until: None,
        status_reason: None,
        email_verified_at: None,
        external_id: None,
        locale: None,
        user_metadata: Metadata::empty(),
        app_metadata: Metadata::empty(),
        created_by: None,
        deleted_at: None,
        ..full.record().clone()
    };
    let expected = replace(&db, &full, empty).await;
    assert_reads_back(&db, &expected).await;
}

async fn every_role_and_state_reads_back(db: Db) {
    for role in Role::ALL {
        for builder in [user(), user().inactive()] {
            let stored = db.add(builder.role(role)).await;
            assert_reads_back(&db, &stored).await;
        }
    }
}

async fn updating_one_user_changes_nobody_else(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    replace(&db, &ann, somebody_else(ann.record())).await;
    assert_reads_back(&db, &bob).await;
}
