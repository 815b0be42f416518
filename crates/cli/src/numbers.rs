//! The numbers that are recorded all over the service, for `/metrics`.

use std::sync::Arc;
use std::time::Duration;

use api_actix::metrics::DURATION_BUCKETS;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::time::interval;

use crate::commands::Failure;

/// How often what was recorded is summed up, whether anybody asks for it or not: until then every single value is kept.
const SUMMED_UP_EVERY: Duration = Duration::from_secs(5);

/// What was recorded since the process began.
#[derive(Clone)]
pub(crate) struct Numbers(PrometheusHandle);

impl Numbers {
    /// Begins to record. What was counted before is lost.
    pub(crate) fn record() -> Result<Self, Failure> {
        let builder = PrometheusBuilder::new()
            .set_buckets(&DURATION_BUCKETS)
            .map_err(|error| Failure::because("the buckets of durations are wrong", &error))?;
        let handle = builder
            .install_recorder()
            .map_err(|error| Failure::because("numbers for /metrics cannot be recorded", &error))?;
        Ok(Self(handle))
    }

    /// What writes them down as Prometheus reads them.
    pub(crate) fn writer(&self) -> Arc<dyn Fn() -> String + Send + Sync> {
        let handle = self.0.clone();
        Arc::new(move || handle.render())
    }

    /// Keeps them small.
    pub(crate) async fn keep_up(self) {
        let mut ticks = interval(SUMMED_UP_EVERY);
        loop {
            ticks.tick().await;
            self.0.run_upkeep();
        }
    }
}
