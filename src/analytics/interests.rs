//! Which questions show that somebody is interested, by the names of the built-in intents.

/// Questions about money.
pub(super) const PRICES: [&str; 4] = ["price", "quote_request", "payment_terms", "extra_costs"];
/// Questions about what the company does.
pub(super) const SERVICES: [&str; 12] = [
    "packages_overview",
    "package_standard",
    "package_premium",
    "package_luxury",
    "package_compare",
    "scope",
    "materials",
    "customization",
    "interior_design",
    "carpentry",
    "smart_home",
    "portfolio",
];
/// The wish for a visit.
pub(super) const VISIT: &str = "book_consultation";

/// Whether a question is one of them.
pub(super) fn shows_interest(intent: &str) -> bool {
    PRICES.contains(&intent) || SERVICES.contains(&intent) || intent == VISIT
}
