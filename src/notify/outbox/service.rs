//! Use cases: writing, sending, trying again.

use std::sync::Arc;

use jiff::Timestamp;

use super::alarm::alarm;
use super::leaving::{answered_to, as_it_leaves, unsubscribe_url};
use super::model::{Channel, Delivery, NewDelivery, Recipient, State};
use super::refusal::{Refused, refused_since};
use super::store::{self, ListFilter, NewRow};
use super::words::{self, AllWords};
use super::{About, NotifyError, sms_status};
use crate::knowledge::{Knowledge, Snapshot};
use crate::nlu::Lang;
use crate::notify::mail::{HeaderText, Mail, Mailer, Person, UnsubscribeUrl};
use crate::notify::messages::{
    self, Company, Ground, Letter, Message, MessageError, Name, OwnWords, Rendered,
};
use crate::notify::sms::{Prepared, SmsProvider};
use crate::notify::{SendError, retry};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::jobs::{HandlerError, NewJob, enqueue};
use crate::platform::secrets::{Secrets, random_bytes};
use crate::rodo::{self, RodoError};
use crate::settings::Settings;

/// The job that sends one message; its payload is the message's number.
pub const DELIVER_JOB: &str = "notify.deliver";
/// Messages tried again by one request.
const RETRIED_MAX: i64 = 1_000;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Why a message is refused, as the list of messages says it.
const NO_CONSENT: &str = "no consent";
const UNWANTED: &str = "no more of its kind are wanted";
/// Colours of letters while the company has none of its own: those of the pages.
const BRAND: (&str, &str) = ("#1d4a42", "#ffffff");

/// What sending needs.
pub struct NotifyParts {
    /// Where messages are kept.
    pub store: Store,
    /// Who writes.
    pub knowledge: Knowledge,
    /// Where the team is reached.
    pub settings: Settings,
    /// The mail server, where one is set.
    pub mailer: Option<Mailer>,
    /// The provider of text messages, where one is set.
    pub sms: Option<SmsProvider>,
    /// Where this server is reached, without a slash at the end.
    pub base_url: String,
    /// What signed links are made with.
    pub secrets: Secrets,
}

/// Messages to people. Cheap to clone.
#[derive(Clone)]
pub struct Notify(pub(super) Arc<NotifyParts>);

/// Where a message came to.
enum Handed {
    Sent { provider_id: Option<String> },
    NotConfigured(&'static str),
    Refused(&'static str),
}

/// See [`super::queue`].
pub(super) fn queue(tx: &mut dyn Tx, new: &NewDelivery<'_>, now_ms: i64) -> Result<(), DbError> {
    let about = new.about.as_ref().map(About::to_string);
    let row = NewRow {
        key: &new.key,
        message: new.message,
        lang: new.lang,
        to: &new.to,
        about: about.as_deref(),
        calendar: new.calendar.as_ref(),
    };
    write(tx, &row, now_ms)
}

fn write(tx: &mut dyn Tx, row: &NewRow<'_>, now_ms: i64) -> Result<(), DbError> {
    match store::insert(tx, row, now_ms)? {
        Some(id) => enqueue_delivery(tx, id, now_ms),
        None => Ok(()),
    }
}

fn enqueue_delivery(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: DELIVER_JOB,
        payload_json: &id.to_string(),
        dedupe_key: Some(&format!("delivery:{id}")),
    };
    enqueue(tx, &job, now_ms)
}

impl Notify {
    /// Wires the slice.
    pub fn new(parts: NotifyParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Sends what the job names. A message whose sending was not noted is sent again, under the same key.
    pub async fn deliver(&self, payload_json: &str) -> Result<(), HandlerError> {
        let id: i64 = payload_json
            .parse()
            .map_err(|_| HandlerError::Final("the payload is no number".into()))?;
        let read = self.0.store.read(move |tx| store::delivery(tx, id)).await?;
        let Some(delivery) = read.filter(|delivery| delivery.state == State::Pending) else {
            return Ok(());
        };
        let Recipient::Person { address, name } = &delivery.to else {
            return self.hand_on(delivery).await;
        };
        match self.send(&delivery, address, name).await {
            Ok(handed) => self.settle(id, delivery.channel, handed).await,
            Err(error) => self.failed(delivery, error).await,
        }
    }

    /// Writes a message for each of the team's addresses.
    async fn hand_on(&self, delivery: Delivery) -> Result<(), HandlerError> {
        let addresses = self.0.settings.notices_to().await?;
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            if addresses.is_empty() {
                let why = Some("no address for notices is set");
                return store::end(tx, delivery.id, State::NotConfigured, None, why, now);
            }
            let about = delivery.about.as_deref();
            for (number, address) in addresses.into_iter().enumerate() {
                if store::is_told(tx, about, &delivery.message, &address)? {
                    continue;
                }
                let to = Recipient::Person {
                    address,
                    name: String::new(),
                };
                let row = NewRow {
                    key: &format!("{}:{number}", delivery.key),
                    message: &delivery.message,
                    lang: delivery.lang,
                    to: &to,
                    about,
                    calendar: delivery.calendar.as_ref(),
                };
                self::write(tx, &row, now)?;
            }
            store::end(tx, delivery.id, State::HandedOn, None, None, now)
        });
        Ok(write.await?)
    }

