use super::*;

fn field(error: &FieldError) -> &'static str {
    match error {
        FieldError::Text(field, _) | FieldError::Invalid { field, .. } => field,
    }
}

fn entry(weekday: u8, from: &str, to: &str) -> HoursEntry {
    HoursEntry {
        weekday,
        from: from.into(),
        to: to.into(),
    }
}

#[test]
fn weekly_hours_are_sorted_and_come_back_as_they_were_written() {
    let hours = WeeklyHours::parse(&[
        entry(7, "00:00", "24:00"),
        entry(1, "13:00", "17:30"),
        entry(1, "09:00", "13:00"),
    ])
    .unwrap();
    let expected = [
        entry(1, "09:00", "13:00"),
        entry(1, "13:00", "17:30"),
        entry(7, "00:00", "24:00"),
    ];
    assert_eq!(hours.entries(), expected);
    let json = serde_json::to_string(&hours).unwrap();
    assert_eq!(serde_json::from_str::<WeeklyHours>(&json).unwrap(), hours);
}

#[test]
fn weekly_hours_that_make_no_sense_are_refused() {
    let refused = |entries: &[HoursEntry]| field(&WeeklyHours::parse(entries).unwrap_err());
    assert_eq!(refused(&[entry(0, "09:00", "17:00")]), "weekday");
    assert_eq!(refused(&[entry(8, "09:00", "17:00")]), "weekday");
    for from in [
        "",
        "9:00",
        "09:60",
        "24:01",
        "25:00",
        "09:00:00",
        "-9:00",
        "+9:00",
        "०९:००",
        "99:99",
    ] {
        assert_eq!(refused(&[entry(1, from, "24:00")]), "from", "{from:?}");
    }
    assert_eq!(refused(&[entry(1, "17:00", "09:00")]), "to");
    assert_eq!(refused(&[entry(1, "09:00", "09:00")]), "to");
    assert_eq!(
        refused(&[entry(1, "12:00", "14:00"), entry(1, "09:00", "12:01")]),
        "hours"
    );
    let many: Vec<_> = (0..13)
        .map(|hour| entry(1, &format!("{hour:02}:00"), &format!("{hour:02}:30")))
        .collect();
    assert_eq!(refused(&many), "hours");
    assert!(serde_json::from_str::<WeeklyHours>(r#"[{"weekday":9,"from":"a","to":"b"}]"#).is_err());
}
