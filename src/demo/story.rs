//! One visitor's story: how they came, what they said, and what came of it.

use fastrand::Rng;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::DemoError;
use super::chance::{exponential, happens, one_of, times, weighted};
use super::people::{Person, person};
use super::phrasebook::Phrasebook;
use super::rhythm;
use super::talk::{SITTING_MS, Talk, Wishes, talk};
use super::visitors::{Visitor, visitor};
use crate::bookings::Fate;
use crate::leads::{PastStep, Source, Status};
use crate::nlu::Lang;
use crate::quotes::{EstimateRequest, Package, PropertyType};

const HOUR_MS: f64 = 3_600_000.0;
const DAY_MS: i64 = 86_400_000;
/// Visitors who never write, for one who does.
const SILENT: f64 = 1.5;
/// A lead nobody could reach is given up after this time.
const GIVEN_UP_AFTER_MS: i64 = 45 * DAY_MS;
/// Most a day has: so many persons have an e-mail address of their own.
const SERIALS_A_DAY: i64 = 100_000;
/// Days are counted from here.
const FIRST_DAY: Date = Date::constant(2020, 1, 1);
const LOST_REASONS: [&str; 3] = ["za drogo", "wybór innej firmy", "brak odpowiedzi"];
const CITIES: [(u32, &str); 6] = [
    (40, "Gdańsk"),
    (24, "Gdynia"),
    (12, "Sopot"),
    (10, "Rumia"),
    (8, "Pruszcz Gdański"),
    (6, "Warszawa"),
];
const PACKAGES: [(u32, Package); 3] = [
    (40, Package::Standard),
    (40, Package::Premium),
    (20, Package::Luxury),
];
const PROPERTIES: [(u32, (PropertyType, f64, f64)); 4] = [
    (60, (PropertyType::Flat, 38.0, 85.0)),
    (20, (PropertyType::House, 90.0, 190.0)),
    (12, (PropertyType::Studio, 24.0, 38.0)),
    (8, (PropertyType::Commercial, 50.0, 240.0)),
];
const RATINGS: [(u32, i64); 5] = [(58, 5), (28, 4), (8, 3), (4, 2), (2, 1)];

/// What does not change from story to story.
pub(super) struct World {
    pub(super) book: Phrasebook,
    pub(super) zone: TimeZone,
    /// Conversations a day, on average.
    pub(super) per_day: f64,
    /// Nothing happened later; milliseconds UTC.
    pub(super) now_ms: i64,
}

/// What somebody wants done.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Project {
    pub(super) package: Package,
    pub(super) property: PropertyType,
    /// Square metres.
    pub(super) area_m2: f64,
    pub(super) city: &'static str,
    /// Whole units of the company's currency, where it was named.
    pub(super) budget: Option<i64>,
}

/// A lead with what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LeadPlan {
    pub(super) person: Person,
    pub(super) source: Source,
    pub(super) at_ms: i64,
    pub(super) steps: Vec<PastStep>,
}

/// A price that is asked for, and when it is accepted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QuotePlan {
    pub(super) at_ms: i64,
    pub(super) accepted_at_ms: Option<i64>,
}

/// A visit the lead's person books.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BookingPlan {
    pub(super) at_ms: i64,
    pub(super) wanted_ms: i64,
    pub(super) fate: Fate,
    pub(super) rating: Option<i64>,
}

/// A visitor's story.
#[derive(Debug, PartialEq)]
pub(super) struct Story {
    pub(super) began_at_ms: i64,
    pub(super) lang: Lang,
    pub(super) visitor: Visitor,
    pub(super) talk: Option<Talk>,
    pub(super) project: Project,
    pub(super) lead: Option<LeadPlan>,
    pub(super) quote: Option<QuotePlan>,
    pub(super) booking: Option<BookingPlan>,
    /// When something was searched for, and whether anything was found.
    pub(super) search: Option<(i64, bool)>,
}

