//! Asking: whether it may be done, doing it within its time, and what came of it.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::breaker::Breaker;
use super::budget::{self, Budget, Limits, Spent};
use super::client::{Client, ClientError, Endpoint, Incoming};
use super::grounding::Evidence;
use super::masking::mask;
use super::prompt::{self, NO_ANSWER, Said};
use super::sieve::{Sieve, Stopped};
use crate::knowledge::Source;
use crate::nlu::Lang;
use crate::nlu::entities::Context;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Tx};
use crate::platform::settings;
use crate::search::Passage;

/// Questions asked at the same time; more are answered without the model.
const ASKING_MAX: u32 = 16;
/// What the best passage fits at least: questions about nothing the company does find none. The others may fit half
/// as well.
const SCORE_MIN: f32 = 0.2;
/// Sources named with an answer.
const SOURCES_MAX: usize = 3;
/// Name of what the day has cost, in the table `settings`.
const SPENT: &str = "language_model_spent";

/// What became of a question that the assistant did not understand and the knowledge says something about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, prometheus_client::encoding::EncodeLabelValue,
)]
pub enum Outcome {
    /// The model's answer was shown.
    Answered,
    /// The day's or the visitor's questions are used up; not asked.
    OverBudget,
    /// It failed too often just now, or too many questions are being asked; not asked.
    Paused,
    /// It said that the passages do not answer the question, or nothing from them.
    Declined,
    /// It said something that stands in no passage.
    Refused,
    /// No answer, a broken one, or none in time.
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: Outcome,
}

/// How often what became of questions, for monitoring. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Counters(Family<OutcomeLabel, Counter>);

impl Counters {
    /// Puts them among what monitoring reads.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "language_model_questions",
            "Questions for the language model, by what became of them",
            self.0.clone(),
        );
    }

    fn count(&self, outcome: Outcome) {
        self.0.get_or_create(&OutcomeLabel { outcome }).inc();
    }
}

/// A language model and the rules for asking it. Cheap to clone.
#[derive(Clone)]
pub struct Llm {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    /// For a whole answer.
    timeout: Duration,
    budget: Mutex<Budget>,
    breaker: Mutex<Breaker>,
    counters: Counters,
    places: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

/// A question with all that is needed to ask it.
#[derive(Debug, Clone)]
pub struct Question {
    /// Whose budget it is taken from: the client's address.
    pub visitor: Option<IpAddr>,
    /// Language of the answer.
    pub lang: Lang,
    /// The visitor's words.
    pub text: String,
    /// What was said before, oldest first.
    pub turns: Vec<Said>,
    /// Names the visitor gave before.
    pub names: Vec<String>,
    /// What estimates said in this conversation; their figures may be repeated.
    pub quotes: Vec<String>,
    /// What the knowledge says about it.
    pub passages: Vec<Passage>,
}

/// An answer that may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its words.
    pub text: String,
    /// What it rests on, best first.
    pub sources: Vec<Source>,
}

/// The next thing that happens while a model answers.
#[derive(Debug)]
pub enum Step {
    /// Whole sentences that may be shown; one after the other they are the answer.
    Sentence(String),
    /// The end. Without an answer, what was shown is to be taken back.
    End(Option<Answer>),
}

impl Llm {
    /// Prepares asking; nothing is sent.
    ///
    /// Errors: the HTTP client cannot be made.
    pub fn open(
        endpoint: &Endpoint,
        limits: Limits,
        spent: Spent,
        counters: Counters,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            shared: Arc::new(Shared {
                client: Client::new(endpoint)?,
                timeout: endpoint.timeout,
                budget: Mutex::new(Budget::new(limits, spent)),
                breaker: Mutex::default(),
                counters,
                places: Arc::new(Semaphore::new(ASKING_MAX as usize)),
                stopping: watch::Sender::new(false),
            }),
        })
    }

    /// The passages that are evidence; none when not one of them fits well.
    pub fn evidence(&self, mut passages: Vec<Passage>) -> Vec<Passage> {
        let is_known = passages.iter().any(|passage| passage.score >= SCORE_MIN);
        passages.retain(|passage| is_known && passage.score >= SCORE_MIN / 2.0);
        passages
    }

    /// It has failed too often and not answered since; questions are answered without it meanwhile.
    pub fn is_paused(&self) -> bool {
        lock(&self.shared.breaker).is_tripped()
    }

    /// Begins to ask; `None` when it may not be done now. What is sent of the visitor's words is masked here.
    pub fn ask(&self, question: Question, context: &Context<'_>) -> Option<Answering> {
        let now_ms = now_ms();
        let shared = &self.shared;
        let place = Arc::clone(&shared.places).try_acquire_owned().ok();
        let is_stopping = *shared.stopping.borrow();
        let Some(place) = place.filter(|_| !is_stopping && lock(&shared.breaker).admits(now_ms))
        else {
            shared.counters.count(Outcome::Paused);
            return None;
        };
        if !lock(&shared.budget).take(question.visitor, now_ms) {
            shared.counters.count(Outcome::OverBudget);
            return None;
        }
        let hide = |text: &str| mask(text, question.lang, context, &question.names);
        let turns: Vec<Said> = question
            .turns
            .iter()
            .map(|said| Said {
                by: said.by,
                text: hide(&said.text),
            })
            .collect();
        let passages = &question.passages;
        let messages = prompt::messages(question.lang, passages, &turns, &hide(&question.text));
        let evidence = Evidence::new(
            question.lang,
            passages
                .iter()
                .flat_map(|passage| [passage.text.as_str(), passage.source.title.as_str()]),
            question.quotes.iter().map(String::as_str),
            passages
                .iter()
                .filter_map(|passage| passage.source.url.as_deref()),
        );
        let body = shared.client.body(&messages).unwrap_or_default();
        Some(Answering {
            llm: self.clone(),
            spent_bytes: body.len(),
            state: State::Unasked(body),
            sieve: Some(Sieve::new(evidence)),
            ready: VecDeque::new(),
            ended: None,
            deadline: Instant::now() + shared.timeout,
            stopping: shared.stopping.subscribe(),
            sources: question
                .passages
                .into_iter()
                .map(|passage| passage.source)
                .collect(),
            _place: place,
        })
    }

    /// Ends every question under way without an answer and waits until its askers are done with it.
    pub async fn stop(&self) {
        self.shared.stopping.send_replace(true);
        let _ = self.shared.places.acquire_many(ASKING_MAX).await;
    }
}

