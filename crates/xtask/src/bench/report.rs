//! What the numbers say, in Markdown.

use std::fmt::Write as _;

use super::Bench;
use super::cold_start::ColdStart;
use super::load::{Measured, Run, Scenario};
use super::targets::Memory;

/// The middle one, or the mean of the two in the middle; 0 of nothing.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.wrapping_sub(1)), at(middle)) }
}

/// How far product and bare handler are apart: the median of the rounds' own ratios, since what disturbs the machine in a
/// round disturbs both.
fn ratio(measured: &Measured, of: impl Fn(&Run, &Run) -> f64) -> f64 {
    let ratios: Vec<f64> =
        measured.product.iter().zip(&measured.bare).map(|(product, bare)| of(product, bare)).collect();
    median(&ratios)
}

/// The whole report.
pub(crate) fn markdown(bench: &Bench, measured: &[(Scenario, Measured)], memory: &Memory, cold: &ColdStart) -> String {
    let mut text = format!(
        "{} users on MariaDB, {} connections, a pool of {}, {} rounds of {} s by turns, profile {}.\n\
         Medians over the rounds; \"ratio\" is product to bare, so 1.00 is as good as bare.\n\n\
         | scenario | | req/s | p50 ms | p95 ms | p99 ms | server CPU µs/request |\n\
         |---|---|---:|---:|---:|---:|---:|\n",
        bench.users, bench.connections, bench.pool, bench.rounds, bench.seconds, bench.profile
    );
    for (scenario, measured) in measured {
        let name = match scenario {
            Scenario::Get => "`GET /users/{id}`",
            Scenario::Page => "`GET /users?skip=0&limit=10`",
            Scenario::Uncounted => "`GET /users?skip=0&limit=10&count=none`",
            Scenario::Create => "`POST /users`, bcrypt cost 4",
        };
        for (whose, runs) in [("product", &measured.product), ("bare", &measured.bare)] {
            let middle = |of: fn(&Run) -> f64| median(&runs.iter().map(of).collect::<Vec<_>>());
            let _ = writeln!(
                text,
                "| {name} | {whose} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} |",
                middle(|run| run.rate),
                middle(|run| run.p50),
                middle(|run| run.p95),
                middle(|run| run.p99),
                middle(|run| run.processor_time)
            );
        }
        let rate = ratio(measured, |product, bare| product.rate / bare.rate);
        let cpu = ratio(measured, |product, bare| bare.processor_time / product.processor_time);
        let _ = writeln!(text, "| {name} | **ratio** | **{rate:.2}** | | | | {cpu:.2} |");
    }
    let [product_idle, product_after] = memory.product;
    let [bare_idle, bare_after] = memory.bare;
    let _ = write!(
        text,
        "\n| product | |\n|---|---:|\n\
         | start to `/ready`, SQLite, no file yet | {:.0} ms |\n\
         | start to `/ready`, SQLite, file there | {:.0} ms |\n\
         | memory on SQLite when ready | {:.1} MiB |\n\
         | memory on MariaDB, idle (bare: {bare_idle:.1}) | {product_idle:.1} MiB |\n\
         | memory on MariaDB, after the load (bare: {bare_after:.1}) | {product_after:.1} MiB |\n",
        cold.new.as_secs_f64() * 1e3,
        cold.existing.as_secs_f64() * 1e3,
        cold.memory,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(&[9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 100.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }

    #[test]
    fn the_ratio_compares_within_a_round() {
        let run = |rate| Run { rate, p50: 1.0, p95: 1.0, p99: 1.0, processor_time: 1.0 };
        let measured =
            Measured { product: vec![run(50.0), run(80.0), run(9.0)], bare: vec![run(100.0), run(100.0), run(10.0)] };
        assert!((ratio(&measured, |product, bare| product.rate / bare.rate) - 0.8).abs() < 1e-9);
    }
}
