//! What the forms of uploads hold.

use std::borrow::Cow;

use poem::web::Field;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::multipart::Upload as Part;
use poem_openapi::types::{ParseError, ParseFromMultipartField, ParseResult, Type};
use tokio::io::AsyncReadExt;

use super::UploadError;
use super::rules::Exceeded;

/// Longest text of a form, in bytes; a caption has 2,000 characters.
const TEXT_MAX_BYTES: u64 = 16 * 1024;

/// A picture as it was sent. It lies in a file without a name until it is read, so that waiting ones take no memory.
#[derive(Debug)]
pub struct SentPicture(Part);

impl SentPicture {
    /// As the sender calls it.
    pub fn name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// What the sender says it is.
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type()
    }

    /// All of it.
    ///
    /// Errors: it is longer than `max_bytes`.
    pub async fn read(self, max_bytes: u64) -> Result<Vec<u8>, UploadError> {
        if self.0.size() as u64 > max_bytes {
            return Err(Exceeded::File.into());
        }
        let read = self.0.into_vec().await;
        read.map_err(|error| UploadError::Internal(error.to_string()))
    }
}

impl Type for SentPicture {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        Part::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        Part::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Part::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromMultipartField for SentPicture {
    async fn parse_from_multipart(field: Option<Field>) -> ParseResult<Self> {
        // A text under the name of a file is none.
        match field {
            Some(field) if field.file_name().is_none() => Err(ParseError::custom("must be a file")),
            field => Part::parse_from_multipart(field)
                .await
                .map(Self)
                .map_err(ParseError::propagate),
        }
    }
}

/// A text of a form, short enough to be held in memory.
#[derive(Debug, Clone)]
pub struct FormText(pub String);

impl Type for FormText {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        String::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        String::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromMultipartField for FormText {
    async fn parse_from_multipart(field: Option<Field>) -> ParseResult<Self> {
        let field = field.ok_or_else(ParseError::expected_input)?;
        let mut bytes = Vec::new();
        let mut text = field.into_async_read().take(TEXT_MAX_BYTES + 1);
        text.read_to_end(&mut bytes)
            .await
            .map_err(ParseError::custom)?;
        if bytes.len() as u64 > TEXT_MAX_BYTES {
            return Err(ParseError::custom("is too long"));
        }
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|_| ParseError::custom("must be UTF-8"))
    }
}
