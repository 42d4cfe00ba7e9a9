//! Conversations as text: `tests/conversations/*.txt` is read and played against the real rules, knowledge and model.
//!
//! ```text
//! // a remark
//! # what it shows                      a new conversation, Monday 23 November 2026, 10:00 in Warsaw
//! > what the visitor writes            > [Title] taps the button of the last answer
//! < part of the answer … another       in this order; `…` stands for anything
//! ! what the answer must not say
//! [Premium] [Luxury]                   buttons under the answer, among others
//! = queue                              who speaks next: bot, queue
//! = lead Jan, +48600100200             the contact that was kept with this message
//! = no lead                            nothing was kept in the whole conversation
//! ~ 3 h                                time passes: min, h, d
//! ```

use std::sync::LazyLock;

use crate::bookings::Bookings;
use crate::chat::model::{HandledBy, StoredMessage};
use crate::chat::service::SendMessage;
use crate::chat::session::SessionId;
use crate::chat::turn::{self, Turn, Understood, World};
use crate::knowledge::Knowledge;
use crate::leads::Leads;
use crate::live;
use crate::nlu::Lang;
use crate::platform::cache::Cache;
use crate::platform::db::{DATABASE_FILE, Store, StoreOptions};
use crate::platform::secrets::Secrets;
use crate::qualification::Quiz;
use crate::quotes::Quotes;

/// Monday, 23 November 2026, 10:00 in Warsaw: the company is open.
const BEGIN_MS: i64 = 1_795_424_400_000;

struct Company {
    _folder: tempfile::TempDir,
    store: Store,
    knowledge: Knowledge,
    secrets: Secrets,
    quotes: Quotes,
    bookings: Bookings,
    quiz: Quiz,
}

/// The built-in company, opened once for all conversations.
static COMPANY: LazyLock<Company> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions {
        path: folder.path().join(DATABASE_FILE),
        readers: 1,
        sql_log_file: None,
    })
    .unwrap();
    let knowledge = Knowledge::open(&store, &Cache::default(), folder.path(), None).unwrap();
    let secrets = Secrets::open(&folder.path().join("secret.key")).unwrap();
    let quotes = Quotes::new(store.clone(), knowledge.clone(), secrets.clone());
    let (_, _, live) = live::new_service();
    let leads = Leads::new(
        store.clone(),
        knowledge.clone(),
        secrets.clone(),
        live.clone(),
    );
    let bookings = Bookings::open(&store, &knowledge, secrets.clone(), leads, live, None).unwrap();
    Company {
        _folder: folder,
        store,
        knowledge,
        secrets,
        quotes,
        bookings,
        quiz: Quiz::built_in().unwrap(),
    }
});

/// One conversation under way.
pub(super) struct Talk {
    session: SessionId,
    hint: Lang,
    pub(super) now_ms: i64,
    buttons: Vec<(String, String)>,
    has_lead: bool,
}

impl Talk {
    pub(super) fn begin(hint: Lang) -> Self {
        Self {
            session: SessionId::mint(&COMPANY.secrets).unwrap(),
            hint,
            now_ms: BEGIN_MS,
            buttons: Vec::new(),
            has_lead: false,
        }
    }

    /// Sends what the visitor writes.
    pub(super) fn say(&mut self, text: &str) -> Turn {
        let request =
            SendMessage::parse(self.session.clone(), text, None, None, Some(self.hint)).unwrap();
        let world = World {
            knowledge: COMPANY.knowledge.snapshot(),
            quiz: COMPANY.quiz.clone(),
            quotes: COMPANY.quotes.clone(),
            bookings: COMPANY.bookings.clone(),
            now_ms: self.now_ms,
            found: Vec::new(),
            can_ask: false,
            sentiment: None,
        };
        let understood = Understood::of(&request, &COMPANY.knowledge.nlu(), &world);
        let turn = COMPANY
            .store
            .write_blocking(move |tx| turn::take(tx, &request, understood, &world))
            .unwrap();
        self.now_ms += 20_000;
        self.buttons = turn.reply.iter().flat_map(buttons).collect();
        self.has_lead |= turn.lead.is_some();
        turn
    }
}

fn buttons(reply: &StoredMessage) -> Vec<(String, String)> {
    let replies = reply.extras.quick_replies.iter();
    replies
        .map(|button| (button.title.clone(), button.payload.clone()))
        .collect()
}

