//! Use cases of visitors: one function, one transaction.

use std::net::IpAddr;

use super::late::{Later, cards};
use super::model::{HandledBy, Speaker, StoredMessage};
use super::session::{SessionId, VisitorSession};
use super::store;
use super::turn::{self, Turn, Understood, World};
use super::{ChatError, counted, hand_off};
use crate::accounts::reads::{self, View};
use crate::bookings::Bookings;
use crate::experiments::{self, Guard, Running};
use crate::knowledge::Knowledge;
use crate::leads::Leads;
use crate::live::Broadcast;
use crate::llm::Llm;
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::db::Store;
use crate::platform::http::{Caller, ClientAddress, clean_text};
use crate::platform::secrets::Secrets;
use crate::qualification::Quiz;
use crate::quotes::Quotes;
use crate::search::Search;
use crate::uploads::{Attachment, Uploads};

/// Longest message, in characters.
pub(super) const MESSAGE_MAX_CHARS: usize = 2_000;
/// Stands for no words where some are wanted.
pub(super) const NO_WORDS: &str = "-";
/// Highest rating that says that something went wrong.
const LOW_RATING_MAX: i64 = 2;
/// Most messages one history answer holds.
pub(super) const HISTORY_MAX: i64 = 500;

/// Conversations. Cheap to clone.
#[derive(Clone)]
pub struct Chat {
    pub(super) store: Store,
    pub(super) knowledge: Knowledge,
    pub(super) secrets: Secrets,
    pub(super) live: Broadcast,
    pub(super) leads: Leads,
    pub(super) quotes: Quotes,
    pub(super) bookings: Bookings,
    pub(super) quiz: Quiz,
    /// Where to look for what the assistant does not understand.
    pub(super) search: Search,
    /// Who is asked about it, if anybody.
    pub(super) llm: Option<Llm>,
    /// Takes pictures.
    pub(super) uploads: Uploads,
    /// What is tried out.
    pub(super) experiments: Running,
}

/// A visitor's message, checked.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// Whose conversation.
    pub session: SessionId,
    /// The words, or a button's payload.
    pub(super) text: String,
    pub(super) client_id: Option<String>,
    /// The language the client asked to be answered in.
    pub(super) lang: Option<Lang>,
    /// The language to suppose while the conversation has none.
    pub(super) hint: Option<Lang>,
    /// Where it came from, as limits count.
    pub(super) address: Option<IpAddr>,
    /// A picture that goes with it.
    pub(super) attachment: Option<Attachment>,
    /// The session was begun before, so its visitor was greeted.
    pub(super) was_greeted: bool,
}

/// A part of a conversation.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Id of the conversation; 0 when nothing was said yet.
    pub conversation_id: i64,
    /// The messages, in order.
    pub messages: Vec<StoredMessage>,
    /// Number of the newest message.
    pub last_seq: i64,
    /// Who answers now.
    pub handled_by: HandledBy,
    /// The person's name while one answers and it is known.
    pub agent_name: Option<String>,
}

impl Turn {
    /// Who answers after this turn.
    pub fn speaker(&self) -> Speaker<'_> {
        Speaker::new(self.handled_by, self.agent_name.as_deref())
    }
}

impl History {
    /// Who answers now.
    pub fn speaker(&self) -> Speaker<'_> {
        Speaker::new(self.handled_by, self.agent_name.as_deref())
    }
}

impl SendMessage {
    /// Checks a message.
    ///
    /// * `client_id`: a UUID; the same one again stores nothing twice.
    /// * Errors: the text is empty, longer than 2,000 characters or holds control characters; the id is no UUID.
    pub fn parse(
        session: SessionId,
        text: &str,
        client_id: Option<&str>,
        lang: Option<Lang>,
        hint: Option<Lang>,
    ) -> Result<Self, ChatError> {
        let text =
            clean_text(text, MESSAGE_MAX_CHARS).map_err(|why| ChatError::Text("message", why))?;
        let client_id = client_id
            .map(|id| {
                uuid::Uuid::try_parse(id)
                    .map(|id| id.to_string())
                    .map_err(|_| ChatError::Field("client_id", "must be a UUID".into()))
            })
            .transpose()?;
        Ok(Self {
            session,
            text,
            client_id,
            lang,
            hint,
            address: None,
            attachment: None,
            was_greeted: true,
        })
    }

