//! Charts, as small as they can be: lines and bars in SVG, on white, so that they can be read on any page.

use std::fmt::Write as _;

use super::findings::short;

/// How numbers lie along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    Logarithmic,
}

/// Lines over an axis, each with its name.
pub(super) struct LineChart<'a> {
    pub(super) title: &'a str,
    pub(super) x: (&'a str, Scale),
    pub(super) y: (&'a str, Scale),
    pub(super) lines: &'a [(String, Vec<(f64, f64)>)],
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
// Where the axes lie.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 340.0;
/// Told apart by people who see few colours, too.
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/// An axis: what it goes from and to, and where that is.
struct Axis {
    scale: Scale,
    range: [f64; 2],
    place: [f64; 2],
}

impl Axis {
    fn over(scale: Scale, numbers: impl Iterator<Item = f64> + Clone, place: [f64; 2]) -> Self {
        let most = numbers.clone().fold(0.0, f64::max).max(1e-3);
        let range = match scale {
            Scale::Linear => [0.0, most * 1.1],
            Scale::Logarithmic => {
                let least = numbers.filter(|number| *number > 0.0).fold(most, f64::min);
                [10_f64.powf(least.log10().floor()), 10_f64.powf((most * 1.001).log10().ceil())]
            }
        };
        Self { scale, range, place }
    }

    fn at(&self, number: f64) -> f64 {
        let [from, to] = self.range;
        let part = match self.scale {
            Scale::Linear => (number - from) / (to - from),
            Scale::Logarithmic => (number.max(from).log10() - from.log10()) / (to.log10() - from.log10()),
        };
        let [begin, end] = self.place;
        begin + part * (end - begin)
    }

    fn ticks(&self) -> Vec<f64> {
        let [from, to] = self.range;
        match self.scale {
            Scale::Linear => (0..=4).map(|quarter| from + (to - from) * f64::from(quarter) / 4.0).collect(),
            Scale::Logarithmic => std::iter::successors(Some(from), |tick| Some(tick * 10.0))
                .take_while(|tick| *tick <= to * 1.001)
                .collect(),
        }
    }
}

impl LineChart<'_> {
    pub(super) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|(_, points)| points.iter());
        let x = Axis::over(self.x.1, points().map(|point| point.0), [LEFT, RIGHT]);
        let y = Axis::over(self.y.1, points().map(|point| point.1), [BOTTOM, TOP]);
        let mut svg = begin(self.title, HEIGHT);
        for tick in y.ticks() {
            let at = y.at(tick);
            let _ = writeln!(svg, r##"<path d="M{LEFT} {at:.1}H{RIGHT}" stroke="#ddd"/>"##);
            text(&mut svg, [LEFT - 8.0, at + 4.0], "end", &short_tick(tick));
        }
        for tick in x.ticks() {
            text(&mut svg, [x.at(tick), BOTTOM + 18.0], "middle", &short_tick(tick));
        }
        text(&mut svg, [f64::midpoint(LEFT, RIGHT), BOTTOM + 40.0], "middle", self.x.0);
        text(&mut svg, [LEFT, TOP - 8.0], "end", self.y.0);
        for (number, (name, points)) in self.lines.iter().enumerate() {
            let colour = COLOURS.iter().cycle().nth(number).unwrap_or(&"#000");
            let places: Vec<_> = points.iter().map(|(a, b)| format!("{:.1},{:.1}", x.at(*a), y.at(*b))).collect();
            let _ = writeln!(
                svg,
                r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#,
                places.join(" ")
            );
            for (a, b) in points {
                let _ = writeln!(svg, r#"<circle cx="{:.1}" cy="{:.1}" r="3" fill="{colour}"/>"#, x.at(*a), y.at(*b));
            }
            #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
            let at = TOP + 20.0 * number as f64;
            let _ = writeln!(svg, r#"<path d="M{} {at}h20" stroke="{colour}" stroke-width="2"/>"#, RIGHT + 16.0);
            text(&mut svg, [RIGHT + 42.0, at + 4.0], "start", name);
        }
        svg + "</svg>\n"
    }
}

/// Ratios as bars, each with a mark at its aim.
pub(super) fn bars(title: &str, bars: &[(String, f64, f64)]) -> String {
    const STEP: f64 = 44.0;
    #[expect(clippy::cast_precision_loss, reason = "a handful of bars")]
    let height = TOP + STEP * bars.len() as f64 + 10.0;
    let axis =
        Axis::over(Scale::Linear, bars.iter().flat_map(|(_, ratio, aim)| [*ratio, *aim]), [LEFT - 50.0, WIDTH - 80.0]);
    let mut svg = begin(title, height);
    let mut top = TOP;
    for (name, ratio, aim) in bars {
        let colour = if ratio >= aim { "#009e73" } else { "#d55e00" };
        let (from, to, mark) = (axis.at(0.0), axis.at(*ratio), axis.at(*aim));
        text(&mut svg, [from, top], "start", name);
        let _ = writeln!(
            svg,
            r#"<rect x="{from:.1}" y="{:.1}" width="{:.1}" height="16" fill="{colour}"/>"#,
            top + 6.0,
            (to - from).max(0.0)
        );
        let _ = writeln!(svg, r##"<path d="M{mark:.1} {:.1}v24" stroke="#000" stroke-width="2"/>"##, top + 2.0);
        text(&mut svg, [to.max(mark) + 8.0, top + 19.0], "start", &format!("{} (aim {})", short(*ratio), short(*aim)));
        top += STEP;
    }
    svg + "</svg>\n"
}

fn begin(title: &str, height: f64) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let _ = writeln!(svg, r#"<text x="{}" y="24" font-size="16">{}</text>"#, LEFT - 50.0, escaped(title));
    svg
}

fn text(svg: &mut String, [x, y]: [f64; 2], anchor: &str, text: &str) {
    let _ = writeln!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#, escaped(text));
}

/// A label may hold Markdown's marks for code and what XML takes for its own.
fn escaped(text: &str) -> String {
    text.replace('`', "").replace('&', "&amp;").replace('<', "&lt;")
}

fn short_tick(number: f64) -> String {
    match number {
        number if number >= 1e6 => format!("{}M", number / 1e6),
        number if number >= 1e4 => format!("{:.0}k", number / 1e3),
        number if number >= 10.0 || number == 0.0 => format!("{number:.0}"),
        number => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_puts_its_ends_at_its_ends_and_decades_at_even_distances() {
        let axis = Axis::over(Scale::Logarithmic, [2.0, 90.0].into_iter(), [0.0, 200.0]);
        assert_eq!(axis.ticks(), [1.0, 10.0, 100.0]);
        assert_eq!([1.0, 10.0, 100.0].map(|number| format!("{:.0}", axis.at(number))), ["0", "100", "200"]);
        let axis = Axis::over(Scale::Linear, [1.0, 10.0].into_iter(), [100.0, 0.0]);
        assert_eq!([0.0, 11.0].map(|number| format!("{:.0}", axis.at(number))), ["100", "0"]);
    }

    #[test]
    fn a_chart_of_lines_has_each_of_them_and_its_name() {
        let lines =
            [("p50".to_owned(), vec![(100.0, 1.0), (200.0, 2.0)]), ("p99 & <more>".to_owned(), vec![(100.0, 30.0)])];
        let svg =
            LineChart { title: "By load", x: ("req/s", Scale::Linear), y: ("ms", Scale::Logarithmic), lines: &lines }
                .svg();
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains(">p99 &amp; &lt;more>"), "{svg}");
        assert!(!svg.contains("NaN") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn a_bar_that_misses_its_aim_is_of_another_colour() {
        let svg = bars("Ratios", &[("`GET`".to_owned(), 0.95, 0.9), ("page".to_owned(), 0.5, 0.7)]);
        assert_eq!((svg.matches("#009e73").count(), svg.matches("#d55e00").count()), (1, 1));
        assert!(svg.contains(">GET<") && svg.contains("0.50 (aim 0.70)"), "{svg}");
    }

    #[test]
    fn a_chart_of_nothing_is_still_a_chart() {
        assert!(!bars("Nothing", &[]).contains("NaN"));
        let svg = LineChart { title: "", x: ("", Scale::Logarithmic), y: ("", Scale::Logarithmic), lines: &[] }.svg();
        assert!(!svg.contains("NaN"));
    }
}
