//! Taking over users from elsewhere.

use domain::input::{Change, Credential, ImportedUser};
use domain::values::{Digest, EmailAddress, ExternalId, PasswordHash, PersonName, Role, Username};
use testkit::{FakeHasher, user};

use crate::fixture::{World, admin, by, password, somebody};
use crate::users::{
    ImportBatch, ImportUsersError, Imported, OnConflict, Precondition, SourcePosition, UserPolicy, Verdict,
};

fn imported(name: &str) -> ImportedUser {
    ImportedUser {
        username: Username::parse(name).unwrap(),
        email: EmailAddress::parse(&format!("{name}@example.org")).unwrap(),
        credential: Some(Credential::Hash(PasswordHash::from_stored("$2b$04$hash".into()))),
        full_name: Change::Keep,
        first_name: Change::Keep,
        last_name: Change::Keep,
        role: None,
        is_active: None,
        suspended_until: None,
        email_verified: None,
        must_change_password: None,
        external_id: Change::Keep,
        locale: Change::Keep,
        user_metadata: Change::Keep,
        app_metadata: Change::Keep,
        created_at: None,
        uuid: None,
    }
}

fn position(from: i64, to: i64) -> SourcePosition {
    let (source, prefix) = (Digest::new([1; 32]), Digest::new([2; 32]));
    SourcePosition { source, from, to, prefix, rejected: 0, is_last: false }
}

impl World {
    async fn batch(
        &self,
        users: Vec<ImportedUser>,
        on_conflict: OnConflict,
        source: Option<SourcePosition>,
    ) -> ImportBatch {
        let mut prepared = Vec::new();
        for user in users {
            prepared.push(self.users.prepare_import(&admin(), user).await.unwrap());
        }
        ImportBatch { users: prepared, on_conflict, source }
    }

    async fn import(&self, users: Vec<ImportedUser>, on_conflict: OnConflict) -> Vec<Imported> {
        let batch = self.batch(users, on_conflict, None).await;
        self.users.import(&admin(), &batch, &|_| Verdict::Keep).await.unwrap()
    }

    async fn named(&self, name: &str) -> Option<domain::user::UserView> {
        use domain::ports::UserQueries as _;
        let all = self.storage.export(domain::values::UserId::new(0), 100).await.unwrap();
        all.into_iter().find(|user| user.username == name)
    }
}

fn codes(outcome: &Imported) -> Vec<(String, String)> {
    let Imported::Rejected(reasons) = outcome else { panic!("{outcome:?}") };
    reasons.iter().map(|at| (at.pointer.clone(), at.violation.code().to_owned())).collect()
}

#[tokio::test]
async fn users_are_taken_over_with_their_hashes_and_an_event_each() {
    let world = World::new();
    let created_at = world.clock.advance(chrono::TimeDelta::zero()) - chrono::TimeDelta::days(400);
    let ann = ImportedUser { created_at: Some(created_at), email_verified: Some(true), ..imported("ann") };
    let bob = ImportedUser { credential: Some(Credential::Password(password("open sesame"))), ..imported("bob") };
    let kim = ImportedUser { credential: None, role: Some(Role::Moderator), ..imported("kim") };
    let outcomes = world.import(vec![ann, bob, kim], OnConflict::Fail).await;
    assert_eq!(outcomes, [Imported::Created, Imported::Created, Imported::Created]);
    assert_eq!(world.actions(), ["user.imported"; 3]);
    let ann = world.named("ann").await.unwrap();
    assert_eq!((ann.created_at, ann.email_verified), (created_at, true));
    assert_eq!(world.loaded(ann.uuid).await.record().password_hash.expose(), "$2b$04$hash");
    let bob = world.loaded(world.named("bob").await.unwrap().uuid).await;
    assert_eq!(bob.record().password_hash, FakeHasher::hash_of("open sesame"));
    assert_eq!(world.named("kim").await.unwrap().role, Role::Moderator);
    let events = format!("{:?}", world.events().await);
    assert!(events.contains("ann@example.org") && !events.contains("$2b$"), "{events}");
}

#[tokio::test]
async fn whoever_is_there_is_skipped_changed_or_stands_in_the_way() {
    for on_conflict in [OnConflict::Skip, OnConflict::Update, OnConflict::Fail] {
        let world = World::new();
        world.given(user().named("ann").email("ann@example.org").first_name("Ann")).await;
        let first_name = Change::Set(PersonName::parse("Annabel").unwrap());
        let record = ImportedUser { first_name, ..imported("ANN") };
        let outcomes = world.import(vec![record, imported("bob")], on_conflict).await;
        assert_eq!(outcomes[1], Imported::Created, "{on_conflict:?}");
        match on_conflict {
            OnConflict::Skip => assert_eq!(outcomes[0], Imported::Skipped),
            OnConflict::Update => {
                assert_eq!(outcomes[0], Imported::Updated);
                assert_eq!(world.named("ANN").await.unwrap().first_name.as_deref(), Some("Annabel"));
            }
            OnConflict::Fail => {
                let taken = |member: &str| (member.to_owned(), "taken".to_owned());
                assert_eq!(codes(&outcomes[0]), [taken("/email"), taken("/username")]);
            }
        }
    }
}

