use super::check;
use crate::nlu::Lang::Pl;

#[test]
fn polish_areas_are_read() {
    check(
        Pl,
        &[
            ("Mam 62,5 mkw do wykończenia", "area_m2 62.5"),
            ("mieszkanie 60 metrów", "area_m2 60.0; property_type flat"),
            (
                "Dom o powierzchni 140 m²",
                "area_m2 140.0; property_type house",
            ),
            ("75m2", "area_m2 75.0"),
            ("48.5 m.kw.", "area_m2 48.5"),
            ("sześćdziesiąt pięć metrów kwadratowych", "area_m2 65.0"),
            ("około osiemdziesięciu metrów", "area_m2 80.0"),
            ("sto dwadzieścia mkw", "area_m2 120.0"),
            ("50-60 m2", "area_m2 55.0"),
            ("od 50 do 70 metrów kwadratowych", "area_m2 60.0"),
            ("między 40 a 50 m2", "area_m2 45.0"),
            ("metraż: 62", "area_m2 62.0"),
            ("powierzchnia to około 71,3", "area_m2 71.3"),
            ("1 200 m2 biura", "area_m2 1200.0; property_type commercial"),
            ("lokal 1.200 m2", "area_m2 1200.0; property_type commercial"),
            (
                "łazienka 8 m2 w mieszkaniu 60 m2",
                "area_m2 60.0; property_type flat",
            ),
            ("sama łazienka 6 m2", "area_m2 6.0"),
            ("60M2 NA CITO", "area_m2 60.0"),
            ("60 metrow kw", "area_m2 60.0"),
        ],
    );
}

#[test]
fn polish_budgets_are_read_and_prices_are_not() {
    check(
        Pl,
        &[
            ("Budżet 120 tys.", "budget_pln 120000"),
            ("150k", "budget_pln 150000"),
            ("mam sto tysięcy", "budget_pln 100000"),
            ("sto pięćdziesiąt tysięcy złotych", "budget_pln 150000"),
            ("1,2 mln zł", "budget_pln 1200000"),
            ("półtora miliona", "budget_pln 1500000"),
            ("pół miliona złotych", "budget_pln 500000"),
            ("od 100 do 150 tys.", "budget_pln 150000"),
            ("100-120 tys zł", "budget_pln 120000"),
            ("100 000 zł - 130 000 zł", "budget_pln 130000"),
            ("budżet do 200.000 PLN", "budget_pln 200000"),
            ("80 000 zł na wszystko", "budget_pln 80000"),
            ("mam 80000 na remont", "budget_pln 80000"),
            ("Budżet: około 120", "budget_pln 120000"),
            (
                "do wydania mam dziewięćdziesiąt tysięcy",
                "budget_pln 90000",
            ),
            ("Czy 1500 zł za m2 to dużo?", ""),
            ("ile to 2000 zł/m2", ""),
            ("cena 1990 zł za metr kwadratowy", ""),
            ("płacę za metr 1500 zł", ""),
            ("macie 2 tys. klientów?", ""),
            ("w 2025 roku", ""),
            ("30 tys. euro", ""),
            (
                "Dom 120 m2, budżet 250 tysięcy",
                "area_m2 120.0; budget_pln 250000; property_type house",
            ),
            ("60 m2 do 150 tys", "area_m2 60.0; budget_pln 150000"),
        ],
    );
}

