//! How a server refuses a connection.

use domain::ports::{Storage, StorageFault};
use tokio::time::Instant;

use super::ServerDatabase;

pub async fn a_server_that_refuses_is_another_one_at_first_and_unavailable_later<D: ServerDatabase>(database: &D) {
    let storage = database.migrated().await;
    database.drop().await.unwrap();

    let start = Instant::now();
    let error = database.open(&database.address(), 1).await.err().expect("there is no such database");
    assert_eq!(error.fault(), StorageFault::Failed);
    assert!(start.elapsed().as_secs() < 1, "at once: {:?}", start.elapsed());
    assert_eq!(storage.begin().await.err().map(|error| error.fault()), Some(StorageFault::Unavailable));

    database.create().await.unwrap();
    assert!(storage.begin().await.is_ok(), "set up again");
}
