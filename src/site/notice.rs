//! The privacy notice as HTML: the `CommonMark` of the company's texts, without HTML of its own.

use minijinja::HtmlEscape;
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

/// Where a link may lead.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// Writes `markdown` as HTML; what means nothing here, and HTML itself, is shown as the text it is. A heading of the
/// first level is left out: it is the page's title.
pub(super) fn html(markdown: &str) -> String {
    let mut html = String::with_capacity(markdown.len() * 2);
    let mut is_title = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) => is_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => is_title = false,
            _ if is_title => {}
            Event::Start(tag) => html.push_str(&opening(&tag)),
            Event::End(end) => html.push_str(closing(end)),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                html.push_str(&HtmlEscape(&text).to_string());
            }
            Event::SoftBreak => html.push('\n'),
            Event::HardBreak => html.push_str("<br>"),
            Event::Rule => html.push_str("<hr>"),
            // Only with extensions, none of which is on.
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }
    html
}

fn opening(tag: &Tag<'_>) -> String {
    match tag {
        Tag::Paragraph => "<p>".into(),
        Tag::Heading {
            level: HeadingLevel::H2,
            ..
        } => "<h2>".into(),
        Tag::Heading { .. } => "<h3>".into(),
        Tag::List(None) => "<ul>".into(),
        Tag::List(Some(_)) => "<ol>".into(),
        Tag::Item => "<li>".into(),
        Tag::Strong => "<strong>".into(),
        Tag::Emphasis => "<em>".into(),
        Tag::BlockQuote(_) => "<blockquote>".into(),
        Tag::Link { dest_url, .. } => {
            let is_ours = dest_url.starts_with('/') && !dest_url.starts_with("//");
            let is_safe = is_ours || SCHEMES.iter().any(|scheme| dest_url.starts_with(scheme));
            let to = if is_safe { &**dest_url } else { "#" };
            format!("<a href=\"{}\">", HtmlEscape(to))
        }
        _ => String::new(),
    }
}

fn closing(end: TagEnd) -> &'static str {
    match end {
        TagEnd::Paragraph => "</p>\n",
        TagEnd::Heading(HeadingLevel::H2) => "</h2>\n",
        TagEnd::Heading(_) => "</h3>\n",
        TagEnd::List(false) => "</ul>\n",
        TagEnd::List(true) => "</ol>\n",
        TagEnd::Item => "</li>\n",
        TagEnd::Strong => "</strong>",
        TagEnd::Emphasis => "</em>",
        TagEnd::BlockQuote(_) => "</blockquote>\n",
        TagEnd::Link => "</a>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lists_and_links_become_html_and_html_stays_text() {
        let written = html(
            "# Title\n\n## Rights\n\n- **Copy:** see [here](/privacy)\n- [no](javascript:x)\n\n<script>alert(1)</script> & co",
        );
        assert!(
            !written.contains("Title") && !written.contains("<script"),
            "{written}"
        );
        for part in [
            "<h2>Rights</h2>",
            "<ul>",
            "<strong>Copy:</strong>",
            "href=\"#\"",
            "&lt;script",
        ] {
            assert!(written.contains(part), "{part}: {written}");
        }
        assert!(written.contains(">here</a>"), "{written}");
    }
}