#[test]
fn polish_towns_come_out_in_the_nominative() {
    check(
        Pl,
        &[
            ("mieszkanie w Gdańsku", "city Gdańsk; property_type flat"),
            ("we Wrocławiu", "city Wrocław"),
            ("jestem z Pruszcza Gdańskiego", "city Pruszcz Gdański"),
            ("dojeżdżacie do Sopotu?", "city Sopot"),
            ("Gdańsk Wrzeszcz", "city Gdańsk"),
            (
                "dom w Pruszczu",
                "city Pruszcz Gdański; property_type house",
            ),
            (
                "mieszkanie na Mokotowie",
                "city Warszawa; property_type flat",
            ),
            ("w gdansku", "city Gdańsk"),
            ("GDYNIA", "city Gdynia"),
            ("pod Warszawą", "city Warszawa"),
            ("w Nowym Dworze Gdańskim", "city Nowy Dwór Gdański"),
            ("Czy pracujecie w Kartuzach?", "city Kartuzy"),
            (
                "dom w Bielsku-Białej",
                "city Bielsko-Biała; property_type house",
            ),
            ("w Markach pod Warszawą", "city Marki"),
            (
                "jestem z Warszawy, a mieszkanie mam w Sopocie",
                "city Sopot; property_type flat",
            ),
            ("nie w Gdyni, tylko w Redzie", "city Reda"),
            ("ul. Gdańska 15 w Sopocie", "city Sopot"),
            ("mieszkanie przy Gdańskiej", "property_type flat"),
            ("ulica Warszawska 3", ""),
            ("Jakie marki płytek stosujecie?", ""),
            ("koło domu", "property_type house"),
            ("remont na świecie", ""),
            ("umówmy się 15 września", "date 2027-09-15"),
        ],
    );
}

#[test]
fn polish_homes_rooms_and_packages_are_read() {
    check(
        Pl,
        &[
            ("kawalerka 28 m2", "area_m2 28.0; property_type studio"),
            ("wykończenie kawalerki", "property_type studio"),
            ("trzy pokoje", "rooms 3"),
            ("3-pokojowe mieszkanie", "property_type flat; rooms 3"),
            ("mieszkanie trzypokojowe", "property_type flat; rooms 3"),
            ("dwupokojowe, 45m2", "area_m2 45.0; rooms 2"),
            ("3-4 pokoje", "rooms 4"),
            ("liczba pokoi: 4", "rooms 4"),
            ("lokal użytkowy w centrum", "property_type commercial"),
            ("domek jednorodzinny", "property_type house"),
            ("Gdzie jest wasze biuro?", ""),
            ("interesuje mnie pakiet premium", "package premium"),
            ("w wersji luksusowej pakiet luksusowy", "package luxury"),
            ("pakiet Standard", "package standard"),
            ("premium", "package premium"),
            ("premium czy luksus? co wchodzi w pakiet?", ""),
            ("jaki jest standard wykończenia u was w firmie", ""),
        ],
    );
}

#[test]
fn polish_contacts_and_names_are_read() {
    check(
        Pl,
        &[
            ("Nazywam się Jan Kowalski", "name Jan Kowalski"),
            (
                "nazywam się jan kowalski i szukam ekipy",
                "name Jan Kowalski",
            ),
            ("mam na imię Ania", "name Ania"),
            ("jestem Anna", "name Anna"),
            (
                "Jestem Anna Kowalska-Nowak, proszę o kontakt",
                "name Anna Kowalska-Nowak",
            ),
            ("z tej strony Marek Nowak", "name Marek Nowak"),
            (
                "Proszę o wycenę.\nPozdrawiam,\nKatarzyna Zielińska",
                "name Katarzyna Zielińska",
            ),
            ("Pozdrawiam serdecznie, Piotr", "name Piotr"),
            ("jestem zainteresowany", ""),
            ("Jestem Zainteresowana ofertą", ""),
            ("jestem z Gdańska", "city Gdańsk"),
            ("Pozdrawiam z Gdańska", "city Gdańsk"),
            (
                "mój mail to Jan.Kowalski@Example.com.",
                "email jan.kowalski@example.com",
            ),
            (
                "piszcie na biuro@firma-x.com.pl, dzięki",
                "email biuro@firma-x.com.pl",
            ),
            ("tel. 601 234 567", "phone +48601234567"),
            ("601234567", "phone +48601234567"),
            ("+48 601-234-567", "phone +48601234567"),
            ("0048601234567", "phone +48601234567"),
            ("48 601 234 567", "phone +48601234567"),
            ("(58) 500 46 63", "phone +48585004663"),
            (
                "zadzwońcie pod 58 500 46 63 po 15",
                "phone +48585004663; time 15:00",
            ),
            ("telefon:601234567, Jan", "phone +48601234567"),
            ("NIP 5842751979", ""),
            ("PESEL 48010112345", ""),
            ("konto 12 1020 1026 0000 0402 7020 1111", ""),
            ("mam 100 000 000 zł", "budget_pln 100000000"),
        ],
    );
}