    async fn send(
        &self,
        delivery: &Delivery,
        address: &str,
        name: &str,
    ) -> Result<Handed, SendError> {
        let own = self.0.store.read(words::load).await;
        let own = own.map_err(|_| SendError::temporary("the database cannot be read"))?;
        if let Some(why) = self.refusal(delivery.message.name(), address).await? {
            return Ok(Handed::Refused(why));
        }
        let (base_url, secrets) = (&self.0.base_url, &self.0.secrets);
        let message = as_it_leaves(&delivery.message, address, base_url, secrets);
        let unsubscribe = unsubscribe_url(&message);
        let rendered = self.render(&message, delivery.lang, &own);
        let rendered = rendered.map_err(|error| SendError::permanent(error.to_string()))?;
        match rendered {
            Rendered::Letter(letter) => {
                let to = (address, name);
                self.mail(delivery, letter, to, unsubscribe).await
            }
            Rendered::Sms(text) => self.text(delivery, &text, address).await,
        }
    }

    async fn mail(
        &self,
        delivery: &Delivery,
        letter: Letter,
        (address, name): (&str, &str),
        list_unsubscribe: Option<UnsubscribeUrl>,
    ) -> Result<Handed, SendError> {
        let Some(mailer) = &self.0.mailer else {
            return Ok(Handed::NotConfigured("no mail server is set"));
        };
        let to = Person {
            address: address
                .parse()
                .map_err(|_| SendError::permanent("the address cannot be written to"))?,
            name: HeaderText::clean(name),
        };
        let sent = mailer
            .send(&Mail {
                to,
                subject: HeaderText::clean(&letter.subject),
                text: letter.text,
                html: letter.html,
                reply_to: answered_to(&delivery.message),
                list_unsubscribe,
                key: delivery.key.clone(),
                attachments: Vec::new(),
                calendar: delivery.calendar.clone(),
            })
            .await?;
        Ok(Handed::Sent {
            provider_id: Some(sent.message_id),
        })
    }

    async fn text(
        &self,
        delivery: &Delivery,
        text: &str,
        number: &str,
    ) -> Result<Handed, SendError> {
        let Some(provider) = &self.0.sms else {
            return Ok(Handed::NotConfigured("no provider of text messages is set"));
        };
        let text = Prepared::new(text).map_err(|error| SendError::permanent(error.to_string()))?;
        let provider_id = match provider.send(number, &text, &delivery.key).await {
            Ok(accepted) => accepted.provider_id,
            Err(SendError::Uncertain { what }) => {
                let since = Timestamp::from_millisecond(delivery.created_at_ms);
                let since = since.unwrap_or(Timestamp::UNIX_EPOCH);
                let found = provider.find(number, &text, since).await?;
                Some(found.ok_or(SendError::Uncertain { what })?)
            }
            Err(error) => return Err(error),
        };
        Ok(Handed::Sent { provider_id })
    }

