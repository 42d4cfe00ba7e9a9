//! Values for previews and checks: no invented people, but each value's own name in guillemets.

use jiff::Zoned;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

use super::values::{
    Advice, AgentAnswer, Alarm, BestSource, CancelledVisit, Change, ClientVisit, Count, FollowUp,
    Invitation, LeadConfirmation, LeadTeam, MovedVisit, OneTimeCode, PasswordReset, TeamRole,
    TeamVisit, Visit, VisitKind, WeeklyReport,
};
use super::{Message, Name};
use crate::nlu::Lang;

/// An example of a message.
///
/// * `is_full`: with everything it may have; else without all that may be missing.
pub fn sample(name: Name, lang: Lang, is_full: bool) -> Message {
    Sampler { lang, is_full }.message(name)
}

#[derive(Clone, Copy)]
struct Sampler {
    lang: Lang,
    is_full: bool,
}

impl Sampler {
    fn message(self, name: Name) -> Message {
        match name {
            Name::LeadConfirmation => Message::LeadConfirmation(LeadConfirmation {
                name: self.maybe(self.name()),
                book_url: self.maybe(url("book")),
            }),
            Name::LeadTeam => Message::LeadTeam(self.lead()),
            Name::BookingConfirmation => Message::BookingConfirmation(self.client_visit()),
            Name::BookingReminder => Message::BookingReminder(self.client_visit()),
            Name::BookingChanged => Message::BookingChanged(self.moved()),
            Name::BookingCancelled => Message::BookingCancelled(self.cancelled()),
            Name::BookingTeam => Message::BookingTeam(self.team_visit()),
            Name::FollowUp => Message::FollowUp(FollowUp {
                name: self.maybe(self.name()),
                service: self.service(),
                start: moment(date(2026, 11, 24).at(10, 0, 0, 0)),
                rating_url: url("r/1"),
                unsubscribe_url: self.maybe(url("u/1")),
            }),
            Name::WeeklyReport => Message::WeeklyReport(self.week()),
            Name::OneTimeCode => Message::OneTimeCode(code()),
            Name::Alarm => Message::Alarm(Alarm {
                title: self.word("co się stało", "what happened", "was passiert ist"),
                details: self.word("szczegóły", "details", "Einzelheiten"),
                at: moment(date(2026, 11, 24).at(3, 5, 0, 0)),
                url: self.maybe(url("admin")),
            }),
            Name::Invitation => Message::Invitation(Invitation {
                inviter: self.maybe(self.agent()),
                role: self.pick(TeamRole::Owner, TeamRole::Agent),
                url: url("invite/1"),
                valid_days: 7,
            }),
            Name::PasswordReset => Message::PasswordReset(PasswordReset {
                url: url("reset/1"),
                valid_min: 30,
            }),
            Name::AgentAnswer => Message::AgentAnswer(AgentAnswer {
                name: self.maybe(self.name()),
                agent: self.maybe(self.agent()),
                question: self.maybe(self.word("pytanie", "question", "Frage")),
                answer: self.word("odpowiedź", "answer", "Antwort"),
                url: url("c/1"),
            }),
            Name::BookingReminderSms => Message::BookingReminderSms(self.client_visit()),
            Name::BookingChangedSms => Message::BookingChangedSms(self.moved()),
            Name::BookingCancelledSms => Message::BookingCancelledSms(self.cancelled()),
            Name::OneTimeCodeSms => Message::OneTimeCodeSms(code()),
        }
    }

    fn lead(self) -> LeadTeam {
        LeadTeam {
            name: self.name(),
            email: self.maybe(EMAIL.to_owned()),
            phone: self.maybe(PHONE.to_owned()),
            package: self.maybe(self.word("pakiet", "package", "Paket")),
            property_type: self.maybe("flat".into()),
            property_size: self.maybe("60.5".into()),
            location: self.maybe(self.word("miejscowość", "location", "Ort")),
            budget: self.maybe(self.word("budżet", "budget", "Budget")),
            message: self.maybe(self.word("wiadomość", "message", "Nachricht")),
            source: self.maybe("chat".into()),
            score: self.maybe(72),
            is_known: !self.is_full,
            url: url("admin/leads/1"),
        }
    }

