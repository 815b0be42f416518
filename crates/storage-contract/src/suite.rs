//! Running the cases: names, threads, and what is required.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::{Builder, Runtime};

use crate::case::{Case, Verdict};
use crate::cases;
use crate::harness::Harness;

/// Threads of the runtime, and cases at a time: they mostly wait for a database.
pub(crate) const THREADS: usize = 4;

/// Runs every case against one adapter, as the arguments of the command line say. The whole of a test's `main`.
pub fn run(adapter: &str, harness: impl Harness) -> ExitCode {
    Suite::new().with(adapter, harness).run()
}

/// The suite for one adapter or several, such as one driver with the servers it speaks to.
#[derive(Default)]
pub struct Suite {
    adapters: Vec<(String, Arc<dyn Harness>)>,
}

impl Suite {
    /// A suite without adapters.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this adapter; its cases are named `adapter::…`, and so it is called in `CONTRACT_REQUIRED`.
    #[must_use]
    pub fn with(mut self, adapter: &str, harness: impl Harness) -> Self {
        self.adapters.push((adapter.to_owned(), Arc::new(harness)));
        self
    }

    /// Runs the cases, as the arguments of the command line say.
    pub fn run(self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        arguments.test_threads.get_or_insert(THREADS);
        let runtime = Arc::new(runtime());
        let required = Required::from_environment();
        let mut trials = Vec::new();
        for (adapter, harness) in self.adapters {
            let is_required = required.names(&adapter);
            trials.extend(cases::all().map(|case| trial(&runtime, &adapter, &harness, case, is_required)));
        }
        let code = libtest_mimic::run(&arguments, trials).exit_code();
        // Not waited for: what a case left behind may go on for long, and the process ends anyway.
        std::mem::forget(runtime);
        code
    }
}

/// The name of every case, without an adapter's name before it.
pub fn case_names() -> Vec<String> {
    cases::all().map(Case::full_name).collect()
}

/// Tries one case within the caller's runtime, which must be a multi-thread one; `None` if no case has this name.
pub async fn try_case(name: &str, harness: &dyn Harness) -> Option<Verdict> {
    let case = cases::all().find(|case| case.full_name() == name)?;
    Some(case.verdict(harness).await)
}

fn trial(
    runtime: &Arc<Runtime>,
    adapter: &str,
    harness: &Arc<dyn Harness>,
    case: &'static Case,
    is_required: bool,
) -> Trial {
    let (runtime, harness) = (Arc::clone(runtime), Arc::clone(harness));
    let must_be_there = is_required && case.needs_a_server();
    Trial::ignorable_test(format!("{adapter}::{}", case.full_name()), move || {
        completion(runtime.block_on(case.verdict(harness.as_ref())), must_be_there)
    })
}

fn completion(verdict: Verdict, must_be_there: bool) -> Result<Completion, Failed> {
    match verdict {
        Verdict::Kept => Ok(Completion::Completed),
        Verdict::Untried(reason) if !must_be_there => Ok(Completion::ignored_with(reason)),
        Verdict::Untried(reason) => Err(Failed::from(format!("CONTRACT_REQUIRED asks for it, but {reason}"))),
        Verdict::Broken(how) => Err(Failed::from(how)),
    }
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(THREADS).enable_all().build().expect("the system gives a few threads")
}

/// The adapters that must not be absent.
pub(crate) struct Required(String);

impl Required {
    #[expect(clippy::disallowed_methods, reason = "a switch of this suite, not a setting of the product")]
    pub(crate) fn from_environment() -> Self {
        Self(std::env::var("CONTRACT_REQUIRED").unwrap_or_default())
    }

    pub(crate) fn names(&self, adapter: &str) -> bool {
        self.0.split(',').any(|name| name.trim() == adapter)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn without_a_server_a_case_is_ignored_unless_it_is_required() {
        let untried = || Verdict::Untried("no server is here".to_owned());
        assert!(matches!(completion(untried(), false), Ok(Completion::Ignored { reason: Some(_) })));
        let failed = completion(untried(), true).err().expect("a required server must be there");
        assert_eq!(failed.message(), Some("CONTRACT_REQUIRED asks for it, but no server is here"));
    }

    #[test]
    fn a_broken_promise_is_a_failure_with_its_reason() {
        for is_required in [false, true] {
            assert!(matches!(completion(Verdict::Kept, is_required), Ok(Completion::Completed)));
            let failed = completion(Verdict::Broken("it leaks".to_owned()), is_required).err();
            assert_eq!(failed.as_ref().and_then(Failed::message), Some("it leaks"));
        }
    }

    #[test]
    fn required_adapters_are_named_whole() {
        let required = Required("sqlite, mariadb".to_owned());
        assert!(required.names("sqlite") && required.names("mariadb"));
        assert!(!required.names("maria") && !required.names("memory"));
        assert!(!Required(String::new()).names("memory"));
    }

    #[test]
    fn no_two_cases_have_the_same_name() {
        let names = case_names();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    }
}
