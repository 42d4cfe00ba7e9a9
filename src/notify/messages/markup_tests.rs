use proptest::prelude::*;

use super::*;

fn company() -> Company {
    Company {
        name: "Company".into(),
        website: "https://example.com".into(),
        email: "office@example.com".into(),
        phone: "+48 000 000 000".into(),
        brand: "#1d4a42".into(),
        on_brand: "#ffffff".into(),
    }
}

fn written(markup: &str) -> Body {
    write(markup, &company())
}

#[test]
fn a_paragraph_that_is_one_link_is_a_button_and_its_address_stands_in_the_text() {
    let body = written("[Change](https://example.com/m/1?a=b&c=d)\n");
    assert!(body.html.contains("bgcolor=\"#1d4a42\""));
    assert!(
        body.html
            .contains("href=\"https:&#x2f;&#x2f;example.com&#x2f;m&#x2f;1?a=b&amp;c=d\""),
        "{}",
        body.html
    );
    assert_eq!(body.text, "Change:\nhttps://example.com/m/1?a=b&c=d\n");
    let body = written(
        "Or [change](https://example.com/m/1) it, or [a@example.com](mailto:a@example.com).",
    );
    assert!(!body.html.contains("bgcolor"));
    assert_eq!(
        body.text,
        "Or change (https://example.com/m/1) it, or a@example.com.\n"
    );
}

#[test]
fn lists_quotations_headings_and_small_print_have_both_forms() {
    let body = written("# 123\n\nA\nB\n\n- a: **b**\n- c\n\n> q\\\n> r\n\n---\n\nsmall\n");
    assert_eq!(
        body.text,
        "123\n\nA\nB\n\n- a: b\n- c\n\n> q\n> r\n\n---\n\nsmall\n"
    );
    for part in [
        "<h1",
        "A<br>\nB",
        "a: <strong>b</strong></p>",
        "<blockquote",
        "font-size:13px",
    ] {
        assert!(body.html.contains(part), "{part}: {}", body.html);
    }
}

#[test]
fn scripts_and_html_are_shown_and_not_run() {
    let body = written(
        "<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b>y</b>\n\n![z](https://example.com/z.png)",
    );
    assert!(!body.html.contains("<script") && !body.html.contains("<b>"));
    assert!(!body.html.contains("javascript:"));
    assert!(!body.html.contains("<img"));
    assert!(body.text.contains("<script>alert(1)</script>"));
}

#[test]
fn a_value_is_text_wherever_it_stands() {
    let hostile =
        "**a** [b](https://c.example) <i>d</i> `e` # f\n\n- g\n> h\n===\n\t1. i &amp; j\\";
    for (before, after) in [
        ("", ""),
        ("- x: **", "**"),
        ("> ", ""),
        ("[", "](https://x.example)"),
    ] {
        let body = written(&format!("{before}{}{after}", escape(hostile)));
        for part in [
            "**a** [b](https://c.example) <i>d</i> `e` # f",
            "- g",
            "===",
            "1. i &amp; j\\",
        ] {
            assert!(
                body.text.contains(part),
                "{before}: {part:?} in {:?}",
                body.text
            );
        }
        assert!(!body.html.contains("c.example\"") && !body.html.contains("<i>"));
    }
    let url = "https://example.com/a_b*c?d=(e)&f=%5Bg%5D";
    let body = written(&format!("[x]({})", escape(url)));
    assert_eq!(body.text, format!("x:\n{url}\n"));
}

proptest! {
    #[test]
    fn any_line_comes_through_as_it_is(value in "\\PC{0,60}") {
        let expected = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let body = written(&format!("a {} z", escape(&expected)));
        let text = body.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let expected = format!("a {expected} z");
        let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(text, expected);
        let tags = body.html.matches('<').count();
        prop_assert_eq!(tags, 2, "{}", body.html);
    }
}
