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
        cancel_notice_min: DEFAULT_CHANGE_NOTICE_MIN,
        reschedule_notice_min: DEFAULT_CHANGE_NOTICE_MIN,
        reminders: DEFAULT_REMINDERS.to_vec(),
    }
}

fn field(error: &FieldError) -> &'static str {
    match error {
        FieldError::Text(field, _) | FieldError::Invalid { field, .. } => field,
    }
}

fn refused(change: impl FnOnce(&mut Service)) -> &'static str {
    let mut service = service();
    change(&mut service);
    field(&service.validate().unwrap_err())
}

#[test]
fn a_usual_service_is_accepted() {
    assert_eq!(service().validate(), Ok(()));
}

#[test]
fn a_service_out_of_bounds_is_refused_with_the_field() {
    assert_eq!(refused(|service| service.names.de = " ".into()), "name");
    assert_eq!(
        refused(|service| service.names.pl = "x".repeat(201)),
        "name"
    );
    assert_eq!(refused(|service| service.duration_min = 0), "duration_min");
    assert_eq!(
        refused(|service| service.duration_min = 1_441),
        "duration_min"
    );
    assert_eq!(
        refused(|service| service.slot_step_min = 0),
        "slot_step_min"
    );
    assert_eq!(
        refused(|service| service.buffer_before_min = u32::MAX),
        "buffer_before_min"
    );
    assert_eq!(
        refused(|service| service.buffer_after_min = 481),
        "buffer_after_min"
    );
    assert_eq!(refused(|service| service.duration_min = 42), "duration_min");
    assert_eq!(
        refused(|service| service.slot_step_min = 13),
        "slot_step_min"
    );
    assert_eq!(
        refused(|service| service.min_notice_min = 86_401),
        "min_notice_min"
    );
    assert_eq!(refused(|service| service.horizon_days = 0), "horizon_days");
    assert_eq!(refused(|service| service.daily_cap = Some(0)), "daily_cap");
    assert_eq!(
        refused(|service| service.cancel_notice_min = 43_201),
        "cancel_notice_min"
    );
    assert_eq!(
        refused(|service| service.reschedule_notice_min = 43_201),
        "reschedule_notice_min"
    );
    assert_eq!(
        refused(|service| service.reminders.push(DEFAULT_REMINDERS[0])),
        "reminders"
    );
    assert_eq!(
        refused(|service| service.reminders[0].offset_min = 29),
        "reminders"
    );
}

#[test]
fn time_off_needs_an_end_after_its_beginning_within_reason() {
    let day_ms = 86_400_000;
    let noon_ms = 1_795_000_000_000;
    assert!(TimeOff::new(noon_ms, noon_ms + day_ms).is_ok());
    assert_eq!(field(&TimeOff::new(noon_ms, noon_ms).unwrap_err()), "to");
    assert_eq!(
        field(&TimeOff::new(noon_ms, noon_ms + 800 * day_ms).unwrap_err()),
        "to"
    );
    assert_eq!(field(&TimeOff::new(i64::MIN, noon_ms).unwrap_err()), "from");
    assert_eq!(field(&TimeOff::new(noon_ms, i64::MAX).unwrap_err()), "to");
}

#[test]
fn a_cancelled_booking_frees_its_time_and_stays_cancelled() {
    assert!(!BookingStatus::Cancelled.holds_time());
    for next in BookingStatus::ALL {
        assert!(!BookingStatus::Cancelled.may_become(*next));
        assert!(!next.may_become(*next));
        assert!(!next.may_become(BookingStatus::Booked));
    }
    assert!(BookingStatus::Done.may_become(BookingStatus::NoShow));
    assert!(!BookingStatus::Done.may_become(BookingStatus::Cancelled));
}

#[test]
fn words_are_read_as_they_are_written() {
    for status in BookingStatus::ALL {
        assert_eq!(status.as_str().parse(), Ok(*status));
    }
    assert_eq!("on_site".parse(), Ok(LocationKind::OnSite));
    assert_eq!("SMS".parse::<Channel>(), Err(UnknownWord));
    assert_eq!(
        serde_json::to_string(&DEFAULT_REMINDERS[1]).unwrap(),
        r#"{"offset_min":180,"channel":"sms"}"#
    );
}
