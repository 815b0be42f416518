//! `usermgmt openapi`: print the document that `/openapi.json` serves.

use settings::Settings;

use super::{Failure, print};
use crate::compose::api_config;

pub(super) fn run(settings: &Settings) -> Result<(), Failure> {
    let document = api_actix::openapi(&api_config(settings));
    let json = document.to_pretty_json().map_err(|error| Failure::because("the document cannot be written", &error))?;
    print(&format!("{json}\n"))
}