    /// Checks the words beside a picture; there may be none.
    pub(super) fn beside_picture(
        session: SessionId,
        words: &str,
        client_id: Option<&str>,
        lang: Option<Lang>,
        hint: Option<Lang>,
    ) -> Result<Self, ChatError> {
        if !words.trim().is_empty() {
            return Self::parse(session, words, client_id, lang, hint);
        }
        Ok(Self {
            text: String::new(),
            ..Self::parse(session, NO_WORDS, client_id, lang, hint)?
        })
    }

    /// Says whether its session begins with it, so that nobody was greeted there.
    #[must_use]
    pub fn begins_session(mut self, begins: bool) -> Self {
        self.was_greeted = !begins;
        self
    }

    /// Says where it came from.
    #[must_use]
    pub fn sent_from(mut self, address: ClientAddress) -> Self {
        self.address = Some(address.limit_key());
        self
    }
}

impl Chat {
    /// Wires the slice.
    #[allow(clippy::too_many_arguments)] // each is another slice or service
    pub fn new(
        store: Store,
        knowledge: Knowledge,
        secrets: Secrets,
        live: Broadcast,
        leads: Leads,
        quotes: Quotes,
        bookings: Bookings,
        quiz: Quiz,
        search: Search,
        llm: Option<Llm>,
        uploads: Uploads,
        experiments: Running,
    ) -> Self {
        Self {
            store,
            knowledge,
            secrets,
            live,
            leads,
            quotes,
            bookings,
            quiz,
            search,
            llm,
            uploads,
            experiments,
        }
    }

    /// What the company knows.
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// Reads a session id from outside.
    pub fn session(&self, text: &str) -> Result<SessionId, ChatError> {
        SessionId::parse(text, &self.secrets)
    }

    /// Reads the right to read a conversation back.
    pub fn visitor(&self, text: &str) -> Result<VisitorSession, ChatError> {
        VisitorSession::parse(text, &self.secrets)
    }

    /// The session a caller may read back: its own, or any for agents, of whom it is noted.
    ///
    /// * `view`: what is read of it.
    /// * Errors: the id is malformed, or weak and the caller is no agent.
    pub(super) async fn readable(
        &self,
        caller: &Caller,
        session_id: &str,
        view: fn(String) -> View,
    ) -> Result<String, ChatError> {
        let Some(by) = &caller.principal else {
            return Ok(self.visitor(session_id)?.as_str().to_owned());
        };
        let session_id = self.session(session_id)?.as_str().to_owned();
        reads::note(&self.store, by, view(session_id.clone())).await?;
        Ok(session_id)
    }

    /// A new session id; nothing is stored.
    pub fn mint(&self) -> Result<SessionId, ChatError> {
        Ok(SessionId::mint(&self.secrets)?)
    }

    /// Stores a visitor's message and answers it while the assistant owns the conversation; then tells everyone who
    /// listens. The answer is there when this returns; see [`Chat::begin`].
    pub async fn send(&self, request: SendMessage) -> Result<Turn, ChatError> {
        let session = self.llm.is_some().then(|| request.session.clone());
        let (mut turn, later) = self.begin(request).await?;
        if let (Some(later), Some(session)) = (later, session) {
            turn.reply = later.reply().await;
            if turn.reply.is_none() {
                // Somebody else spoke before: who, is the answer.
                let session_id = session.as_str().to_owned();
                let now = self.history(session_id, i64::MAX, 1).await?;
                (turn.handled_by, turn.agent_name) = (now.handled_by, now.agent_name);
            }
        }
        Ok(turn)
    }

