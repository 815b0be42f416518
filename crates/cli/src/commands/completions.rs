//! `usermgmt completions`: what a shell needs to complete commands and options.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::{Failure, print};
use crate::arguments::Arguments;

pub(super) fn run(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "usermgmt", &mut script);
    print(&String::from_utf8_lossy(&script))
}
