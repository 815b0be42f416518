//! The arguments of `usermgmt keys`.

use clap::Subcommand;

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum KeysCommand {
    /// Wrap people's keys anew after the encryption key was changed; a service may run meanwhile
    Rotate,
}
