//! Redis, which makes things better and is never needed.

use infra_cache::{RedisHealth, RedisLink};
use secrecy::ExposeSecret as _;
use settings::Settings;

use super::report::Finding;
use crate::commands::causes;

pub(super) async fn check(settings: &Settings) -> Finding {
    let Some(url) = &settings.redis_url else {
        return Finding::Ok("off: each replica counts requests for itself".to_owned());
    };
    match RedisLink::open(url.secret().expose_secret()).await {
        Err(error) => Finding::Problem(causes(&error)),
        Ok(link) => match link.health() {
            RedisHealth::Ok => Finding::Ok(format!("{url} answers")),
            RedisHealth::Degraded => Finding::Warning(format!(
                "{url} does not answer; until it does, each replica counts requests for itself"
            )),
        },
    }
}
