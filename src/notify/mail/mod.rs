//! E-mail over SMTP.

mod compose;
mod mailer;
mod model;
mod settings;

pub use mailer::{Mailer, Sent};
pub use model::{
    AddressError, Attachment, Calendar, EmailAddress, HeaderText, Mail, Person, UnsubscribeUrl,
};
pub use settings::{SettingsError, SmtpCredentials, SmtpSettings};
