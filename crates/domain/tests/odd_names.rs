//! Which odd names are one name, which are two, and which are none.

use domain::values::{EmailAddress, Username};
use rstest::rstest;

fn username(text: &str) -> Username {
    Username::parse(text).unwrap_or_else(|violation| panic!("{text:?} is a username, but: {violation}"))
}

#[rstest]
#[case::case("Ann", "ANN")]
#[case::full_width("Ann", "ＡＮＮ")]
#[case::composed_and_decomposed("Zoë", "Zoe\u{308}")]
#[case::case_of_a_letter_with_a_mark("ÉMILE", "émile")]
#[case::sharp_s_and_two_s("Straße", "STRASSE")]
#[case::capital_sharp_s("STRAẞE", "strasse")]
#[case::ligature("ﬁona", "Fiona")]
#[case::long_s("ſam", "Sam")]
#[case::kelvin_sign("\u{212a}im", "kim")]
#[case::final_sigma("ΝΙΚΟΣ", "νικος")]
#[case::final_sigma_in_lower_case("νικος", "νικοσ")]
#[case::cyrillic_case("ЗОЯ", "зоя")]
#[case::half_width_kana("ﾀﾛｳさん", "タロウさん")]
#[case::hangul_jamo("\u{1100}\u{1161}\u{1102}\u{1161}\u{1103}\u{1161}", "가나다")]
#[case::superscript("ann²", "ANN2")]
#[case::mathematical_letters("𝓐𝓷𝓷", "ann")]
#[case::circled_digits("ann①", "ann1")]
#[case::georgian_capitals("ᲜᲘᲜᲝ", "ნინო")]
fn these_are_one_name(#[case] one: &str, #[case] other: &str) {
    assert_eq!(username(one).key(), username(other).key());
}

#[rstest]
#[case::dotless_i("mıke", "mike")]
#[case::dotless_i_and_capital_i("mıke", "MIKE")]
#[case::dotted_capital_i("İbrahim", "ibrahim")]
#[case::mark("Zoë", "Zoe")]
#[case::umlaut_and_its_spelling("Jürgen", "Juergen")]
#[case::o_with_stroke("Søren", "Soren")]
#[case::emoji("crab🦀", "crab🐙")]
#[case::skin_tone("wave👋🏽", "wave👋🏿")]
#[case::hyphen_and_underscore("ann-marie", "ann_marie")]
#[case::all_latin_and_all_cyrillic("cop", "сор")]
#[case::hiragana_and_katakana("たろう", "タロウ")]
#[case::punctuation("ann", "ann.")]
#[case::digit_and_letter("ann1", "annl")]
fn these_are_two_names(#[case] one: &str, #[case] other: &str) {
    assert_ne!(username(one).key(), username(other).key());
}

#[rstest]
#[case::trailing_space("Ann ", "whitespace")]
#[case::leading_space(" Ann", "whitespace")]
#[case::trailing_line_break("Ann\n", "whitespace")]
#[case::ideographic_space("Ann\u{3000}", "whitespace")]
#[case::zero_width_space("An\u{200b}n", "invisible_character")]
#[case::soft_hyphen("An\u{ad}n", "invisible_character")]
#[case::right_to_left_override("Ann\u{202e}gpj", "invisible_character")]
#[case::hangul_filler("\u{3164}\u{3164}\u{3164}", "invisible_character")]
#[case::braille_blank("\u{2800}\u{2800}\u{2800}", "invisible_character")]
#[case::tag_characters("Ann\u{e0041}", "invisible_character")]
#[case::emoji_with_a_joiner("👩\u{200d}💻dev", "invisible_character")]
#[case::full_width_at("ann＠home", "forbidden_character")]
#[case::private_use("Ann\u{f8ff}", "forbidden_character")]
#[case::cyrillic_in_latin("p\u{430}ypal", "mixed_scripts")]
#[case::latin_in_cyrillic("Анn", "mixed_scripts")]
#[case::greek_in_latin("g\u{3bf}\u{3bf}gle", "mixed_scripts")]
#[case::armenian_in_latin("\u{585}scar", "mixed_scripts")]
#[case::cherokee_in_latin("\u{13aa}nna", "mixed_scripts")]
#[case::arabic_and_ascii_digits("ann1\u{662}", "mixed_numbers")]
#[case::emoji_that_is_too_short("🦀🦀", "too_short")]
fn these_are_no_names(#[case] text: &str, #[case] code: &str) {
    assert_eq!(Username::parse(text).unwrap_err().code(), code);
}

#[rstest]
#[case("Ann@Example.org", "ANN@EXAMPLE.ORG")]
#[case("ann@bücher.example", "ANN@BÜCHER.EXAMPLE")]
#[case("ann@bücher.example", "ann@xn--bcher-kva.example")]
#[case("ann@bücher.example", "ann@bu\u{308}cher.example")]
#[case("ann@例え.テスト", "ann@例え。テスト")]
fn these_are_one_address(#[case] one: &str, #[case] other: &str) {
    let key = |text| EmailAddress::parse(text).unwrap().key();
    assert_eq!(key(one), key(other));
}

#[rstest]
#[case::dots_count("a.nn@example.org", "ann@example.org")]
#[case::tags_count("ann+x@example.org", "ann@example.org")]
#[case::sharp_s_is_a_letter_of_its_own("ann@straße.example", "ann@strasse.example")]
#[case::lookalike_domain("ann@ex\u{430}mple.org", "ann@example.org")]
fn these_are_two_addresses(#[case] one: &str, #[case] other: &str) {
    let key = |text| EmailAddress::parse(text).unwrap().key();
    assert_ne!(key(one), key(other));
}
