//! Tests of what is special about one kind of server, each in a database of its own.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::time::timeout;

use crate::harness::NoStore;
use crate::suite::{Required, THREADS};

/// Longer than any of the tests takes.
const PATIENCE: Duration = Duration::from_mins(3);

/// A server that gives each test a database of its own.
#[async_trait]
pub trait Ground: Send + Sync + 'static {
    /// A database.
    type Database: Send + Sync + 'static;

    /// An empty one.
    ///
    /// # Errors
    ///
    /// As [`Harness::fresh`](crate::Harness::fresh).
    async fn fresh(&self) -> Result<Self::Database, NoStore>;

    /// Clears it away, after a test that passed and after one that failed.
    async fn clear(&self, database: &Self::Database);
}

/// A test by its name: it panics if it fails. See [`tests!`](crate::tests!).
pub type Test<D> = (&'static str, fn(Arc<D>) -> BoxFuture<'static, ()>);

/// Lists tests by module, each an `async fn(&Database)`.
#[macro_export]
macro_rules! tests {
    ($($module:ident: [$($test:ident),* $(,)?]),* $(,)?) => {
        &[$($(
            (concat!(stringify!($module), "::", stringify!($test)), |database| {
                Box::pin(async move { $module::$test(&*database).await })
            })
        ),*),*]
    };
}

/// Tests on one server or several.
#[derive(Default)]
pub struct Trials(Vec<Trial>);

impl std::fmt::Debug for Trials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} trials", self.0.len())
    }
}

impl Trials {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these, named `server::module::test`. Where the server is absent they are ignored, unless `CONTRACT_REQUIRED`
    /// names it.
    #[must_use]
    pub fn on<G: Ground>(mut self, server: &str, ground: G, tests: &[Test<G::Database>]) -> Self {
        let ground = Arc::new(ground);
        let is_required = Required::from_environment().names(server);
        self.0.extend(tests.iter().map(|&(name, test)| {
            let ground = Arc::clone(&ground);
            Trial::ignorable_test(format!("{server}::{name}"), move || run(&*ground, test, is_required))
        }));
        self
    }

    /// Runs them, as the arguments of the command line say.
    pub fn run(self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        arguments.test_threads.get_or_insert(THREADS);
        libtest_mimic::run(&arguments, self.0).exit_code()
    }
}

fn run<G: Ground>(
    ground: &G,
    test: fn(Arc<G::Database>) -> BoxFuture<'static, ()>,
    is_required: bool,
) -> Result<Completion, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let completion = runtime.block_on(async {
        let database = match ground.fresh().await {
            Ok(database) => Arc::new(database),
            Err(NoStore::Absent(reason)) if !is_required => return Ok(Completion::ignored_with(reason)),
            Err(error) => return Err(Failed::from(error.to_string())),
        };
        #[expect(clippy::disallowed_methods, reason = "the test is waited for, and its database cleared if it panics")]
        let outcome = timeout(PATIENCE, tokio::spawn(test(Arc::clone(&database)))).await;
        ground.clear(&database).await;
        outcome??;
        Ok(Completion::Completed)
    });
    // Not waited for: what a case left behind may go on for long.
    runtime.shutdown_background();
    completion
}