#[test]
fn polish_dates_and_times_are_read() {
    check(
        Pl,
        &[
            ("jutro o 17", "date 2026-11-23; time 17:00"),
            ("w przyszły wtorek po 15", "date 2026-11-24; time 15:00"),
            ("za dwa tygodnie", "date 2026-12-06"),
            ("za tydzień", "date 2026-11-29"),
            ("za 3 dni", "date 2026-11-25"),
            ("za miesiąc", "date 2026-12-22"),
            ("pojutrze o 9:30", "date 2026-11-24; time 09:30"),
            ("dzisiaj o 18", "date 2026-11-22; time 18:00"),
            ("w piątek", "date 2026-11-27"),
            ("w ten piątek o piątej", "date 2026-11-27; time 17:00"),
            ("we wtorek za tydzień", "date 2026-12-01"),
            ("w przyszłym tygodniu w środę", "date 2026-11-25"),
            ("w weekend", "date 2026-11-28"),
            ("w niedzielę", "date 2026-11-29"),
            ("15 grudnia", "date 2026-12-15"),
            ("15 grudnia 2027 r.", "date 2027-12-15"),
            ("15-go grudnia o 10", "date 2026-12-15; time 10:00"),
            ("piętnastego grudnia", "date 2026-12-15"),
            ("3 marca", "date 2027-03-03"),
            ("15.12", "date 2026-12-15"),
            ("15.12.2026", "date 2026-12-15"),
            ("2026-12-15", "date 2026-12-15"),
            ("15.12.2026 17:30", "date 2026-12-15; time 17:30"),
            ("5.01 o 12.30", "date 2027-01-05; time 12:30"),
            ("wpół do piątej", "time 16:30"),
            ("kwadrans po czwartej", "time 16:15"),
            ("o dziewiątej rano", "time 09:00"),
            ("o 7 wieczorem", "time 19:00"),
            ("jutro w południe", "date 2026-11-23; time 12:00"),
            ("jutro po południu", "date 2026-11-23"),
            ("od 9 do 17", "time 09:00"),
            ("dzwonić między 10 a 12", "time 10:00"),
            ("od 2 do 3 tygodni", ""),
            ("wpół do pierwszej", "time 12:30"),
            ("o godz. 16.45", "time 16:45"),
            ("o siedemnastej trzydzieści", "time 17:30"),
            ("za 2 godziny", "date 2026-11-22; time 14:00"),
            ("po 15 latach", ""),
            ("31 lutego", ""),
            ("32.12.2026", ""),
            ("o 25", ""),
            ("w przyszłym tygodniu", ""),
            ("w soboty pracujecie?", ""),
            ("24/7", ""),
            ("1.5 roku", ""),
            ("o 3 pokojach", "rooms 3"),
        ],
    );
}

#[test]
fn a_whole_polish_enquiry_is_read() {
    check(
        Pl,
        &[(
            "Dzień dobry, nazywam się Anna Nowak. Mam mieszkanie 3-pokojowe 64,5 m² w Gdyni, budżet 120-150 tys. zł, \
         interesuje mnie pakiet premium. Proszę o telefon 601 234 567 jutro po 16 lub mail anna@example.com",
            "area_m2 64.5; budget_pln 150000; city Gdynia; property_type flat; rooms 3; package premium; name Anna Nowak; \
         email anna@example.com; phone +48601234567; date 2026-11-23; time 16:00",
        )],
    );
}
