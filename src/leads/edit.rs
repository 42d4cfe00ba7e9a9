//! What the team changes of a lead. Pure.

use super::cleaning::{self, NAME_MAX_CHARS, SHORT_MAX_CHARS, TEXT_MAX_CHARS};
use super::model::{Lead, Status};
use super::{Email, LeadError, Phone, rules};

/// A field of an edit.
#[derive(Debug, Clone, Default)]
pub(super) enum Field<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes that; `None` empties it.
    Set(Option<T>),
}

impl<T> Field<T> {
    /// The same with another value.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Keep => Field::Keep,
            Self::Set(value) => Field::Set(value.map(change)),
        }
    }

    fn put(self, place: &mut Option<T>) {
        if let Self::Set(value) = self {
            *place = value;
        }
    }

    fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => value.as_ref(),
            Self::Keep => None,
        }
    }
}

impl Field<String> {
    fn cleaned(self, name: &'static str, max_chars: usize) -> Result<Self, LeadError> {
        Ok(match self {
            Self::Keep => Self::Keep,
            Self::Set(text) => Self::Set(cleaning::optional(name, text.as_deref(), max_chars)?),
        })
    }
}

/// What changes; what is not named stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Edit {
    pub(super) name: Option<String>,
    pub(super) email: Field<Email>,
    pub(super) phone: Field<Phone>,
    pub(super) interested_package: Field<String>,
    pub(super) property_size: Field<f64>,
    pub(super) property_type: Field<String>,
    pub(super) location: Field<String>,
    pub(super) budget: Field<i64>,
    pub(super) message: Field<String>,
    pub(super) additional_info: Field<String>,
    pub(super) status: Option<Status>,
    pub(super) lost_reason: Option<String>,
    pub(super) assigned_to: Field<i64>,
    pub(super) tags: Option<Vec<String>>,
    /// A further note.
    pub(super) note: Option<String>,
}

impl Edit {
    /// Brings every value to NFC and within bounds.
    pub(super) fn checked(mut self) -> Result<Self, LeadError> {
        self.name = (self.name.as_deref())
            .map(|name| cleaning::text("name", name, NAME_MAX_CHARS))
            .transpose()?;
        self.interested_package = self
            .interested_package
            .cleaned("interested_package", SHORT_MAX_CHARS)?;
        self.property_type = self
            .property_type
            .cleaned("property_type", SHORT_MAX_CHARS)?;
        self.location = self.location.cleaned("location", SHORT_MAX_CHARS)?;
        // A lead that was joined often holds more than one person writes at a time.
        self.message = self.message.cleaned("message", rules::FULL_FROM_BYTES)?;
        self.additional_info = self
            .additional_info
            .cleaned("additional_info", rules::FULL_FROM_BYTES)?;
        if let Some(m2) = self.property_size.set() {
            cleaning::property_size(*m2)?;
        }
        if let Some(budget) = self.budget.set() {
            cleaning::budget(*budget)?;
        }
        self.lost_reason =
            cleaning::optional("lost_reason", self.lost_reason.as_deref(), SHORT_MAX_CHARS)?;
        self.tags = self.tags.as_deref().map(cleaning::tags).transpose()?;
        self.note = cleaning::optional("notes", self.note.as_deref(), TEXT_MAX_CHARS)?;
        Ok(self)
    }

    /// Puts the values into a lead; the caller keeps the note.
    ///
    /// Errors: nobody could be reached any more, or it would be lost without a reason.
    pub(super) fn apply(self, lead: &mut Lead) -> Result<(), LeadError> {
        if let Some(name) = self.name {
            lead.name = name;
        }
        self.email.put(&mut lead.email);
        self.phone.put(&mut lead.phone);
        if lead.email.is_none() && lead.phone.is_none() {
            return Err(LeadError::NoContact);
        }
        self.interested_package.put(&mut lead.interested_package);
        self.property_size.put(&mut lead.property_size);
        self.property_type.put(&mut lead.property_type);
        self.location.put(&mut lead.location);
        self.budget.put(&mut lead.budget);
        self.message.put(&mut lead.message);
        self.additional_info.put(&mut lead.additional_info);
        self.assigned_to.put(&mut lead.assigned_to);
        if let Some(tags) = self.tags {
            lead.tags = tags;
        }
        if self.status.is_some() || self.lost_reason.is_some() {
            set_status(lead, self.status.unwrap_or(lead.status), self.lost_reason)?;
        }
        rules::set_score(lead);
        Ok(())
    }
}

/// Moves a lead on; answers whether that changed anything.
///
/// * `reason`: why it is lost; another status takes none.
/// * Errors: it would be lost without a reason, or has one without being lost.
pub(super) fn set_status(
    lead: &mut Lead,
    status: Status,
    reason: Option<String>,
) -> Result<bool, LeadError> {
    let is_lost = status == Status::Lost;
    if !is_lost && reason.is_some() {
        let why = "only goes with the status lost";
        return Err(LeadError::Field("lost_reason", why.into()));
    }
    let known = lead.lost_reason.clone();
    let reason = reason.or(known.clone().filter(|_| is_lost));
    if is_lost && reason.is_none() {
        let why = "is needed for the status lost";
        return Err(LeadError::Field("lost_reason", why.into()));
    }
    let is_changed = lead.status != status || known != reason;
    lead.status = status;
    lead.lost_reason = reason;
    Ok(is_changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::model::{NewLead, Source};

    #[test]
    fn a_reason_goes_with_lost_alone_and_stays_until_another_status() {
        let mut lead = rules::first(NewLead::new("Anna", Source::Form), 0);
        let reason = || Some("cena".to_owned());
        assert!(set_status(&mut lead, Status::Lost, None).is_err());
        assert!(set_status(&mut lead, Status::Contacted, reason()).is_err());
        assert_eq!(lead.status, Status::New);
        assert!(set_status(&mut lead, Status::Lost, reason()).unwrap());
        assert!(!set_status(&mut lead, Status::Lost, None).unwrap());
        assert_eq!(lead.lost_reason, reason());
        assert!(set_status(&mut lead, Status::Lost, Some("czas".into())).unwrap());
        assert!(set_status(&mut lead, Status::New, None).unwrap());
        assert_eq!((lead.status, lead.lost_reason), (Status::New, None));
    }
}
