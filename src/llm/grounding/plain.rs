//! A model's text as plain text: what may be shown at all, before it is asked what it says.

use unicode_normalization::UnicodeNormalization;

/// The text without marks of Markdown and without pictures; blanks are ordinary ones.
///
/// What stays is what is checked and what is shown, so nothing is hidden between the two.
pub(in crate::llm) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = bullet(line);
        let line: String = line.nfc().filter(|c| !is_picture(*c)).collect();
        let line = line.replace("**", "").replace('`', "");
        out.extend(line.chars().map(|c| if is_blank(c) { ' ' } else { c }));
    }
    out
}

/// A line without the mark of a list or a heading. The blanks before it stay: they part it from what came before.
fn bullet(line: &str) -> &str {
    let rest = line.trim_start();
    let marked = rest.trim_start_matches('#');
    if marked.len() < rest.len() && marked.starts_with(' ') {
        return marked;
    }
    ["- ", "* ", "• "]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark))
        .unwrap_or(line)
}

/// Pictographs, their joiners and flags.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{2775}' | '\u{2794}'..='\u{27bf}' | '\u{fe0f}' | '\u{200d}')
}

fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | '\r' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}'
    )
}

/// Marks of prose and of addresses, which are checked as such.
const MARKS: &str = " \n.,;:!?'\"()-/%+&@€$£–—‑„“”’‘«»…_=#~";

/// Whether every character is one that Polish, English and German prose needs. Digits of other scripts, letters that
/// look like ours, invisible characters, markup: none of them is.
pub(super) fn is_prose(text: &str) -> bool {
    let mut before = ' ';
    text.chars().all(|c| {
        let is_square = matches!(c, '²' | '³') && matches!(before, 'm' | 'M');
        before = c;
        c.is_ascii_alphanumeric()
            || is_square
            || matches!(c, '\u{c0}'..='\u{17f}' if c != '×' && c != '÷')
            || MARKS.contains(c)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_and_pictures_go_and_words_stay() {
        assert_eq!(tidy("## Ceny\n- **949** zł 🙂"), " Ceny\n949 zł ");
        assert_eq!(tidy("9🙂49\u{a0}zł"), "949 zł");
        assert_eq!(tidy("Zażółć"), "Zażółć");
        assert_eq!(tidy("z\u{307}ółty"), "żółty");
    }

    #[test]
    fn prose_of_all_three_languages_passes_and_disguises_do_not() {
        for text in [
            "Zażółć gęślą jaźń – „od 949 zł/m²”…",
            "It's fine (really), isn't it?",
            "Schöne Grüße, Straße!",
            "https://example.com/a?b=1#c",
        ] {
            assert!(is_prose(text), "{text}");
        }
        for text in [
            "９４９",
            "٩٤٩",
            "①",
            "Ⅳ",
            "5\u{20e3}",
            "9\u{200b}49",
            "9\u{ad}49",
            "1\u{301}",
            "х",
            "ο",
            "三",
            "½",
            "x²",
            "<b>",
            "[a](b)",
            "a\\b",
            "\u{202e}949",
            "{1}",
            "a|b",
            "10^3",
            "°",
        ] {
            assert!(!is_prose(text), "{text}");
        }
    }
}
