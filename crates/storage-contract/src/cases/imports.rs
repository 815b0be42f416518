//! How far imports have come.

use chrono::TimeDelta;
use domain::ports::{ImportProgress, SaveUserError, StorageError, StorageFault};
use domain::values::Digest;
use testkit::user;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, micros, new_digest};

cases![
    progress_reads_back_with_every_value,
    progress_takes_the_place_of_what_was_seen,
    progress_of_another_process_is_not_written_over,
    progress_and_users_are_stored_together_or_not_at_all,
    imports_of_several_sources_are_kept_apart,
    of_processes_that_import_one_source_one_goes_on,
];

const ROUNDS: usize = 8;
const CONTENDERS: usize = 5;

fn progress(source: Digest, records: i64) -> ImportProgress {
    ImportProgress {
        source,
        records,
        prefix: new_digest(),
        created: records,
        updated: 0,
        skipped: 0,
        rejected: 0,
        started_at: NOW,
        updated_at: NOW + micros(records % 1_000_000),
        finished_at: None,
    }
}

async fn try_save(db: &Db, progress: &ImportProgress, seen: Option<i64>) -> Result<(), StorageError> {
    let mut unit = db.try_begin().await?;
    unit.imports().save(progress, seen).await?;
    unit.try_commit().await
}

async fn save(db: &Db, progress: &ImportProgress, seen: Option<i64>) {
    try_save(db, progress, seen).await.expect("nobody else imports that");
}

async fn stored(db: &Db, source: Digest) -> Option<ImportProgress> {
    db.begin().await.imports().find(source).await.expect("progress can be found")
}

async fn progress_reads_back_with_every_value(db: Db) {
    let odd = ImportProgress {
        prefix: Digest::new([0; 32]),
        created: i64::MAX,
        updated: 1 << 33,
        skipped: 3,
        rejected: 4,
        started_at: NOW - TimeDelta::days(1) + micros(1),
        updated_at: NOW + micros(2),
        finished_at: Some(NOW + micros(3)),
        ..progress(Digest::new([0xff; 32]), i64::MAX)
    };
    for progress in [progress(new_digest(), 0), odd] {
        assert_eq!(stored(&db, progress.source).await, None);
        save(&db, &progress, None).await;
        assert_eq!(stored(&db, progress.source).await, Some(progress));
    }
}

async fn progress_takes_the_place_of_what_was_seen(db: Db) {
    let source = new_digest();
    save(&db, &progress(source, 500), None).await;
    let next = ImportProgress {
        created: 700,
        updated: 200,
        skipped: 99,
        rejected: 1,
        started_at: NOW + micros(7),
        finished_at: Some(NOW + TimeDelta::days(1)),
        ..progress(source, 1_000)
    };
    save(&db, &next, Some(500)).await;
    assert_eq!(stored(&db, source).await.as_ref(), Some(&next));
    save(&db, &next, Some(1_000)).await;
    // From the beginning again.
    let anew = progress(source, 0);
    save(&db, &anew, Some(1_000)).await;
    assert_eq!(stored(&db, source).await, Some(anew));
}

async fn progress_of_another_process_is_not_written_over(db: Db) {
    let (source, unknown) = (new_digest(), new_digest());
    let first = progress(source, 500);
    save(&db, &first, None).await;
    for (of, seen) in [(source, None), (source, Some(499)), (source, Some(1_000)), (unknown, Some(0))] {
        let mut unit = db.begin().await;
        let saved = unit.imports().save(&progress(of, 1_000), seen).await;
        let fault = saved.err().map(|error| error.fault());
        assert_eq!(fault, Some(StorageFault::Failed), "trying again would do everything twice");
        assert!(unit.try_commit().await.is_err());
    }
    assert_eq!((stored(&db, source).await, stored(&db, unknown).await), (Some(first), None));
}

async fn progress_and_users_are_stored_together_or_not_at_all(db: Db) {
    let source = new_digest();
    let (first, next) = (progress(source, 1), progress(source, 2));
    let mut unit = db.begin().await;
    unit.add(user()).await;
    unit.imports().save(&first, None).await.expect("nobody else imports that");
    let found = unit.imports().find(source).await.expect("progress can be found");
    assert_eq!(found.as_ref(), Some(&first), "the unit sees its own");
    drop(unit);
    assert_eq!((db.count().await, stored(&db, source).await), (0, None));

    let mut unit = db.begin().await;
    unit.add(user()).await;
    unit.imports().save(&first, None).await.expect("nobody else imports that");
    unit.imports().save(&next, Some(1)).await.expect("nobody else imports that");
    unit.commit().await;
    assert_eq!((db.count().await, stored(&db, source).await), (1, Some(next)));
}

async fn imports_of_several_sources_are_kept_apart(db: Db) {
    let each = [new_digest(), new_digest(), Digest::new([0; 32])].map(|source| progress(source, 10));
    for progress in &each {
        save(&db, progress, None).await;
    }
    let further = progress(each[1].source, 20);
    save(&db, &further, Some(10)).await;
    assert_eq!(stored(&db, each[0].source).await.as_ref(), Some(&each[0]));
    assert_eq!(stored(&db, each[1].source).await, Some(further));
    assert_eq!(stored(&db, each[2].source).await.as_ref(), Some(&each[2]));
}

async fn of_processes_that_import_one_source_one_goes_on(db: Db) {
    let source = new_digest();
    for round in 0..ROUNDS {
        let seen = stored(&db, source).await.map(|progress| progress.records);
        let before = db.count().await;
        let tasks = (1..=CONTENDERS).map(|number| {
            let db = db.clone();
            let own = progress(source, seen.unwrap_or(0) + i64::try_from(number).expect("a small number"));
            async move {
                let attempt = async || {
                    let mut unit = db.try_begin().await?;
                    unit.imports().save(&own, seen).await?;
                    unit.insert(user()).await?;
                    unit.try_commit().await?;
                    Ok::<_, SaveUserError>(own.clone())
                };
                settle(attempt).await
            }
        });
        let ended = together(tasks.collect()).await;
        let (won, lost): (Vec<_>, Vec<_>) = ended.into_iter().partition(Result::is_ok);
        let is_failed = |error: &SaveUserError| matches!(error, SaveUserError::Storage(error) if error.fault() == StorageFault::Failed);
        assert!(lost.iter().filter_map(|lost| lost.as_ref().err()).all(is_failed), "in round {round}: {lost:?}");
        let won: Vec<_> = won.into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "in round {round}");
        assert_eq!(stored(&db, source).await.as_ref(), won.first(), "in round {round}");
        assert_eq!(db.count().await, before + 1, "in round {round}");
    }
}
