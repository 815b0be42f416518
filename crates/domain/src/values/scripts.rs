//! Mixtures that can be mistaken for something else (UTS #39): of scripts and of decimal digits.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_script::{Script, ScriptExtension, UnicodeScript};
use unicode_security::mixed_script::AugmentedScriptSet;

/// Scripts with letters that look like Latin ones, so they never stand beside Latin.
///
/// UTS #39 names Cyrillic and Greek; Armenian and Cherokee have as many twins.
const LATIN_LOOKALIKES: [Script; 4] = [Script::Cyrillic, Script::Greek, Script::Armenian, Script::Cherokee];

/// Whether `text` mixes scripts in a way that readers of one of them do not expect.
///
/// One writing system alone is fine, and so is Latin beside another one that is in wide use and cannot be mistaken for
/// it (UTS #39 5.2, "moderately restrictive"). Digits, punctuation, emoji and marks belong to every script.
pub(super) fn mixes_scripts(text: &str) -> bool {
    if text.is_ascii() {
        // Latin, and what belongs to every script.
        return false;
    }
    let is_latin = |c: &char| c.script_extension().contains_script(Script::Latin);
    if !AugmentedScriptSet::for_str(text).is_empty() {
        return false;
    }
    if !text.chars().any(|c| c.script() == Script::Latin) {
        return true;
    }
    let others: String = text.chars().filter(|c| !is_latin(c)).collect();
    !goes_with_latin(AugmentedScriptSet::for_str(&others))
}

fn goes_with_latin(others: AugmentedScriptSet) -> bool {
    let may_stand = |script: Script| script.is_recommended() && !LATIN_LOOKALIKES.contains(&script);
    others.jpan || others.kore || others.hanb || names_scripts(others.base) && others.base.iter().any(may_stand)
}

fn names_scripts(set: ScriptExtension) -> bool {
    !set.is_common() && !set.is_inherited()
}

/// Whether `text` holds decimal digits of more than one system, such as `1` and `١` (UTS #39 5.3).
pub(super) fn mixes_digits(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let mut zeros = text.chars().filter_map(zero_of);
    let Some(first) = zeros.next() else { return false };
    zeros.any(|zero| zero != first)
}

/// The zero of the system that the decimal digit `c` belongs to.
fn zero_of(c: char) -> Option<u32> {
    if !is_digit(c) {
        return None;
    }
    // Decimal digits come in runs of ten from zero to nine, and some runs touch (Unicode's stability policy for Nd).
    let point = u32::from(c);
    let run = (0..point).rev().map_while(char::from_u32).take_while(|&before| is_digit(before)).count();
    Some(point - u32::try_from(run).ok()? % 10)
}

fn is_digit(c: char) -> bool {
    c.general_category() == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::latin("ann-marie_o'neil.42")]
    #[case::latin_with_marks("Zoë\u{301}")]
    #[case::cyrillic("Анна_42")]
    #[case::greek("Ωmega".trim_end_matches("mega"))]
    #[case::japanese("山田たろうタロー")]
    #[case::korean("김大中")]
    #[case::bopomofo("漢字ㄅㄆ")]
    #[case::cherokee_alone("ᎠᎡᎢ")]
    #[case::latin_and_japanese("yamada太郎さん")]
    #[case::latin_and_korean("kim김")]
    #[case::latin_and_arabic("ali-علي")]
    #[case::latin_and_hindi("ravi_रवि")]
    #[case::latin_and_thai("somchaiสมชาย")]
    #[case::emoji("crab🦀42")]
    #[case::only_emoji("🦀🦀🦀")]
    #[case::cyrillic_and_emoji("Анна🦀!")]
    fn a_writing_system_may_stand_alone_and_beside_latin(#[case] text: &str) {
        assert!(!mixes_scripts(text));
    }

    #[rstest]
    #[case::cyrillic("p\u{430}ypal")]
    #[case::greek("\u{3bf}scar")]
    #[case::armenian("\u{585}scar")]
    #[case::cherokee("\u{13aa}nn")]
    #[case::cyrillic_and_greek("\u{430}\u{3b1}\u{3b2}")]
    #[case::arabic_and_hebrew("عליא")]
    #[case::japanese_and_korean("たろう김")]
    #[case::latin_and_two_others("annعא")]
    #[case::latin_and_a_rare_script("annꓮꓐ")]
    fn lookalikes_and_wild_mixtures_are_found(#[case] text: &str) {
        assert!(mixes_scripts(text));
    }

    #[rstest]
    #[case("ann1\u{661}", true)]
    #[case("\u{661}\u{6f2}", true)]
    #[case("\u{966}1", true)]
    #[case::two_runs_that_touch("\u{116d9}\u{116da}", true)]
    #[case::one_system("\u{660}\u{665}\u{669}", false)]
    #[case("0123456789", false)]
    #[case("ann", false)]
    fn digits_of_two_systems_are_found(#[case] text: &str, #[case] mixed: bool) {
        assert_eq!(mixes_digits(text), mixed);
    }
}
