//! One promise, and whether an adapter keeps it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::db::Db;
use crate::harness::{Harness, NoStore};

/// A case that takes longer hangs; the longest stores 10,001 users.
const PATIENCE: Duration = Duration::from_mins(3);

/// One promise: a function that panics unless the database keeps it.
pub(crate) struct Case {
    pub(crate) module: &'static str,
    pub(crate) name: &'static str,
    pub(crate) setting: Setting,
    pub(crate) check: fn(Db) -> BoxFuture<'static, ()>,
}

/// On what kind of database a case is tried.
#[derive(Clone, Copy)]
pub(crate) enum Setting {
    Fresh,
    Unreachable,
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The promise was kept.
    Kept,
    /// It was broken, in this way.
    Broken(String),
    /// It was not tried, for this reason.
    Untried(String),
}

/// Lists the cases of a module, each an `async fn(Db)`. One that is left out is dead code, and the compiler says so.
macro_rules! cases {
    ($($name:ident),* $(,)?) => { cases!(Fresh: $($name),*); };
    ($setting:ident: $($name:ident),* $(,)?) => {
        pub(super) const CASES: &[$crate::case::Case] = &[$(
            $crate::case::Case {
                module: module_path!(),
                name: stringify!($name),
                setting: $crate::case::Setting::$setting,
                check: |db| Box::pin($name(db)),
            }
        ),*];
    };
}

pub(crate) use cases;

impl Case {
    /// The case's name, such as `names::deleting_frees_the_names`.
    pub(crate) fn full_name(&self) -> String {
        let module = self.module.rsplit("::").next().unwrap_or(self.module);
        format!("{module}::{}", self.name)
    }

    /// Whether the case has nothing to say without a server; the others may not apply to an adapter at all.
    pub(crate) fn needs_a_server(&self) -> bool {
        matches!(self.setting, Setting::Fresh)
    }

    pub(crate) async fn verdict(&self, harness: &dyn Harness) -> Verdict {
        let store = match self.setting {
            Setting::Fresh => harness.fresh().await,
            Setting::Unreachable => harness.unreachable().await,
        };
        let db = match store {
            Ok(store) => Db::new(store.into()),
            Err(NoStore::Absent(reason)) => return Verdict::Untried(reason),
            Err(error @ NoStore::Failed(_)) => return Verdict::Broken(error.to_string()),
        };
        let checked = timeout(PATIENCE, AssertUnwindSafe((self.check)(db.clone())).catch_unwind()).await;
        db.close().await;
        match checked {
            Ok(Ok(())) => Verdict::Kept,
            Ok(Err(panic)) => Verdict::Broken(message(panic.as_ref())),
            Err(_) => Verdict::Broken(format!("still not done after {} s", PATIENCE.as_secs())),
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