    /// Stores a visitor's message and its answer in one transaction. Only where the assistant does not understand and a
    /// language model is asked, the answer comes [`Later`].
    pub async fn begin(&self, request: SendMessage) -> Result<(Turn, Option<Later>), ChatError> {
        let mut world = self.world();
        let understood = Understood::of(&request, &self.knowledge.nlu(), &world);
        let session = request.session.clone();
        let passages = self.passages(&request, &understood);
        world.found = cards(&passages);
        let plan = self.plan(&request, passages);
        world.can_ask = plan.is_some();
        world.sentiment = understood.mood(&request.text);
        let mut turn = self
            .store
            .write(move |tx| turn::take(tx, &request, understood, &world))
            .await?;
        if let Some(saved) = &turn.lead {
            self.leads.announce(saved).await;
        }
        if let Some(booking) = &turn.booking {
            self.bookings.announce_new(booking).await;
        }
        if !turn.is_repeat {
            self.live.visitor_turn(&session, &turn).await;
            self.announce(turn.conversation_id).await;
        }
        let later = match (plan, turn.held.take()) {
            (Some(plan), Some(held)) => Some(self.answer_later(session, &turn, plan, *held)),
            _ => None,
        };
        Ok((turn, later))
    }

    fn world(&self) -> World {
        World {
            knowledge: self.knowledge.snapshot(),
            quiz: self.quiz.clone(),
            quotes: self.quotes.clone(),
            bookings: self.bookings.clone(),
            secrets: self.secrets.clone(),
            experiments: self.experiments.clone(),
            now_ms: now_ms(),
            found: Vec::new(),
            can_ask: false,
            sentiment: None,
        }
    }

    /// Messages after `since`, at most `limit` of them. Empty when nothing was said yet.
    pub async fn history(
        &self,
        session_id: String,
        since: i64,
        limit: i64,
    ) -> Result<History, ChatError> {
        self.store
            .read(move |tx| match store::state(tx, &session_id)? {
                Some(state) => Ok(History {
                    conversation_id: state.id,
                    messages: store::messages_since(
                        tx,
                        state.id,
                        since,
                        limit.clamp(1, HISTORY_MAX),
                    )?,
                    last_seq: state.last_seq,
                    handled_by: state.handled_by,
                    agent_name: store::agent_name(tx, &state)?,
                }),
                None => Ok(History::default()),
            })
            .await
    }

    /// Asks for a person. Already waiting or talking to one: nothing changes.
    ///
    /// Answers who speaks next.
    pub async fn hand_off(
        &self,
        visitor: &VisitorSession,
        hint: Option<Lang>,
    ) -> Result<HandledBy, ChatError> {
        let knowledge = self.knowledge.snapshot();
        let (session, running) = (visitor.id().clone(), self.experiments.clone());
        let outcome = self
            .store
            .write(move |tx| hand_off::take(tx, &session, hint, &knowledge, &running, now_ms()))
            .await?;
        if let Some((conversation_id, message)) = outcome.said {
            let speaker = Speaker::new(outcome.handled_by, None);
            self.live
                .message(conversation_id, visitor.as_str(), &message, speaker)
                .await;
            self.announce(conversation_id).await;
        }
        Ok(outcome.handled_by)
    }

    /// Keeps the visitor's rating, 1 to 5; a later one replaces it.
    pub async fn rate(
        &self,
        visitor: &VisitorSession,
        rating: i64,
        comment: Option<&str>,
    ) -> Result<(), ChatError> {
        if !(1..=5).contains(&rating) {
            return Err(ChatError::Field("rating", "must be from 1 to 5".into()));
        }
        let comment = comment
            .map(|text| {
                clean_text(text, MESSAGE_MAX_CHARS).map_err(|why| ChatError::Text("comment", why))
            })
            .transpose()?;
        let session_id = visitor.as_str().to_owned();
        self.store
            .write(move |tx| {
                let state = store::state(tx, &session_id)?.ok_or(ChatError::NotFound)?;
                let (before, _) = store::rating(tx, state.id)?;
                store::set_rating(tx, &session_id, rating, comment.as_deref())?;
                if rating <= LOW_RATING_MAX {
                    experiments::guarded(tx, Guard::LowRating, &session_id, now_ms())?;
                }
                Ok(counted::rated(tx, &state, rating, before, now_ms())?)
            })
            .await
    }

    /// Tells the team how a conversation stands now. Live updates are nice to have: an error is logged, no more.
    pub(super) async fn announce(&self, conversation_id: i64) {
        if !self.live.has_listeners() {
            return;
        }
        match self
            .store
            .read(move |tx| store::summary(tx, conversation_id))
            .await
        {
            Ok(Some(summary)) => self.live.conversation_updated(&summary).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a conversation's state could not be announced"),
        }
    }
}
