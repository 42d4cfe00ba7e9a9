//! /api/messages: the words of letters and text messages, for the owner to change.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::service::Notify;
use super::words::{AllWords, key};
use super::{NotifyError, Section};
use crate::knowledge::named_lang;
use crate::nlu::Lang;
use crate::notify::messages::{Name, OwnWords, Rendered, built_in, render, sample, values_of};
use crate::platform::http::{Owner, Problem};

/// The endpoints.
pub struct MessagesApi(pub Notify);

/// The words of a message in one language. What is missing stays as it is built in.
#[derive(Debug, Clone, Object)]
#[oai(example)]
struct TemplateWords {
    /// Of a letter; a text message has none. At most 200 characters.
    subject: Option<String>,
    /// Light markup (paragraphs, lists, `**bold**`, `[link](https://…)`) with the message's values as `{{ name }}`; of a text
    /// message plain text. At most 20 kB.
    body: Option<String>,
}

impl Example for TemplateWords {
    fn example() -> Self {
        Self {
            subject: Some("Dziękujemy za wiadomość do {{ company.name }}".into()),
            body: None,
        }
    }
}

/// A message in one language.
#[derive(Debug, Object)]
struct TemplateView {
    /// E.g. `lead_confirmation`.
    name: String,
    /// `pl`, `en` or `de`.
    lang: String,
    /// It is a text message, not a letter.
    is_sms: bool,
    /// What its words may name, besides `company`.
    values: Vec<String>,
    /// What it says now.
    words: TemplateWords,
    /// The words are the owner's, at least in part.
    is_own: bool,
}

#[derive(Debug, Object)]
struct TemplateList {
    success: bool,
    messages: Vec<TemplateView>,
}

/// A message with examples in place of its values.
#[derive(Debug, Object)]
struct TemplatePreview {
    success: bool,
    /// Of a letter.
    subject: Option<String>,
    /// As plain text.
    text: String,
    /// Of a letter.
    html: Option<String>,
}

#[OpenApi(prefix_path = "/api/messages", tag = "Section::Messages")]
impl MessagesApi {
    /// Every message in every language with its words.
    #[oai(path = "/", method = "get", operation_id = "list_message_words")]
    async fn list(&self, _by: Owner) -> Result<Json<TemplateList>, Problem> {
        let own = self.0.own_words().await?;
        let messages = Name::ALL.iter().flat_map(|name| {
            let of_lang = |lang| view(*name, lang, &own);
            Lang::ALL.into_iter().map(of_lang)
        });
        Ok(Json(TemplateList {
            success: true,
            messages: messages.collect(),
        }))
    }

    /// Put own words in place of the built-in ones; without any, the built-in ones come back.
    #[oai(
        path = "/:name/:lang",
        method = "put",
        operation_id = "set_message_words"
    )]
    async fn set(
        &self,
        _by: Owner,
        name: Path<String>,
        lang: Path<String>,
        body: Json<TemplateWords>,
    ) -> Result<Json<TemplateView>, Problem> {
        let (name, lang) = which(&name.0, &lang.0)?;
        self.0.set_words(name, lang, own_words(body.0)).await?;
        Ok(Json(view(name, lang, &self.0.own_words().await?)))
    }

    /// See what a message would look like with these words, without keeping them.
    #[oai(
        path = "/:name/:lang/preview",
        method = "post",
        operation_id = "preview_message"
    )]
    async fn preview(
        &self,
        _by: Owner,
        name: Path<String>,
        lang: Path<String>,
        body: Json<TemplateWords>,
    ) -> Result<Json<TemplatePreview>, Problem> {
        let (name, lang) = which(&name.0, &lang.0)?;
        let example = sample(name, lang, true);
        let rendered = render(&example, lang, &self.0.company(), &own_words(body.0))
            .map_err(NotifyError::from)?;
        Ok(Json(match rendered {
            Rendered::Letter(letter) => TemplatePreview {
                success: true,
                subject: Some(letter.subject),
                text: letter.text,
                html: Some(letter.html),
            },
            Rendered::Sms(text) => TemplatePreview {
                success: true,
                subject: None,
                text,
                html: None,
            },
        }))
    }
}

fn which(name: &str, lang: &str) -> Result<(Name, Lang), Problem> {
    let name: Name = name.parse().map_err(NotifyError::from)?;
    Ok((name, named_lang(lang)?))
}

fn own_words(words: TemplateWords) -> OwnWords {
    OwnWords {
        subject: words.subject,
        body: words.body,
    }
}

fn view(name: Name, lang: Lang, own: &AllWords) -> TemplateView {
    let own = own.get(&key(name, lang));
    let built_in = built_in(name, lang);
    let (subject, body) = own.map_or((None, None), |own| (own.subject.clone(), own.body.clone()));
    TemplateView {
        name: name.to_string(),
        lang: lang.code().to_owned(),
        is_sms: name.is_sms(),
        values: values_of(name),
        words: TemplateWords {
            subject: subject.or(built_in.subject),
            body: body.or(built_in.body),
        },
        is_own: own.is_some(),
    }
}