#[tokio::test]
async fn records_about_one_person_are_taken_one_after_the_other() {
    let world = World::new();
    let second = ImportedUser { email: EmailAddress::parse("other@example.org").unwrap(), ..imported("Ann") };
    let outcomes = world.import(vec![imported("ann"), second.clone(), imported("bob")], OnConflict::Fail).await;
    assert_eq!(codes(&outcomes[1]), [("/username".to_owned(), "taken".to_owned())]);
    assert_eq!((&outcomes[0], &outcomes[2]), (&Imported::Created, &Imported::Created));
    let world = World::new();
    let outcomes = world.import(vec![imported("ann"), second], OnConflict::Update).await;
    assert_eq!(outcomes, [Imported::Created, Imported::Updated]);
    assert_eq!(world.named("Ann").await.unwrap().email, "other@example.org");
}

#[tokio::test]
async fn a_record_that_fits_two_users_changes_neither() {
    let world = World::new();
    world.given(user().named("ann").email("ann@example.org")).await;
    world.given(user().named("bob").email("bob@example.org").external_id("hr-7")).await;
    let both = ImportedUser { external_id: Change::Set(ExternalId::parse("hr-7").unwrap()), ..imported("ann") };
    let outcomes = world.import(vec![both], OnConflict::Update).await;
    assert_eq!(codes(&outcomes[0]).len(), 3);
    assert_eq!(world.actions(), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_was_erased_does_not_come_back_under_their_uuid() {
    let world = World::new();
    let ann = world.given(user().named("ann")).await;
    world.users.purge(&admin(), ann.id.into(), Precondition::None).await.unwrap();
    let again = ImportedUser { uuid: Some(ann.uuid), ..imported("ann") };
    let outcomes = world.import(vec![again], OnConflict::Skip).await;
    assert_eq!(codes(&outcomes[0]), [("/uuid".to_owned(), "erased".to_owned())]);
}

#[tokio::test]
async fn the_last_administrator_is_not_demoted_by_an_import() {
    let world = World::under(UserPolicy { protect_last_administrator: true, ..UserPolicy::default() });
    world.given(user().named("boss").email("boss@example.org").admin()).await;
    let demoted = ImportedUser { role: Some(Role::User), ..imported("boss") };
    let outcomes = world.import(vec![demoted, imported("ann")], OnConflict::Update).await;
    assert_eq!(codes(&outcomes[0]), [(String::new(), "last_administrator".to_owned())]);
    assert_eq!(outcomes[1], Imported::Created, "and nobody else is held up");
    assert_eq!(world.named("boss").await.unwrap().role, Role::Admin);
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_changes_nothing() {
    let world = World::new();
    world.given(user().named("ann").email("ann@example.org")).await;
    let users = vec![imported("ann"), imported("bob")];
    let batch = world.batch(users, OnConflict::Skip, Some(position(0, 2))).await;
    let outcomes = world.users.import(&admin(), &batch, &|_| Verdict::Discard).await.unwrap();
    assert_eq!(outcomes, [Imported::Skipped, Imported::Created]);
    assert_eq!(world.named("bob").await, None);
    assert_eq!(world.users.import_progress(position(0, 2).source).await.unwrap(), None);
}

#[tokio::test]
async fn how_far_an_import_has_come_is_stored_with_the_users() {
    let world = World::new();
    let batch = |names: &[&str], position| {
        let users: Vec<_> = names.iter().map(|name| imported(name)).collect();
        let world = &world;
        world.batch(users, OnConflict::Skip, Some(position))
    };
    let first = batch(&["ann", "bob"], position(0, 3)).await;
    world.users.import(&admin(), &first, &|_| Verdict::Keep).await.unwrap();
    let last = SourcePosition { rejected: 1, is_last: true, ..position(3, 5) };
    let second = batch(&["ann"], last).await;
    world.users.import(&admin(), &second, &|_| Verdict::Keep).await.unwrap();
    let stored = world.users.import_progress(last.source).await.unwrap().unwrap();
    assert_eq!((stored.records, stored.created, stored.skipped, stored.rejected), (5, 2, 1, 1));
    assert!(stored.finished_at.is_some());
    let stale = world.users.import(&admin(), &second, &|_| Verdict::Keep).await.unwrap_err();
    assert!(matches!(stale, ImportUsersError::Storage(_)), "a part that was stored is not stored again: {stale:?}");
    let anew = batch(&["kim"], position(0, 1)).await;
    world.users.import(&admin(), &anew, &|_| Verdict::Keep).await.unwrap();
    assert_eq!(world.users.import_progress(last.source).await.unwrap().unwrap().records, 1);
}

#[tokio::test]
async fn only_administrators_import() {
    let world = World::new();
    let ann = world.given(user()).await;
    for context in [by(&ann), somebody(Role::Moderator)] {
        let refused = world.users.prepare_import(&context, imported("bob")).await;
        assert!(matches!(refused, Err(ImportUsersError::Forbidden)));
    }
}