/// The stories that begin on a day, in order of time. The same day of the same seed has the same ones, but for what would
/// lie after now.
///
/// Errors: none that a caller could cause.
pub(super) fn of_day(world: &World, date: Date, seed: u64) -> Result<Vec<Story>, DemoError> {
    let days = date.duration_since(FIRST_DAY).as_hours() / 24;
    let mut rng = Rng::with_seed(mixed(seed, days));
    let rng = &mut rng;
    let expected = rhythm::expected(date, world.per_day);
    let talking = times(rng, expected);
    let silent = times(rng, expected * SILENT);
    let mut stories = Vec::with_capacity(talking + silent);
    for index in 0..talking + silent {
        // Each has numbers of its own, so that one that is cut short changes no other.
        let serial = days * SERIALS_A_DAY + index as i64;
        let mut rng = Rng::with_seed(mixed(seed, serial.wrapping_neg()));
        let Some(at_ms) = rhythm::moment(&mut rng, date, &world.zone) else {
            continue;
        };
        if at_ms + SITTING_MS > world.now_ms {
            continue;
        }
        stories.extend(story(&mut rng, world, at_ms, serial, index < talking)?);
    }
    stories.sort_by_key(|story| story.began_at_ms);
    Ok(stories)
}

/// Spreads neighbouring numbers (the finaliser of `SplitMix64`).
fn mixed(seed: u64, number: i64) -> u64 {
    let mut x = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(number.cast_unsigned());
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// `None`: nothing is known to be said in the visitor's language.
fn story(
    rng: &mut Rng,
    world: &World,
    began_at_ms: i64,
    serial: i64,
    talks: bool,
) -> Result<Option<Story>, DemoError> {
    let Some(lang) = world.book.lang(rng) else {
        return Ok(None);
    };
    let visitor = visitor(rng, lang);
    let project = project(rng);
    let person = person(rng, lang, serial)?;
    let source = lead_source(rng, talks);
    let asks_price = talks && happens(rng, if source.is_some() { 0.35 } else { 0.05 });
    let wishes = Wishes {
        quote_m2: asks_price.then_some(project.area_m2),
        contact: (source == Some(Source::Chat)).then_some(&person),
    };
    let talk = talks.then(|| talk(rng, &world.book, lang, &wishes, (began_at_ms, world.now_ms)));
    let at_ms = talk.as_ref().map_or(
        began_at_ms + (60.0 * 1_000.0 + exponential(rng, 200_000.0)).min(HOUR_MS / 2.0) as i64,
        |talk| talk.wished_at_ms,
    );
    let lead = source.map(|source| LeadPlan {
        steps: steps(rng, world, source, at_ms),
        person,
        source,
        at_ms,
    });
    let quote = quote(rng, lead.as_ref(), asks_price.then_some(at_ms));
    let booking = (source == Some(Source::Booking)).then(|| booking(rng, at_ms));
    let search = happens(rng, 0.12).then(|| (began_at_ms + 20_000, happens(rng, 0.85)));
    Ok(Some(Story {
        began_at_ms,
        lang,
        visitor,
        talk,
        project,
        lead,
        quote,
        booking,
        search,
    }))
}

fn lead_source(rng: &mut Rng, talks: bool) -> Option<Source> {
    let sources: &[(u32, Option<Source>)] = if talks {
        &[
            (930, None),
            (50, Some(Source::Chat)),
            (20, Some(Source::Booking)),
        ]
    } else {
        &[
            (984, None),
            (8, Some(Source::Form)),
            (5, Some(Source::Quiz)),
            (3, Some(Source::Booking)),
        ]
    };
    *weighted(rng, sources)
}

fn project(rng: &mut Rng) -> Project {
    let (property, least, most) = *weighted(rng, &PROPERTIES);
    let area_m2 = (least + (most - least) * rng.f64()).round();
    let budget = happens(rng, 0.6).then(|| (area_m2 * (1.0 + rng.f64())).round() as i64 * 1_000);
    let city = *weighted(rng, &CITIES);
    Project {
        package: *weighted(rng, &PACKAGES),
        property,
        area_m2,
        city,
        budget,
    }
}

impl Project {
    /// What a price is asked for.
    pub(super) fn request(&self) -> EstimateRequest {
        EstimateRequest {
            area_m2: self.area_m2,
            package: Some(self.package),
            property_type: Some(self.property),
            city: Some(self.city.to_owned()),
            rooms: None,
            extras: Vec::new(),
        }
    }
}

/// The statuses a lead is given until now.
fn steps(rng: &mut Rng, world: &World, source: Source, created_at_ms: i64) -> Vec<PastStep> {
    let mut steps = Vec::new();
    let mut at_ms = created_at_ms;
    // Status, share of those before that come to it, share that is lost instead, mean days until then.
    let ladder: &[(Status, f64, f64, f64)] = &[
        (Status::Contacted, 0.88, 0.0, 0.3),
        (Status::Qualified, 0.62, 0.22, 2.0),
        (Status::ConsultationBooked, 0.60, 0.20, 4.0),
        (Status::Converted, 0.45, 0.30, 16.0),
    ];
    let first = match source {
        Source::Booking => {
            steps.push(step(Status::ConsultationBooked, at_ms));
            3
        }
        Source::Quiz => 2,
        Source::Chat | Source::Form | Source::Import => 0,
    };
    for (status, share, lost, days) in &ladder[first..] {
        let drawn = rng.f64();
        let days = 0.05 + exponential(rng, *days);
        let reason = *one_of(rng, &LOST_REASONS);
        let Some(next_ms) = world.book.opens_at(at_ms + (days * 24.0 * HOUR_MS) as i64) else {
            break;
        };
        at_ms = next_ms + rng.i64(0..SITTING_MS);
        if drawn < *share {
            steps.push(step(*status, at_ms));
        } else if drawn < share + lost {
            steps.push(given_up(reason, at_ms));
            break;
        } else {
            steps.push(given_up(LOST_REASONS[2], at_ms + GIVEN_UP_AFTER_MS));
            break;
        }
    }
    steps.retain(|step| step.at_ms <= world.now_ms);
    steps
}

fn step(status: Status, at_ms: i64) -> PastStep {
    PastStep {
        status,
        lost_reason: None,
        at_ms,
    }
}

fn given_up(reason: &str, at_ms: i64) -> PastStep {
    PastStep {
        lost_reason: Some(reason.to_owned()),
        ..step(Status::Lost, at_ms)
    }
}

/// The price a visitor asked for, or the one the team made a client before they agreed.
fn quote(rng: &mut Rng, lead: Option<&LeadPlan>, asked_at_ms: Option<i64>) -> Option<QuotePlan> {
    let converted_at_ms = lead.and_then(|lead| {
        let step = lead
            .steps
            .iter()
            .find(|step| step.status == Status::Converted)?;
        happens(rng, 0.85).then_some(step.at_ms)
    });
    let within_ms = 25 * DAY_MS;
    match (asked_at_ms, converted_at_ms) {
        (Some(at_ms), accepted) => Some(QuotePlan {
            at_ms,
            accepted_at_ms: accepted.filter(|accepted_ms| accepted_ms - at_ms < within_ms),
        }),
        (None, Some(accepted_ms)) => lead.map(|lead| QuotePlan {
            at_ms: lead.at_ms.max(accepted_ms - 6 * DAY_MS),
            accepted_at_ms: Some(accepted_ms),
        }),
        (None, None) => None,
    }
}

fn booking(rng: &mut Rng, at_ms: i64) -> BookingPlan {
    let days = 1 + exponential(rng, 3.0).min(14.0) as i64;
    BookingPlan {
        at_ms,
        wanted_ms: at_ms + days * DAY_MS,
        fate: *weighted(
            rng,
            &[(80, Fate::Done), (6, Fate::NoShow), (14, Fate::Cancelled)],
        ),
        rating: happens(rng, 0.35).then(|| *weighted(rng, &RATINGS)),
    }
}
