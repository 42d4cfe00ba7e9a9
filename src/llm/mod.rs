//! A language model, where one is configured: it answers what the assistant did not understand, and only from the
//! company's own texts.
//!
//! Any endpoint that speaks the `/chat/completions` protocol will do. Before: without evidence, budget or a model that
//! answers it is not asked, and what it gets of a visitor is masked. After: a sentence is shown only when every figure,
//! date, price and address in it stands in the evidence ([`Evidence`]). Every failure is the caller's sign to say what it
//! would have said without a model. Owns the setting `language_model_spent`, no table.
//!
//! ```text
//! service.rs    `Llm`: may it be asked, asking, what came of it    client.rs   the protocol
//! sieve.rs      sentences in, what may be shown out                prompt.rs   what it is told
//! grounding/    what may be shown                                  masking.rs  what it may not see
//! sentences.rs  where a sentence ends      budget.rs, breaker.rs   how much, and whether at all
//! ```

mod breaker;
mod budget;
mod client;
mod grounding;
mod masking;
mod prompt;
mod sentences;
mod service;
mod sieve;

pub use budget::{Limits, Spent};
pub use client::{ClientError, Endpoint};
pub use grounding::{Evidence, Unsupported};
pub use masking::mask;
pub use prompt::{Said, Speaker};
pub use service::{
    Answer, Answering, Counters, Llm, Outcome, Question, Step, load_spent, save_spent,
};
