//! From a [`Mail`] to what goes over the wire (RFC 5322, MIME).

use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, Mailbox, MultiPart, SinglePart};

use super::model::{Attachment, Mail, Person};
use crate::notify::{SendError, key};

/// The `Message-ID` of a letter: always the same for the same key and sender.
pub(super) fn message_id(mail_key: &str, from: &Person) -> String {
    format!("<{}@{}>", key::digest(mail_key), from.address.domain())
}

/// Puts the letter together.
///
/// Errors: permanent, when it cannot be.
pub(super) fn compose(mail: &Mail, from: &Person, at: SystemTime) -> Result<Message, SendError> {
    let mut builder = Message::builder()
        .from(mailbox(from))
        .to(mailbox(&mail.to))
        .subject(mail.subject.as_str())
        .date(at)
        .message_id(Some(message_id(&mail.key, from)))
        // RFC 3834: no automatic answers to automatic letters.
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(person) = &mail.reply_to {
        builder = builder.reply_to(mailbox(person));
    }
    if let Some(url) = &mail.list_unsubscribe {
        builder = builder
            .raw_header(header("List-Unsubscribe", &format!("<{}>", url.as_str())))
            .raw_header(header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click",
            ));
    }
    let body = body(mail)?;
    builder
        .multipart(body)
        .map_err(|_| SendError::permanent("the letter cannot be put together"))
}

fn mailbox(person: &Person) -> Mailbox {
    Mailbox::new(person.name.some(), person.address.inner().clone())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn body(mail: &Mail) -> Result<MultiPart, SendError> {
    let mut bodies = MultiPart::alternative()
        .singlepart(SinglePart::plain(mail.text.clone()))
        .singlepart(SinglePart::html(mail.html.clone()));
    let mut files = Vec::new();
    for attachment in &mail.attachments {
        files.push(file(attachment)?);
    }
    if let Some(calendar) = &mail.calendar {
        let kind = format!("text/calendar; charset=utf-8; method={}", calendar.method());
        let kind = ContentType::parse(&kind)
            .map_err(|_| SendError::permanent("the invitation cannot be put together"))?;
        let event = SinglePart::builder().header(kind.clone());
        bodies = bodies.singlepart(event.body(calendar.as_str().to_owned()));
        files.push(Part::new("invite.ics".to_owned()).body(calendar.as_str().to_owned(), kind));
    }
    if files.is_empty() {
        return Ok(bodies);
    }
    let whole = MultiPart::mixed().multipart(bodies);
    Ok(files.into_iter().fold(whole, MultiPart::singlepart))
}

fn file(attachment: &Attachment) -> Result<SinglePart, SendError> {
    // A parsed media type is written out as it came: a line break in it would be one in the header.
    let text = &attachment.content_type;
    let kind = ContentType::parse(text).ok();
    let kind = kind.filter(|_| !text.contains(char::is_control));
    let kind = kind.ok_or_else(|| SendError::permanent("an attachment has no media type"))?;
    let name = attachment.name.as_str().replace(['/', '\\', '"'], "_");
    Ok(Part::new(name).body(attachment.bytes.clone(), kind))
}