/// Reads what the day has cost so far.
pub fn load_spent(tx: &mut dyn Tx) -> Result<Spent, DbError> {
    Ok(settings::load(tx, SPENT)?.unwrap_or_default())
}

/// Keeps what the day has cost, so that a restart gives no fresh budget.
pub fn save_spent(tx: &mut dyn Tx, spent: &Spent, now_ms: i64) -> Result<(), DbError> {
    settings::save(tx, SPENT, spent, now_ms)
}

/// A value is whole between two statements, so a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A question that is being asked.
pub struct Answering {
    llm: Llm,
    state: State,
    sieve: Option<Sieve>,
    ready: VecDeque<String>,
    ended: Option<Ending>,
    spent_bytes: usize,
    deadline: Instant,
    stopping: watch::Receiver<bool>,
    sources: Vec<Source>,
    /// Held until whoever asked is done with the answer.
    _place: OwnedSemaphorePermit,
}

/// What came of it, if anything.
struct Ending(Option<Answer>);

enum State {
    Unasked(Vec<u8>),
    Coming(Box<Incoming>),
    Over,
}

/// Why there is no answer.
enum Why {
    Client(ClientError),
    Stopped(Stopped),
}

impl Answering {
    /// What happens next. After [`Step::End`] it happens again and again.
    pub async fn next(&mut self) -> Step {
        loop {
            if let Some(sentence) = self.ready.pop_front() {
                return Step::Sentence(sentence);
            }
            if let Some(end) = &self.ended {
                return Step::End(end.0.clone());
            }
            let advanced = tokio::select! {
                advanced = tokio::time::timeout_at(self.deadline, advance(&self.llm.shared.client, &mut self.state)) =>
                    advanced.unwrap_or(Err(ClientError::Timeout)),
                _ = self.stopping.wait_for(|is_stopping| *is_stopping) =>
                    Err(ClientError::Protocol("the server stops")),
            };
            let taken = match advanced {
                Ok(piece) => self.take(piece),
                Err(error) => Err(Why::Client(error)),
            };
            if let Err(why) = taken {
                self.end(&why);
            }
        }
    }

    /// Takes a piece of the answer; `None` is its end.
    fn take(&mut self, piece: Option<String>) -> Result<(), Why> {
        let Some(piece) = piece else {
            lock(&self.llm.shared.breaker).succeeded();
            let sieve = self.sieve.take();
            let finished = sieve.ok_or(Why::Stopped(Stopped::Groundless))?.finish();
            let (last, finished) = finished.map_err(Why::Stopped)?;
            self.ready.extend(last);
            let rests_on = finished
                .passages
                .iter()
                .filter_map(|index| self.sources.get(index / 2));
            let mut sources: Vec<Source> = Vec::new();
            for source in rests_on {
                if !sources.contains(source) && sources.len() < SOURCES_MAX {
                    sources.push(source.clone());
                }
            }
            self.llm.shared.counters.count(Outcome::Answered);
            self.ended = Some(Ending(Some(Answer {
                text: finished.text,
                sources,
            })));
            return Ok(());
        };
        self.spent_bytes += piece.len();
        if piece.contains(NO_ANSWER) {
            return Err(Why::Stopped(Stopped::Groundless));
        }
        if let Some(sieve) = &mut self.sieve {
            self.ready.extend(sieve.push(&piece).map_err(Why::Stopped)?);
        }
        Ok(())
    }

    fn end(&mut self, why: &Why) {
        self.state = State::Over;
        self.ready.clear();
        self.ended = Some(Ending(None));
        let shared = &self.llm.shared;
        let outcome = match why {
            Why::Client(error) => {
                tracing::warn!(%error, "the language model did not answer");
                lock(&shared.breaker).failed(now_ms());
                Outcome::Failed
            }
            Why::Stopped(why) => {
                tracing::info!(%why, "an answer of the language model was not shown");
                lock(&shared.breaker).succeeded();
                match why {
                    Stopped::Groundless => Outcome::Declined,
                    Stopped::Unsupported(_) | Stopped::TooLong => Outcome::Refused,
                }
            }
        };
        shared.counters.count(outcome);
    }

    /// Counts what was sent and received; answers what the day has cost. Once an answer.
    pub fn pay(&self) -> Spent {
        let tokens = budget::tokens(self.spent_bytes);
        lock(&self.llm.shared.budget).pay(tokens, now_ms())
    }
}

/// One step of the protocol; `None` is the answer's end.
async fn advance(client: &Client, state: &mut State) -> Result<Option<String>, ClientError> {
    match state {
        State::Unasked(body) => {
            let incoming = client.ask(std::mem::take(body)).await?;
            *state = State::Coming(Box::new(incoming));
            Ok(Some(String::new()))
        }
        State::Coming(incoming) if incoming.is_over() => Ok(None),
        State::Coming(incoming) => incoming.next().await,
        State::Over => Ok(None),
    }
}
