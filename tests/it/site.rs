//! The pages that work without scripts, as a browser without them uses them: links are followed, forms filled in and sent.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bad_input::shows_nothing_of_the_inside;
use crate::bookings::{book, free_times, wish};
use crate::support::{Actor, Answer, Server, send, text, uuid};

/// Puts back what HTML writes otherwise.
fn unescaped(html: &str) -> String {
    html.replace("&#x2f;", "/")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// What stands in every `name="…"` of a page.
fn attributes(page: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    let found = page.split(&begin).skip(1);
    found
        .map(|rest| unescaped(rest.split_once('"').unwrap().0))
        .collect()
}

/// The value of a form's hidden field.
#[track_caller]
fn hidden(page: &str, name: &str) -> String {
    let begin = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    unescaped(rest.split_once('"').unwrap().0)
}

/// The links to free times.
fn times(page: &str) -> Vec<String> {
    // The head's links lead to this page in other languages.
    let (_, main) = page.split_once("<main").unwrap();
    let mut links = attributes(main, "href");
    links.retain(|link| link.contains("start="));
    links
}

fn start_of(link: &str) -> String {
    let (_, rest) = link.split_once("start=").unwrap();
    rest.split('&').next().unwrap().replace("%3A", ":")
}

async fn page(who: &Actor, path: &str) -> String {
    let answer = who.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    answer.text()
}

async fn fill_in(who: &Actor, path: &str, fields: &[(&str, &str)]) -> Answer {
    send(who.request(Method::POST, path).form(fields)).await
}

/// Where a form that was taken leads.
#[track_caller]
fn taken(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location")
}

/// A page that says no, in words and with nothing of the inside.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    shows_nothing_of_the_inside(answer);
    assert!(answer.text().contains("<h1>"), "{}", answer.text());
    answer.text()
}

/// The last step of `/book` for a free time at least two weeks ahead.
async fn last_step(who: &Actor, more: &str) -> (String, String) {
    let mut week = page(who, &format!("/book?lang=pl{more}")).await;
    for _ in 0..2 {
        let mut links = attributes(&week, "href");
        links.retain(|link| link.contains("from="));
        week = page(who, links.last().unwrap()).await;
    }
    let link = times(&week)[0].clone();
    (page(who, &link).await, start_of(&link))
}

fn details<'a>(start: &'a str, key: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("service", "1"),
        ("start", start),
        ("name", "Anna Kwiatkowska"),
        ("email", "anna@example.com"),
        ("phone", "600 100 200"),
        ("notes", "Odbiór w maju"),
        ("key", key),
    ]
}

/// Where a form goes, what it says, and the answer's status.
type Form<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

async fn bookings(server: &Server) -> Vec<Value> {
    let list = server.agent().get("/api/booking/list").await.ok();
    list["bookings"].as_array().unwrap().clone()
}

async fn leads(server: &Server) -> Vec<Value> {
    let list = server.agent().get("/api/leads").await.ok();
    list.as_array().unwrap().clone()
}

