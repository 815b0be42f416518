//! The composition root: which adapter stands behind which port.

mod http;
mod keys;
mod memory;
mod sealing;
mod unsigned;
mod use_cases;

use std::thread::available_parallelism;

use domain::values::PasswordPolicy;
use settings::Settings;
use tokio::runtime::{Builder, Runtime};

use crate::commands::Failure;

pub(crate) use http::{api_config, services, user_id_format};
pub(crate) use keys::access_tokens;
pub(crate) use sealing::{EncryptionKeys, audit_signer};
pub(crate) use use_cases::{Served, UseCases, desk, served};

/// The runtime for everything but HTTP connections, which have threads of their own.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .enable_all()
        .worker_threads(cores())
        .thread_name("work")
        .build()
        .map_err(|error| Failure::because("the runtime cannot be started", &error))
}

/// What a password must have.
pub(crate) fn password_policy(settings: &Settings) -> PasswordPolicy {
    PasswordPolicy { min_length: settings.password_min_length }
}

pub(crate) fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}
