//! Light markup (`CommonMark` without HTML) to HTML for mail programs and to plain text, in one pass.
//!
//! Meanings of our own: a paragraph that is only a link is a button; a list is a box of details; what follows a rule is
//! small print; a line break is one. Values from outside are escaped ([`escape`]) before they get in, so they are text
//! wherever they stand.

use minijinja::HtmlEscape;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::layout::Company;

const PARAGRAPH: &str = "margin:0 0 16px";
const SMALL_PRINT: &str = "margin:0 0 8px;font-size:13px;line-height:20px;color:#5c6b66";
const HEADING: &str =
    "margin:0 0 16px;font-size:28px;line-height:36px;font-weight:700;letter-spacing:1px";
const QUOTED: &str = "margin:6px 0";
const ITEM: &str = "margin:6px 0";
const LINK: &str = "color:#17332d;text-decoration:underline";
const RULE: &str = "<hr style=\"border:0;border-top:1px solid #e1e7e5;margin:24px 0 16px\">\n";
const BOX_BEGIN: &str = "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
     style=\"margin:0 0 20px\"><tr><td bgcolor=\"#f1f5f4\" style=\"background:#f1f5f4;border-radius:8px;\
     padding:10px 18px\">\n";
const BOX_END: &str = "</td></tr></table>\n";
const QUOTE_BEGIN: &str = "<blockquote style=\"margin:0 0 20px;padding:2px 0 2px 16px;border-left:4px solid #b9cbc5;\
     color:#3d4d48\">\n";
/// Where a link may lead; the markup's author is trusted, but not with scripts.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// A body in both forms.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) html: String,
    pub(super) text: String,
}

/// Makes `value` text at any place of the markup: every sign that could mean something gets a backslash, a line break
/// stays one, other control characters go.
pub(super) fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 8);
    for (number, line) in value.trim().lines().enumerate() {
        if number > 0 {
            escaped.push_str("\\\n");
        }
        for c in line.trim().chars() {
            if c.is_ascii_punctuation() {
                escaped.push('\\');
            }
            if c == '\t' {
                escaped.push(' ');
            } else if !c.is_control() {
                escaped.push(c);
            }
        }
    }
    escaped
}

/// Writes `markup` in both forms, buttons in the company's colours.
pub(super) fn write(markup: &str, company: &Company) -> Body {
    let events: Vec<Event<'_>> = Parser::new(markup).collect();
    let mut writer = Writer {
        company,
        body: Body::default(),
        quotes: Vec::new(),
        link: None,
        in_item: false,
        is_button: false,
        is_small: false,
    };
    for (index, event) in events.iter().enumerate() {
        if matches!(event, Event::Start(Tag::Paragraph)) {
            writer.is_button = !writer.in_item && is_one_link(&events[index + 1..]);
        }
        writer.event(event);
    }
    let mut body = writer.body;
    body.text = tidy(&body.text);
    body
}

/// A paragraph whose events follow consists of one link.
fn is_one_link(events: &[Event<'_>]) -> bool {
    let end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Link));
    matches!(
        events.first(),
        Some(Event::Start(Tag::Link { dest_url, .. })) if is_safe(dest_url)
    ) && events
        .iter()
        .position(end)
        .is_some_and(|index| matches!(events.get(index + 1), Some(Event::End(TagEnd::Paragraph))))
}

fn is_safe(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| url.starts_with(scheme))
}

/// At most one empty line, none at the ends, no spaces at ends of lines.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}

struct Writer<'a> {
    company: &'a Company,
    body: Body,
    /// Where in the text each open quotation begins.
    quotes: Vec<usize>,
    /// The open link: where it leads, and where in the text its words begin.
    link: Option<(String, usize)>,
    in_item: bool,
    is_button: bool,
    is_small: bool,
}

