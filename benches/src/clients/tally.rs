//! What became of the requests of an open loop.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::mix::Call;
use crate::readers::percentile;
use crate::result_line::ResultLine;
use crate::window::Window;

/// Counts answers and keeps the latency of each, in milliseconds: a million of them are some megabytes.
#[derive(Debug)]
pub(crate) struct Tally {
    window: Window,
    /// From when a good answer's request was due to its end, by what was asked.
    latencies: BTreeMap<Call, Vec<f64>>,
    /// The same of answers that refuse for want of room.
    refusals: Vec<f64>,
    /// From when a request was due to when it was sent.
    lags: Vec<f64>,
    /// By status; 0 is a connection that broke.
    by_status: BTreeMap<u16, u64>,
    good_within: u64,
    unanswered: u64,
}

impl Tally {
    pub(crate) fn new(window: Window) -> Self {
        Self {
            window,
            latencies: BTreeMap::new(),
            refusals: Vec::new(),
            lags: Vec::new(),
            by_status: BTreeMap::new(),
            good_within: 0,
            unanswered: 0,
        }
    }

    /// A request that was due then was sent now.
    pub(crate) fn sent(&mut self, due: Instant, now: Instant) {
        if self.window.holds(due) {
            self.lags.push(millis(now - due));
        }
    }

    /// Its answer is whole now; status 0 if there will be none.
    pub(crate) fn answered(&mut self, call: Call, due: Instant, status: u16, now: Instant) {
        let is_good = (200..300).contains(&status);
        self.good_within += u64::from(is_good && self.window.holds(now));
        if !self.window.holds(due) {
            return;
        }
        *self.by_status.entry(status).or_default() += 1;
        if is_good {
            self.latencies.entry(call).or_default().push(millis(now - due));
        } else if status == 503 {
            self.refusals.push(millis(now - due));
        }
    }

    /// A request that was due then got no answer, or was never sent.
    pub(crate) fn gave_up(&mut self, due: Instant) {
        self.unanswered += u64::from(self.window.holds(due));
    }

    pub(crate) fn line(mut self) -> ResultLine {
        let mut all: Vec<f64> = self.latencies.values().flatten().copied().collect();
        let mut line = ResultLine::default()
            .with("rate", self.window.rate(self.good_within))
            .with_count("good", all.len() as u64)
            .with_count("unanswered", self.unanswered);
        for (name, times) in [("latency", &mut all), ("refusal", &mut self.refusals), ("lag", &mut self.lags)] {
            line = with_percentiles(line, name, times);
        }
        for (call, latencies) in &mut self.latencies {
            line = with_percentiles(line, call.name(), latencies);
        }
        let count = |line: ResultLine, (status, count)| line.with_count(format!("status_{status}"), count);
        self.by_status.into_iter().fold(line, count)
    }
}

fn with_percentiles(line: ResultLine, name: &str, times: &mut [f64]) -> ResultLine {
    times.sort_by(f64::total_cmp);
    let parts = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999), ("max", 1.0)];
    parts.iter().fold(line, |line, (which, part)| line.with(format!("{name}_{which}"), percentile(times, *part)))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_good_answers_from_the_time_that_was_due() {
        let opens = Instant::now();
        let after = |millis| opens + Duration::from_millis(millis);
        let mut tally = Tally::new(Window { opens, closes: after(1000) });
        for number in 0..100 {
            tally.answered(Call::Get, after(number), 200, after(number + number + 1));
        }
        tally.answered(Call::Get, after(5), 503, after(900));
        tally.answered(Call::Patch, after(999), 200, after(1499));
        tally.answered(Call::Get, after(1001), 200, after(1002));
        tally.gave_up(after(7));

        let line = tally.line().to_string();
        for part in [
            "rate=100.0000", // what ended within the second, whenever it was due
            "good=101.0000",
            "unanswered=1.0000",
            "get_p50=50.0000",
            "patch_p99=500.0000",
            "latency_max=500.0000",
            "status_200=101.0000",
            "status_503=1.0000",
            "refusal_max=895.0000",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }
}