    async fn settle(&self, id: i64, channel: Channel, handed: Handed) -> Result<(), HandlerError> {
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            match handed {
                Handed::Sent { provider_id } => {
                    if channel == Channel::Sms && provider_id.is_some() {
                        sms_status::follow(tx, id, now)?;
                    }
                    store::end(tx, id, State::Sent, provider_id.as_deref(), None, now)
                }
                Handed::NotConfigured(why) => {
                    store::end(tx, id, State::NotConfigured, None, Some(why), now)
                }
                Handed::Refused(why) => store::end(tx, id, State::Refused, None, Some(why), now),
            }
        });
        Ok(write.await?)
    }

    /// Notes a failed try, and says when the next one is; what is given up is told to the team.
    async fn failed(&self, delivery: Delivery, error: SendError) -> Result<(), HandlerError> {
        let id = delivery.id;
        let why = error.to_string();
        let state = match error {
            SendError::Temporary { retry_after, .. } => {
                let random = random_bytes().map_or(0, u32::from_le_bytes);
                if let Some(after) = retry::wait(delivery.attempts + 1, retry_after, random) {
                    let noted = why.clone();
                    let write = self
                        .0
                        .store
                        .write(move |tx| store::failed_once(tx, id, &noted));
                    write.await?;
                    return Err(HandlerError::Later { why, after });
                }
                State::Failed
            }
            SendError::Permanent { .. } => State::Failed,
            SendError::Uncertain { .. } => State::Uncertain,
        };
        let is_told = delivery.message.name() != Name::Alarm;
        let (noted, knowledge) = (why.clone(), self.0.knowledge.clone());
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            store::failed_once(tx, id, &noted)?;
            store::end(tx, id, state, None, Some(&noted), now)?;
            if is_told {
                tell_unsent(tx, &knowledge, now)?;
            }
            Ok::<_, DbError>(())
        });
        write.await?;
        Err(HandlerError::Final(why))
    }

    /// The language the company writes in where nobody's own is known.
    fn first_lang(&self) -> Lang {
        self.0.knowledge.snapshot().offered().first()
    }

    /// Why a message may not be sent to an address at this moment; `None`: it may.
    async fn refusal(&self, name: Name, address: &str) -> Result<Option<&'static str>, SendError> {
        let (address, secrets) = (address.to_owned(), self.0.secrets.clone());
        let read = self.0.store.read(move |tx| {
            let (may_be_sent, otherwise) = match name.ground() {
                Ground::Service => return Ok(None),
                Ground::NotRefused => {
                    let since = refused_since(tx, Refused::Message(name), &address)?;
                    (since.is_none(), UNWANTED)
                }
                Ground::Consent(purpose) => {
                    let has_consent = rodo::has_consent(tx, purpose, &address, &secrets)?;
                    (has_consent, NO_CONSENT)
                }
            };
            Ok::<_, RodoError>((!may_be_sent).then_some(otherwise))
        });
        let read = read.await;
        read.map_err(|_| SendError::temporary("the database cannot be read"))
    }

    fn render(
        &self,
        message: &Message,
        lang: Option<Lang>,
        own: &AllWords,
    ) -> Result<Rendered, MessageError> {
        let lang = lang.unwrap_or_else(|| self.first_lang());
        let own = own.get(&words::key(message.name(), lang));
        let own = own.cloned().unwrap_or_default();
        messages::render(message, lang, &self.company(), &own)
    }

    /// Who writes, as letters say it.
    pub(super) fn company(&self) -> Company {
        company_of(&self.0.knowledge.snapshot())
    }

    /// A page of messages, the newest first, and how many there are.
    pub(super) async fn list(
        &self,
        filter: ListFilter,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Delivery>, i64), NotifyError> {
        let read = self
            .0
            .store
            .read(move |tx| store::list(tx, filter, limit, offset));
        Ok(read.await?)
    }

    /// Tries again what was not sent, or may not have been.
    pub(super) async fn retry(&self, id: i64) -> Result<Delivery, NotifyError> {
        let write = self.0.store.write(move |tx| {
            let there = store::delivery(tx, id)?.ok_or(NotifyError::NotFound)?;
            if !store::reopen(tx, there.id)? {
                return Err(NotifyError::NotUnsent);
            }
            enqueue_delivery(tx, id, now_ms())?;
            store::delivery(tx, id)?.ok_or(NotifyError::NotFound)
        });
        write.await
    }

    /// Tries again everything that was given up or could not be sent at all; answers how many, a thousand at most.
    pub(super) async fn retry_failed(&self) -> Result<usize, NotifyError> {
        let write = self.0.store.write(|tx| {
            let ids = store::unsent(tx, RETRIED_MAX)?;
            for id in &ids {
                store::reopen(tx, *id)?;
                enqueue_delivery(tx, *id, now_ms())?;
            }
            Ok::<_, DbError>(ids.len())
        });
        Ok(write.await?)
    }

    /// The owner's words.
    pub(super) async fn own_words(&self) -> Result<AllWords, NotifyError> {
        Ok(self.0.store.read(words::load).await?)
    }

    /// Puts the owner's words in place of the built-in ones; empty ones bring those back.
    ///
    /// Errors: they do not render.
    pub(super) async fn set_words(
        &self,
        name: Name,
        lang: Lang,
        own: OwnWords,
    ) -> Result<(), NotifyError> {
        messages::check(name, lang, &self.company(), &own)?;
        let write = self
            .0
            .store
            .write(move |tx| words::save(tx, name, lang, own, now_ms()));
        Ok(write.await?)
    }

    /// Whether letters can leave.
    pub fn has_mail_server(&self) -> bool {
        self.0.mailer.is_some()
    }

    /// How many messages were given up in the last 24 hours.
    pub async fn failed_in_a_day(&self) -> Result<i64, DbError> {
        let since_ms = now_ms() - 24 * HOUR_MS;
        let read = self
            .0
            .store
            .read(move |tx| store::failed_since(tx, since_ms));
        read.await
    }
}