/// Plays every conversation of a file; what differs from the text, each with its line.
fn play(file: &str, text: &str, hint: Lang) -> Vec<String> {
    let mut faults = Vec::new();
    let mut talk = Talk::begin(hint);
    let mut last: Option<Turn> = None;
    let mut title = "";
    for (number, line) in text.lines().enumerate() {
        let mut fault = |what: String| {
            let said = last.as_ref().and_then(|turn| turn.reply.as_ref());
            let said = said.map_or("", |reply| reply.body.as_str());
            faults.push(format!(
                "{file}:{} ({title}) {what}\n      said: {said:?}",
                number + 1
            ));
        };
        let answer = last.as_ref().and_then(|turn| turn.reply.as_ref());
        let body = answer.map_or("", |reply| reply.body.as_str());
        match line.split_once(' ').unwrap_or((line, "")) {
            ("#", rest) => {
                title = rest;
                talk = Talk::begin(hint);
                last = None;
            }
            (">", rest) => {
                let tapped = rest
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_suffix(']'));
                let words = match tapped {
                    Some(title) => talk
                        .buttons
                        .iter()
                        .find(|button| button.0 == title)
                        .map(|button| button.1.clone()),
                    None => Some(rest.to_owned()),
                };
                match words {
                    Some(words) => last = Some(talk.say(&words)),
                    None => fault(format!(
                        "there is no button {rest}, only {:?}",
                        talk.buttons
                    )),
                }
            }
            ("<", rest) if !says(body, rest) => fault(format!("expected {rest:?}")),
            ("!", rest) if body.contains(rest) => fault(format!("must not say {rest:?}")),
            ("=", "queue")
                if last
                    .as_ref()
                    .is_none_or(|turn| turn.handled_by != HandledBy::Queue) =>
            {
                fault("expected the queue".into());
            }
            ("=", "bot")
                if last
                    .as_ref()
                    .is_none_or(|turn| turn.handled_by != HandledBy::Bot) =>
            {
                fault("expected the assistant".into());
            }
            ("=", "no lead") if talk.has_lead => fault("a contact was kept".into()),
            ("=", rest) if rest.starts_with("lead ") => {
                let lead = last.as_ref().and_then(|turn| turn.lead.as_ref());
                let found = lead.map(|saved| {
                    let lead = &saved.lead;
                    let email = lead.email.as_ref().map(|email| email.as_str().to_owned());
                    let phone = lead.phone.as_ref().map(|phone| phone.e164().to_owned());
                    let consents = lead
                        .consents
                        .iter()
                        .filter(|consent| consent.is_given && !consent.text.is_empty());
                    (
                        format!(
                            "lead {}, {}",
                            lead.name,
                            email.or(phone).unwrap_or_default()
                        ),
                        consents.count(),
                    )
                });
                if found
                    .as_ref()
                    .is_none_or(|(lead, consents)| lead != rest || *consents == 0)
                {
                    fault(format!("expected {rest:?} with a consent, found {found:?}"));
                }
            }
            ("~", rest) => talk.now_ms += duration_ms(rest),
            _ if line.starts_with('[') => {
                for title in line
                    .split('[')
                    .filter_map(|part| part.trim().strip_suffix(']'))
                {
                    if !talk.buttons.iter().any(|button| button.0 == title) {
                        fault(format!(
                            "expected the button {title:?} among {:?}",
                            talk.buttons
                        ));
                    }
                }
            }
            ("//" | "<" | "!" | "=" | "", _) => {}
            _ => fault("this line has no meaning".into()),
        }
    }
    faults
}

/// True when the parts of `expected` between `…` stand in `body` in this order. No-break spaces count as spaces.
fn says(body: &str, expected: &str) -> bool {
    let body = body.replace(['\u{a0}', '\u{202f}'], " ");
    let mut rest = body.as_str();
    expected.split('…').map(str::trim).all(|part| {
        rest.find(part).is_some_and(|at| {
            rest = &rest[at + part.len()..];
            true
        })
    })
}

fn duration_ms(text: &str) -> i64 {
    let (count, unit) = text.split_once(' ').unwrap();
    let unit_ms = match unit {
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        other => panic!("unknown unit {other:?}"),
    };
    count.parse::<i64>().unwrap() * unit_ms
}

#[test]
fn conversations_go_as_written() {
    let files = [
        (
            "pl.txt",
            include_str!("../../../tests/conversations/pl.txt"),
            Lang::Pl,
        ),
        (
            "en.txt",
            include_str!("../../../tests/conversations/en.txt"),
            Lang::En,
        ),
        (
            "de.txt",
            include_str!("../../../tests/conversations/de.txt"),
            Lang::De,
        ),
    ];
    let faults: Vec<String> = files
        .iter()
        .flat_map(|(file, text, hint)| play(file, text, *hint))
        .collect();
    assert!(
        faults.is_empty(),
        "{} lines differ:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
