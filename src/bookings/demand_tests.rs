use super::super::model::DEFAULT_REMINDERS;
use super::*;
use crate::knowledge::PerLang;

fn service() -> Service {
    Service {
        id: 1,
        names: PerLang::same("Konsultacja"),
        duration_min: 60,
        buffer_before_min: 15,
        buffer_after_min: 10,
        slot_step_min: 30,
        min_notice_min: 120,
        horizon_days: 60,
        daily_cap: None,
        location_kind: LocationKind::Office,
        cancel_notice_min: 720,
        reschedule_notice_min: 720,
        reminders: DEFAULT_REMINDERS.to_vec(),
    }
}

#[test]
fn travel_widens_both_sides_of_a_visit_on_site_alone() {
    let mut service = service();
    let demand = |service: &Service| {
        let demand = Demand::of(service, 40);
        (demand.before_min, demand.duration_min, demand.after_min)
    };
    assert_eq!(demand(&service), (15, 60, 10));
    service.location_kind = LocationKind::OnSite;
    assert_eq!(demand(&service), (55, 60, 50));
}

#[test]
fn an_area_is_known_however_it_is_spelled() {
    let travel = TravelTimes::parse(&[("Gdańsk", 20), ("Łódź", 240), ("Sopot", 0)], 60).unwrap();
    assert_eq!(travel.minutes_to(Some(" gdansk ")), 20);
    assert_eq!(travel.minutes_to(Some("LODZ")), 240);
    assert_eq!(travel.minutes_to(Some("Sopot")), 0);
    assert_eq!(travel.minutes_to(Some("Gdynia")), 60);
    assert_eq!(travel.minutes_to(None), 60);
    assert!(TravelTimes::parse(&[("Gdańsk", 20), ("gdansk", 30)], 60).is_err());
    assert!(TravelTimes::parse(&[("Gdańsk", 481)], 60).is_err());
    assert!(TravelTimes::parse(&[("", 1)], 60).is_err());
    assert!(TravelTimes::parse(&[], 481).is_err());
}