/// Tells the team that something did not arrive: once an hour, since what breaks breaks for many.
pub(super) fn tell_unsent(
    tx: &mut dyn Tx,
    knowledge: &Knowledge,
    now_ms: i64,
) -> Result<(), DbError> {
    let key = format!("alarm:deliveries:{}", now_ms / HOUR_MS);
    alarm(tx, &knowledge.snapshot(), key, unsent_words, now_ms)
}

fn unsent_words(lang: Lang) -> (&'static str, &'static str) {
    match lang {
        Lang::Pl => (
            "Wiadomość nie została wysłana",
            "Co najmniej jednej wiadomości nie udało się dostarczyć. Przyczyna jest na liście wiadomości; tam można \
             wysłać ją ponownie.",
        ),
        Lang::En => (
            "A message was not sent",
            "At least one message could not be delivered. The list of messages says why, and there it can be sent \
             again.",
        ),
        Lang::De => (
            "Eine Nachricht wurde nicht gesendet",
            "Mindestens eine Nachricht konnte nicht zugestellt werden. Den Grund nennt die Liste der Nachrichten, \
             dort lässt sie sich erneut senden.",
        ),
    }
}

/// Who writes, as letters say it.
pub(super) fn company_of(snapshot: &Snapshot) -> Company {
    let company = snapshot.company();
    let (brand, on_brand) = snapshot.brand().unwrap_or_else(|| {
        let (brand, on_brand) = BRAND;
        (brand.to_owned(), on_brand.to_owned())
    });
    Company {
        name: company.name.clone(),
        website: company.website.clone(),
        email: company.email.clone(),
        phone: company.phone_display.clone(),
        brand,
        on_brand,
    }
}