/// A visit booked by the form; answers the path of its page.
async fn booked(who: &Actor) -> String {
    let (form, start) = last_step(who, "").await;
    let key = hidden(&form, "key");
    let page = taken(&fill_in(who, "/book?lang=pl", &details(&start, &key)).await);
    page.split_once('?').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_visit_is_booked_moved_and_cancelled_by_links_and_forms_alone() {
    let server = Server::start();
    let visitor = server.anon();
    let (form, start) = last_step(&visitor, "").await;
    assert_eq!(hidden(&form, "start"), start);
    let key = hidden(&form, "key");
    let to = taken(&fill_in(&visitor, "/book?lang=pl", &details(&start, &key)).await);
    assert!(
        to.starts_with("/booking/") && to.contains("lang=pl"),
        "{to}"
    );
    let shown = page(&visitor, &to).await;
    assert!(shown.contains("termin jest zarezerwowany"), "{shown}");
    let rows = bookings(&server).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["wall_time"], start);
    assert_eq!(rows[0]["notes"], "Odbiór w maju");
    assert_eq!(rows[0]["lang"], "pl");
    let calendar = attributes(&shown, "href");
    let calendar = calendar
        .iter()
        .find(|link| link.contains("invite.ics"))
        .unwrap();
    assert!(
        visitor
            .get(calendar)
            .await
            .text()
            .contains("METHOD:REQUEST")
    );

    let links = attributes(&shown, "href");
    let change = |what: &str| {
        let what = format!("change={what}");
        links.iter().find(|link| link.contains(&what)).unwrap()
    };
    let week = page(&visitor, change("time")).await;
    let other = times(&week).pop().unwrap();
    let confirm = page(&visitor, &other).await;
    let fields = [("change", "time"), ("start", &*hidden(&confirm, "start"))];
    for _ in 0..2 {
        let to = taken(&fill_in(&visitor, &to, &fields).await);
        assert!(
            page(&visitor, &to)
                .await
                .contains("Termin został zmieniony")
        );
    }
    let rows = bookings(&server).await;
    assert_eq!(rows[0]["wall_time"], start_of(&other));
    assert_eq!(rows[0]["sequence"], 1, "sent twice, moved once");

    let ask = page(&visitor, change("cancel")).await;
    assert!(ask.contains("Tak, odwołaj"), "{ask}");
    let fields = [("change", "cancel"), ("reason", "Wyjazd <służbowy>")];
    for _ in 0..2 {
        let to = taken(&fill_in(&visitor, &to, &fields).await);
        let shown = page(&visitor, &to).await;
        assert!(shown.contains("Wizyta została odwołana"), "{shown}");
        assert!(!shown.contains("change=cancel"));
    }
    let id = &bookings(&server).await[0]["id"];
    let whole = server.agent().get(&format!("/api/booking/{id}")).await.ok();
    assert_eq!(whole["status"], "cancelled");
    let history = whole["history"].as_array().unwrap();
    assert_eq!(history.len(), 3, "{whole}");
    assert_eq!(history[2]["details"]["reason"], "Wyjazd <służbowy>");
}

#[tokio::test]
async fn a_form_that_is_sent_again_shows_the_same_visit_and_books_no_second_one() {
    let server = Server::start();
    let visitor = server.anon();
    let (form, start) = last_step(&visitor, "").await;
    let key = hidden(&form, "key");
    let first = taken(&fill_in(&visitor, "/book?lang=pl", &details(&start, &key)).await);
    let again = taken(&fill_in(&visitor, "/book?lang=pl", &details(&start, &key)).await);
    assert_eq!(first, again);
    let mut other = details(&start, &key);
    other[2].1 = "Jan";
    let told = refused(&fill_in(&visitor, "/book?lang=pl", &other).await, 422);
    assert!(told.contains("został już wysłany"), "{told}");
    assert_eq!(bookings(&server).await.len(), 1);

    let (form, start) = last_step(&visitor, "").await;
    let key = hidden(&form, "key");
    let fields = details(&start, &key);
    let click = || fill_in(&visitor, "/book?lang=pl", &fields);
    let (one, two) = tokio::join!(click(), click());
    assert_eq!(taken(&one), taken(&two), "a double click");
    assert_eq!(bookings(&server).await.len(), 2);
}

