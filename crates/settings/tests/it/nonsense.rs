use proptest::prelude::*;
use proptest::sample::select;
use settings::Settings;

use crate::place::{Place, place};

/// Loading ends, with settings or with one line.
fn is_judged(place: &Place) {
    if let Err(error) = Settings::load(&place.sources) {
        let line = error.to_string();
        assert!(!line.is_empty() && !line.chars().any(|c| c.is_control() || c == '\u{2028}'), "{line:?}");
    }
}

fn key() -> impl Strategy<Value = &'static str> {
    select(place().load().describe().into_iter().map(|shown| shown.key).collect::<Vec<_>>())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z+]{0,8}:[/:@?#%\\[\\]a-z0-9.=&*-]{0,30}",
        "[ /,:.*=0-9a-z\\[\\]\n\u{2028}-]{0,30}"
    ]
}

proptest! {
    #[test]
    fn any_value_is_taken_or_refused_in_one_line(key in key(), text in text()) {
        is_judged(&place().env(key, &text));
    }

    #[test]
    fn any_dotenv_is_taken_or_refused_in_one_line(key in key(), text in text()) {
        is_judged(&place().dotenv(&text));
        is_judged(&place().dotenv(&format!("{key}={text}")));
    }

    #[test]
    fn any_file_is_taken_or_refused_in_one_line(key in key(), text in text()) {
        is_judged(&place().toml(&text));
        is_judged(&place().toml(&format!("{key}={text}")));
        is_judged(&place().toml(&format!("{key}={text:?}")));
    }
}