    fn visit(self) -> Visit {
        Visit {
            name: self.name(),
            service: self.service(),
            start: moment(date(2026, 11, 24).at(10, 0, 0, 0)),
            duration_min: 60,
            kind: self.pick(VisitKind::OnSite, VisitKind::Phone),
            place: self.maybe(self.word("adres", "address", "Adresse")),
            staff: self.maybe(self.agent()),
        }
    }

    fn client_visit(self) -> ClientVisit {
        ClientVisit {
            visit: self.visit(),
            manage_url: url("m/1"),
        }
    }

    fn moved(self) -> MovedVisit {
        MovedVisit {
            visit: self.visit(),
            previous_start: moment(date(2026, 11, 23).at(9, 0, 0, 0)),
            manage_url: url("m/1"),
        }
    }

    fn cancelled(self) -> CancelledVisit {
        CancelledVisit {
            visit: self.visit(),
            is_by_client: !self.is_full,
            reason: self.maybe(self.word("powód", "reason", "Grund")),
            book_url: self.maybe(url("book")),
        }
    }

    fn team_visit(self) -> TeamVisit {
        TeamVisit {
            visit: self.visit(),
            change: self.pick(Change::Changed, Change::New),
            previous_start: self.maybe(moment(date(2026, 11, 23).at(9, 0, 0, 0))),
            email: self.maybe(EMAIL.to_owned()),
            phone: self.maybe(PHONE.to_owned()),
            notes: self.maybe(self.word("uwagi", "notes", "Anmerkungen")),
            url: url("admin/bookings/1"),
        }
    }

    fn week(self) -> WeeklyReport {
        WeeklyReport {
            from: Date::constant(2026, 11, 16),
            to: Date::constant(2026, 11, 22),
            visitors: Count::new(512, 512),
            conversations: Count::new(124, 98),
            leads: Count::new(17, 21),
            bookings: Count::new(6, 4),
            best_source: self.maybe(BestSource {
                name: self.word("źródło", "source", "Quelle"),
                leads: Count::new(9, 5),
            }),
            unanswered: Count::new(7, 3),
            advice: self.maybe(Advice::AnswerQuestions),
            url: url("admin"),
        }
    }

    fn maybe<T>(self, value: T) -> Option<T> {
        self.is_full.then_some(value)
    }

    fn pick<T>(self, full: T, bare: T) -> T {
        if self.is_full { full } else { bare }
    }

    fn word(self, pl: &str, en: &str, de: &str) -> String {
        let word = match self.lang {
            Lang::Pl => pl,
            Lang::En => en,
            Lang::De => de,
        };
        format!("«{word}»")
    }

    fn name(self) -> String {
        self.word("imię i nazwisko", "name", "Name")
    }

    fn agent(self) -> String {
        self.word("osoba z zespołu", "team member", "Teammitglied")
    }

    fn service(self) -> String {
        self.word("usługa", "service", "Leistung")
    }
}

const EMAIL: &str = "name@example.com";
const PHONE: &str = "+48000000000";

fn code() -> OneTimeCode {
    OneTimeCode {
        code: "123456".to_owned(),
        valid_min: 10,
    }
}

fn url(path: &str) -> String {
    format!("https://example.com/{path}")
}

/// The zone is the built-in company's; without a database of zones it is UTC.
fn moment(at: DateTime) -> Zoned {
    let zone = TimeZone::get("Europe/Warsaw").unwrap_or(TimeZone::UTC);
    zone.to_ambiguous_zoned(at)
        .compatible()
        .unwrap_or_else(|_| jiff::Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC))
}