#[tokio::test]
async fn when_others_were_quicker_everything_typed_stays_and_other_times_are_offered() {
    let server = Server::start();
    let visitor = server.anon();
    let (form, start) = last_step(&visitor, "").await;
    book(&visitor, &start).await;
    let key = hidden(&form, "key");
    let late = fill_in(&visitor, "/book?lang=pl", &details(&start, &key)).await;
    let told = refused(&late, 409);
    assert!(told.contains("właśnie zajął ktoś inny"), "{told}");
    assert_eq!(hidden(&told, "key"), key);
    for typed in [
        "Anna Kwiatkowska",
        "anna@example.com",
        "600 100 200",
        "Odbiór w maju",
    ] {
        assert!(told.contains(typed), "{typed}: {told}");
    }
    let (_, choices) = told.split_once("<fieldset").unwrap();
    let others = attributes(choices.split_once("</fieldset>").unwrap().0, "value");
    assert_eq!(others.len(), 5, "{others:?}");
    let other = taken(&fill_in(&visitor, "/book?lang=pl", &details(&others[0], &key)).await);
    assert!(
        page(&visitor, &other)
            .await
            .contains("termin jest zarezerwowany")
    );

    let link = format!("/book?start={start}");
    let told = refused(&visitor.get(&link).await, 422);
    assert!(!times(&told).is_empty(), "{told}");
    let move_there = [("change", "time"), ("start", start.as_str())];
    let path = other.split_once('?').unwrap().0;
    let told = refused(&fill_in(&visitor, path, &move_there).await, 409);
    assert!(told.contains("<fieldset"), "{told}");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_what_was_typed_is_text() {
    let server = Server::start();
    let visitor = server.anon();
    let (_, start) = last_step(&visitor, "").await;
    let long = "ż".repeat(10_000);
    let html = "<script>alert(1)</script>\"'&";
    let two_lines = "Anna\nBcc: all@example.com";
    for (field, value, said) in [
        ("name", "", "Please enter your name"),
        ("name", long.as_str(), "at most 100 characters"),
        ("name", two_lines, "single line"),
        ("name", "a\u{0}b", "cannot be stored"),
        ("email", "anna", "does not look like an e-mail"),
        ("email", html, "does not look like an e-mail"),
        ("phone", "12", "no such number"),
        ("phone", "", "enter your phone number"),
        ("notes", long.as_str(), "at most 2000 characters"),
        ("start", "2026-13-99T99:99", "choose one of the times"),
        ("start", "", "choose one of the times"),
    ] {
        let key = uuid();
        let mut fields = details(&start, &key);
        let place = fields.iter().position(|(name, _)| *name == field).unwrap();
        fields[place].1 = value;
        let told = refused(&fill_in(&visitor, "/book?lang=en", &fields).await, 422);
        assert!(told.contains(said), "{field} {value}: {told}");
        assert!(told.contains(&format!("href=\"#{field}\"")), "{field}");
        assert!(told.contains(&format!("id=\"{field}\"")), "{field}");
        assert!(told.contains(&format!("{field}-error")), "{field}");
        assert!(told.contains("<title>Error: "), "{field}");
        assert!(!told.contains("<script"), "{told}");
        assert_eq!(hidden(&told, "key"), key, "the same form");
    }
    let key = uuid();
    let mut fields = details(&start, &key);
    (fields[2].1, fields[5].1) = (html, html);
    let shown = taken(&fill_in(&visitor, "/book?lang=en", &fields).await);
    assert!(!page(&visitor, &shown).await.contains("<script"));
    assert_eq!(bookings(&server).await[0]["client_name"], html);
}

#[tokio::test]
async fn nonsense_gets_a_page_that_says_what_to_do_and_changes_nothing() {
    let server = Server::start();
    let visitor = server.anon();
    let link = booked(&visitor).await;
    let before = bookings(&server).await;
    for (path, status) in [
        ("/book?service=99", 404),
        ("/book?service=1%27--", 404),
        ("/book?service=1&service=1", 400),
        ("/book?start=2020-01-06T10:00", 422),
        ("/book?start=2027-03-28T02:30", 422),
        ("/book?start=9999-99-99T99:99", 422),
        ("/book?start=soon", 422),
        ("/book?start=%00", 422),
        ("/booking/forged", 404),
        ("/booking/%F0%9F%8F%A0", 404),
        ("/booking/AAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAA", 404),
        ("/qualification?step=9", 422),
        ("/qualification?step=3&a1=big", 422),
    ] {
        refused(&visitor.get(path).await, status);
    }
    for path in [
        "/book?from=tomorrow",
        "/book?from=1999-01-01",
        "/book?from=9999-12-31",
        "/book?lang=fr",
        "/book?service%5B%5D=1",
        "/qualification?step=-1",
        "/contact?name=x&sent",
    ] {
        page(&visitor, path).await;
    }
    let forms: [Form; 7] = [
        ("/book", &[("service", "99")], 404),
        ("/book", &[("service", "1"), ("service", "1")], 400),
        ("/book", &[("service[]", "1")], 400),
        (&link, &[("change", "everything")], 400),
        (
            &link,
            &[("change", "time"), ("start", "2020-01-06T10:00")],
            422,
        ),
        ("/booking/forged", &[("change", "cancel")], 404),
        ("/qualification", &[("name", "Anna")], 422),
    ];
    for (path, fields, status) in forms {
        refused(&fill_in(&visitor, path, fields).await, status);
    }
    for path in ["/book", "/contact", "/qualification", &link] {
        refused(&visitor.post(path, &json!({"service": 1})).await, 415);
        refused(&visitor.delete(path).await, 405);
        let much = "a".repeat(70_000);
        refused(&fill_in(&visitor, path, &[("name", &much)]).await, 413);
    }
    assert_eq!(bookings(&server).await, before);
    assert!(leads(&server).await.len() == 1);
}

#[tokio::test]
async fn looking_at_pages_changes_nothing_whatever_their_addresses_say() {
    let server = Server::start();
    let visitor = server.anon();
    let link = booked(&visitor).await;
    let (before, people) = (bookings(&server).await, leads(&server).await);
    for query in [
        "change=cancel&reason=x",
        "change=time&start=2026-12-01T10:00",
        "done=cancelled",
        "done=moved",
    ] {
        visitor.get(&format!("{link}?{query}")).await;
    }
    let shown = page(&visitor, &format!("{link}?done=cancelled")).await;
    assert!(!shown.contains("odwołana"), "{shown}");
    visitor
        .get("/book?service=1&name=Anna&email=anna@example.com&phone=600100200&key=1")
        .await;
    visitor
        .get("/contact?name=Anna&email=anna@example.com&message=x&consent=yes")
        .await;
    assert_eq!(bookings(&server).await, before);
    assert_eq!(leads(&server).await, people);
}

#[tokio::test]
async fn when_it_is_too_late_to_change_a_visit_the_page_says_so_and_whom_to_call() {
    let server = Server::start();
    let visitor = server.anon();
    let link = booked(&visitor).await;
    let mut service = visitor.get("/api/booking/services").await.ok()["services"][0].clone();
    service["cancel_notice_min"] = json!(43_200);
    service["reschedule_notice_min"] = json!(43_200);
    for read_only in ["id", "names"] {
        service.as_object_mut().unwrap().remove(read_only);
    }
    let owner = server.owner();
    owner.put("/api/booking/services/1", &service).await.ok();
    let shown = page(&visitor, &link).await;
    assert!(shown.contains("jest już za późno"), "{shown}");
    assert!(!shown.contains("change="), "{shown}");
    for fields in [
        [("change", "cancel"), ("reason", "")],
        [("change", "time"), ("start", "2026-12-29T10:00")],
    ] {
        let told = refused(&fill_in(&visitor, &link, &fields).await, 409);
        assert!(told.contains("za późno"), "{told}");
    }
    assert_eq!(bookings(&server).await[0]["status"], "booked");
}

#[tokio::test]
async fn of_several_services_one_is_chosen_and_for_a_visit_on_site_the_place() {
    let server = Server::start();
    let visitor = server.anon();
    let body = json!({
        "name": "Oględziny", "names": {"en": "Survey"}, "duration_min": 60, "location_kind": "on_site"
    });
    let made = server.owner().post("/api/booking/services", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].to_string();
    let mut member = server.owner().get("/api/booking/staff").await.ok()["staff"][0].clone();
    member = json!({
        "name": member["name"], "email": "member@example.com", "services": [1, made.json()["id"]],
        "hours": member["team"]["hours"]
    });
    server
        .owner()
        .put("/api/booking/staff/1", &member)
        .await
        .ok();
    let choice = page(&visitor, "/book?lang=en").await;
    let links = attributes(&choice, "href");
    let survey = links
        .iter()
        .find(|link| link.contains(&format!("service={id}")))
        .unwrap();
    assert!(choice.contains("Survey"), "{choice}");
    let asks = page(&visitor, survey).await;
    assert!(asks.contains("Where should we come?") && times(&asks).is_empty());
    let told = refused(&visitor.get(&format!("{survey}&area=+")).await, 422);
    assert!(told.contains("#area"), "{told}");
    let (form, start) = last_step(
        &visitor,
        &format!("&service={id}&area=Ko%C5%9Bcielna+1%2C+Sopot"),
    )
    .await;
    assert!(form.contains("Kościelna 1, Sopot"), "{form}");
    let key = hidden(&form, "key");
    let mut fields = details(&start, &key);
    fields[0].1 = &id;
    refused(&fill_in(&visitor, "/book", &fields).await, 422);
    fields.push(("area", "Kościelna 1, Sopot"));
    let to = taken(&fill_in(&visitor, "/book", &fields).await);
    assert!(page(&visitor, &to).await.contains("Kościelna 1, Sopot"));
    assert_eq!(bookings(&server).await[0]["area"], "Kościelna 1, Sopot");
}

#[tokio::test]
async fn where_nothing_can_be_booked_the_page_says_so() {
    let server = Server::start();
    let visitor = server.anon();
    let off = json!({"name": "NovaHouse", "email": "member@example.com", "services": []});
    server.owner().put("/api/booking/staff/1", &off).await.ok();
    let shown = page(&visitor, "/book?lang=de").await;
    assert!(
        shown.contains("In nächster Zeit sind keine Termine frei"),
        "{shown}"
    );
    server.owner().delete("/api/booking/services/1").await.ok();
    let shown = page(&visitor, "/book?lang=de").await;
    assert!(shown.contains("keine Termine buchen"), "{shown}");
}

#[tokio::test]
async fn a_message_becomes_a_lead_with_the_consent_that_was_shown() {
    let server = Server::start();
    let visitor = server.anon();
    let path = "/contact?lang=de&utm_source=letter";
    let form = page(&visitor, path).await;
    assert_eq!(attributes(&form, "action"), [path]);
    assert!(form.contains("name=\"website\"") && !hidden(&form, "opened_at").is_empty());
    let (key, version) = (hidden(&form, "key"), hidden(&form, "text_version"));
    let whole = [
        ("name", "Łucja"),
        ("email", "lucja@example.com"),
        ("phone", ""),
        ("message", "<b>Wann?</b>"),
        ("consent", "yes"),
        ("text_version", version.as_str()),
        ("opened_at", "1"),
        ("website", ""),
        ("key", key.as_str()),
    ];
    for (at, value, said) in [
        (0, "", "#name"),
        (1, "", "#email"),
        (1, "lucja", "#email"),
        (2, "12", "#phone"),
        (3, "", "#message"),
        (4, "", "#consent"),
        (5, "old", "hat sich gerade geändert"),
    ] {
        let mut fields = whole;
        fields[at].1 = value;
        let told = refused(&fill_in(&visitor, path, &fields).await, 422);
        assert!(told.contains(said), "{said}: {told}");
        assert!(told.contains("&lt;b&gt;Wann?") || at == 3, "{told}");
    }
    assert!(leads(&server).await.is_empty());
    for _ in 0..2 {
        let to = taken(&fill_in(&visitor, path, &whole).await);
        assert!(
            page(&visitor, &to)
                .await
                .contains("Ihre Nachricht ist angekommen")
        );
    }
    let leads = leads(&server).await;
    assert_eq!(leads.len(), 1);
    assert_eq!(
        (&leads[0]["source"], &leads[0]["message"]),
        (&json!("form"), &json!("<b>Wann?</b>"))
    );
    assert_eq!(leads[0]["first_touch"]["utm"]["utm_source"], "letter");
    let consent = &leads[0]["consents"][0];
    assert_eq!(
        (&consent["language"], &consent["text_version"]),
        (&json!("de"), &json!(version))
    );
    assert!(form.contains(&text(&consent["text"])), "{consent}");
}

#[tokio::test]
async fn the_quiz_goes_question_by_question_and_ends_in_a_lead() {
    let server = Server::start();
    let visitor = server.anon();
    let answers = [
        "65", "150.000", "no", "premium", "house", "modern", "yes", "yes",
    ];
    let mut query = "lang=en".to_owned();
    for (at, answer) in answers.iter().enumerate() {
        let number = at + 1;
        let shown = page(&visitor, &format!("/qualification?{query}&step={number}")).await;
        assert!(
            shown.contains(&format!("Question {number} of 8")),
            "{shown}"
        );
        let missed = visitor
            .get(&format!("/qualification?{query}&step={}", number + 1))
            .await;
        assert!(refused(&missed, 422).contains(&format!("Question {number} of 8")));
        query += &format!("&a{number}={answer}");
    }
    let address = format!("/qualification?{query}&step=9");
    let result = page(&visitor, &address).await;
    assert!(
        result.contains("Premium") && result.contains("80%"),
        "{result}"
    );
    let action = attributes(&result, "action")[0].clone();
    let (key, version) = (hidden(&result, "key"), hidden(&result, "text_version"));
    let mut fields = vec![
        ("name", "Anna"),
        ("phone", "600 100 200"),
        ("text_version", version.as_str()),
        ("key", key.as_str()),
    ];
    let told = refused(&fill_in(&visitor, &action, &fields).await, 422);
    assert!(
        told.contains("#consent") && told.contains("600 100 200"),
        "{told}"
    );
    assert!(leads(&server).await.is_empty());
    fields.push(("consent", "yes"));
    for _ in 0..2 {
        let to = taken(&fill_in(&visitor, &action, &fields).await);
        assert!(page(&visitor, &to).await.contains("Thank you!"));
    }
    let leads = leads(&server).await;
    assert_eq!(leads.len(), 1);
    let lead = &leads[0];
    assert_eq!(
        (&lead["source"], &lead["interested_package"]),
        (&json!("quiz"), &json!("premium"))
    );
    assert_eq!(
        (&lead["property_size"], &lead["budget"]),
        (&json!(65.0), &json!(150_000))
    );
    assert_eq!(lead["consents"][0]["language"], "en");
}

#[tokio::test]
async fn every_page_speaks_the_visitors_language_and_keeps_it() {
    let server = Server::start();
    let visitor = server.anon();
    let link = booked(&visitor).await;
    for (path, words) in [
        ("/book", ["Umów wizytę", "Book a visit", "Termin buchen"]),
        (
            "/contact",
            ["Napisz do nas", "Write to us", "Nachricht schreiben"],
        ),
        (
            "/qualification",
            ["Który pakiet?", "Which package?", "Welches Paket?"],
        ),
        (&link, ["Państwa wizyta", "Your visit", "Ihr Termin"]),
    ] {
        for (lang, words) in ["pl", "en", "de"].iter().zip(words) {
            let named = page(&visitor, &format!("{path}?lang={lang}")).await;
            assert!(named.contains(&format!("<h1>{words}</h1>")), "{named}");
            assert!(
                named.contains(&format!("<html lang=\"{lang}\">")),
                "{named}"
            );
            let ours = attributes(&named, "href");
            let ours = ours.iter().filter(|link| link.starts_with('/'));
            let is_page = |link: &&String| {
                !link.contains(".ics") && !link.contains("/assets/") && !link.contains(".css")
            };
            for link in ours.filter(is_page) {
                assert!(link.contains("lang="), "{path} {lang}: {link}");
            }
            let wish = visitor
                .request(Method::GET, path)
                .header("Accept-Language", *lang);
            let accepted = send(wish).await.text();
            assert!(
                accepted.contains(&format!("<h1>{words}</h1>")),
                "{accepted}"
            );
        }
        let polish = page(&visitor, path).await;
        assert!(
            polish.contains("<html lang=\"pl\">"),
            "without a wish: {polish}"
        );
    }
}

#[tokio::test]
async fn whoever_sends_too_many_forms_sees_a_page_that_says_so() {
    let server = Server::start_with(&[
        ("RATE_LIMITS", "on"),
        ("NOVAHOUSE_RATE_CREATE_PER_MIN", "2"),
    ]);
    let visitor = server.anon();
    for _ in 0..2 {
        refused(
            &fill_in(&visitor, "/contact?lang=en", &[("name", "Anna")]).await,
            422,
        );
    }
    let answer = fill_in(&visitor, "/contact?lang=en", &[("name", "Anna")]).await;
    assert!(refused(&answer, 429).contains("Please wait a moment"));
    assert!(!answer.header("retry-after").is_empty());
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("style-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    page(&visitor, "/contact").await;
}

#[tokio::test]
async fn a_forms_key_counts_for_what_was_sent_with_it_and_for_nothing_else() {
    let server = Server::start();
    let visitor = server.anon();
    let key = uuid();
    let free = free_times(&visitor, "").await;
    let start = free[9].get(..16).unwrap().to_owned();
    let first = taken(&fill_in(&visitor, "/book", &details(&start, &key)).await);
    // The same key in the header of the API is another program's.
    let by_api = visitor
        .request(Method::POST, "/api/booking/create")
        .header("Idempotency-Key", &key)
        .json(&wish(&free[30]));
    assert_eq!(send(by_api).await.status, 201);
    // Nor does a key that is no key of ours join two forms.
    for start in [&free[40], &free[50]] {
        let mut fields = details(start.get(..16).unwrap(), "1");
        fields[5].1 = "";
        let page = taken(&fill_in(&visitor, "/book", &fields).await);
        assert_ne!(page.split('?').next(), first.split('?').next());
    }
    assert_eq!(bookings(&server).await.len(), 4);
}