impl Writer<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            // HTML, code and whatever else the owner writes is shown as it stands.
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.words(text),
            Event::SoftBreak | Event::HardBreak => {
                self.body.html.push_str("<br>\n");
                self.body.text.push('\n');
            }
            Event::Rule => {
                self.body.html.push_str(RULE);
                self.body.text.push_str("---\n\n");
                self.is_small = true;
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn words(&mut self, words: &str) {
        self.body.html.push_str(&HtmlEscape(words).to_string());
        self.body.text.push_str(words);
    }

    fn open(&mut self, tag: &str, style: &str) {
        let parts = ["<", tag, " style=\"", style, "\">"];
        self.body.html.extend(parts);
    }

    fn paragraph(&self) -> &'static str {
        if !self.quotes.is_empty() {
            QUOTED
        } else if self.is_small {
            SMALL_PRINT
        } else {
            PARAGRAPH
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock | Tag::CodeBlock(_)
                if !self.in_item && !self.is_button =>
            {
                self.open("p", self.paragraph());
            }
            Tag::Heading { .. } => self.open("h1", HEADING),
            Tag::BlockQuote(_) => {
                self.body.html.push_str(QUOTE_BEGIN);
                self.quotes.push(self.body.text.len());
            }
            Tag::List(_) => self.body.html.push_str(BOX_BEGIN),
            Tag::Item => {
                self.in_item = true;
                self.open("p", ITEM);
                self.body.text.push_str("- ");
            }
            Tag::Strong => self.body.html.push_str("<strong>"),
            Tag::Emphasis => self.body.html.push_str("<em>"),
            Tag::Link { dest_url, .. } if is_safe(dest_url) => self.start_link(dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock | TagEnd::CodeBlock if !self.in_item => {
                if !self.is_button {
                    self.body.html.push_str("</p>\n");
                }
                self.is_button = false;
                self.body.text.push_str("\n\n");
            }
            TagEnd::Heading(_) => {
                self.body.html.push_str("</h1>\n");
                self.body.text.push_str("\n\n");
            }
            TagEnd::BlockQuote(_) => self.end_quote(),
            TagEnd::List(_) => {
                self.body.html.push_str(BOX_END);
                self.body.text.push('\n');
            }
            TagEnd::Item => {
                self.in_item = false;
                self.body.html.push_str("</p>\n");
                self.body.text.push('\n');
            }
            TagEnd::Strong => self.body.html.push_str("</strong>"),
            TagEnd::Emphasis => self.body.html.push_str("</em>"),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn start_link(&mut self, url: &str) {
        let href = HtmlEscape(url);
        let html = if self.is_button {
            let brand = HtmlEscape(&self.company.brand);
            let on_brand = HtmlEscape(&self.company.on_brand);
            format!(
                "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
                 style=\"margin:4px 0 24px\"><tr><td bgcolor=\"{brand}\" style=\"background:{brand};border-radius:8px\">\
                 <a href=\"{href}\" style=\"display:inline-block;padding:12px 24px;border-radius:8px;\
                 color:{on_brand};font-weight:600;text-decoration:none\">"
            )
        } else {
            format!("<a href=\"{href}\" style=\"{LINK}\">")
        };
        self.body.html.push_str(&html);
        self.link = Some((url.to_owned(), self.body.text.len()));
    }

    fn end_link(&mut self) {
        let Some((url, begin)) = self.link.take() else {
            return;
        };
        self.body.html.push_str("</a>");
        if self.is_button {
            self.body.html.push_str(BOX_END);
            self.body.text.extend([":\n", &url]);
        } else if !url.ends_with(&self.body.text[begin..]) {
            self.body.text.extend([" (", &url, ")"]);
        }
    }

    fn end_quote(&mut self) {
        self.body.html.push_str("</blockquote>\n");
        let begin = self.quotes.pop().unwrap_or_default();
        let quoted = self.body.text.split_off(begin);
        for line in quoted.trim_end().lines() {
            self.body.text.push_str("> ");
            self.body.text.push_str(line);
            self.body.text.push('\n');
        }
        self.body.text.push('\n');
    }
}

#[cfg(test)]
#[path = "markup_tests.rs"]
mod tests;
