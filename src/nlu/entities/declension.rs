//! The cases of Polish place names, by the end of each word.
//!
//! Where a rule cannot know the form ("Krakowa" but "Sopotu") it makes both: a form nobody uses does no harm. Names
//! that follow no rule have their forms in `assets/nlu/towns.toml`.

/// The forms of one word by case: nominative, genitive, dative, accusative, instrumental, locative.
type Cases = [Vec<String>; 6];

/// All forms of a name of one or more words, the name itself among them.
pub(super) fn forms(name: &str) -> Vec<String> {
    let words: Vec<&str> = name
        .split([' ', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let is_plural = words
        .iter()
        .any(|word| ends(word, &["ice", "ce", "ry", "ki", "ty"]) && !is_adjective(word));
    let cases: Vec<Cases> = words
        .iter()
        .map(|word| {
            if words.len() > 1 && is_adjective(word) {
                adjective(word, is_plural)
            } else {
                noun(word)
            }
        })
        .collect();
    let mut all: Vec<String> = (0..6)
        .flat_map(|case| {
            cases.iter().fold(vec![String::new()], |phrases, word| {
                let longer = |phrase: &String| -> Vec<String> {
                    let with = |form: &String| format!("{phrase} {form}");
                    word[case].iter().map(with).collect()
                };
                phrases.iter().flat_map(longer).collect()
            })
        })
        .map(|phrase| phrase.trim().to_owned())
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn ends(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|end| word.ends_with(end))
}

fn is_adjective(word: &str) -> bool {
    const WORDS: [&str; 19] = [
        "Nowy", "Nowa", "Stary", "Stara", "Stare", "Mały", "Mała", "Wielki", "Wielkie", "Czarna",
        "Zielona", "Biała", "Kamienna", "Stalowa", "Leśna", "Święta", "Jelenia", "Psie", "Nowe",
    ];
    WORDS.contains(&word) || ends(word, &["ski", "cki", "ska", "cka", "skie", "ckie"])
}

fn adjective(word: &str, is_plural: bool) -> Cases {
    let stem = word.trim_end_matches(['i', 'y', 'a', 'e']);
    let is_soft = ends(stem, &["k", "g"]) || ends(word, &["ie", "ia"]);
    let [ego, emu, ym, ych, ymi, ej] = if is_soft {
        ["iego", "iemu", "im", "ich", "imi", "iej"]
    } else {
        ["ego", "emu", "ym", "ych", "ymi", "ej"]
    };
    let with = |end: &str| vec![format!("{stem}{end}")];
    let as_is = || vec![word.to_owned()];
    match word.chars().last() {
        Some('a') => {
            // "Śląską", but "Jelenią".
            let object = vec![format!("{stem}ą"), format!("{stem}ią")];
            [
                as_is(),
                with(ej),
                with(ej),
                object.clone(),
                object,
                with(ej),
            ]
        }
        Some('e') if is_plural => [as_is(), with(ych), with(ym), as_is(), with(ymi), with(ych)],
        _ => [as_is(), with(ego), with(emu), as_is(), with(ym), with(ym)],
    }
}

fn noun(word: &str) -> Cases {
    let cut = |end: &str| word.strip_suffix(end).unwrap_or(word);
    let of = |forms: [Vec<String>; 5]| {
        let [genitive, dative, accusative, instrumental, locative] = forms;
        [
            vec![word.to_owned()],
            genitive,
            dative,
            accusative,
            instrumental,
            locative,
        ]
    };
    let with = |stem: &str, ends: &[&str]| {
        ends.iter()
            .map(|end| format!("{stem}{end}"))
            .collect::<Vec<_>>()
    };
    if let Some(stem) = word.strip_suffix("ia") {
        return of([
            with(stem, &["i", "ii"]),
            with(stem, &["i", "ii"]),
            with(stem, &["ię"]),
            with(stem, &["ią"]),
            with(stem, &["i", "ii"]),
        ]);
    }
    if let Some(stem) = word.strip_suffix('a') {
        let i = if ends(stem, &["k", "g", "l", "j"]) {
            "i"
        } else {
            "y"
        };
        let soft = softened(stem, true);
        return of([
            with(stem, &[i]),
            vec![soft.clone()],
            with(stem, &["ę"]),
            with(stem, &["ą"]),
            vec![soft],
        ]);
    }
    if let Some(stem) = word.strip_suffix('o') {
        let em = if ends(stem, &["k", "g"]) { "iem" } else { "em" };
        return of([
            with(stem, &["a"]),
            with(stem, &["u"]),
            with(stem, &["o"]),
            with(stem, &[em]),
            vec![format!("{stem}u"), softened(stem, false)],
        ]);
    }
    if ends(word, &["ce", "y", "i"]) {
        let stem = cut("e").trim_end_matches(['y', 'i']);
        let mut genitive = with(stem, &["", "ów"]);
        if let Some(before) = stem.strip_suffix('k').or_else(|| stem.strip_suffix('c')) {
            genitive.push(format!("{before}e{}", &stem[before.len()..]));
        }
        return of([
            genitive,
            with(stem, &["om"]),
            vec![word.to_owned()],
            with(stem, &["ami"]),
            with(stem, &["ach"]),
        ]);
    }
    if let Some(stem) = word.strip_suffix('e') {
        return of([
            with(stem, &["a", "ego"]),
            with(stem, &["u", "emu"]),
            with(stem, &["e"]),
            with(stem, &["em"]),
            with(stem, &["u", "em"]),
        ]);
    }
    masculine(word)
}

/// A name that ends in a consonant.
fn masculine(word: &str) -> Cases {
    let stem = if let Some(stem) = word.strip_suffix("ów") {
        format!("{stem}ow")
    } else if let Some(stem) = word.strip_suffix("ór") {
        format!("{stem}or")
    } else if let Some(stem) = word.strip_suffix("óz") {
        format!("{stem}oz")
    } else if let Some(stem) = word.strip_suffix("órz") {
        format!("{stem}orz")
    } else if let Some(stem) = word.strip_suffix("ek") {
        format!("{stem}k")
    } else if let Some(stem) = word.strip_suffix("iec").or_else(|| word.strip_suffix("ec")) {
        format!("{stem}c")
    } else if let Some(stem) = word.strip_suffix('ń') {
        format!("{stem}ni")
    } else if let Some(stem) = word.strip_suffix("ść") {
        format!("{stem}ści")
    } else if let Some(stem) = word.strip_suffix('ź') {
        format!("{stem}zi")
    } else {
        word.to_owned()
    };
    let em = if ends(&stem, &["k", "g"]) {
        "iem"
    } else {
        "em"
    };
    let mut cases = [
        vec![word.to_owned()],
        vec![format!("{stem}a"), format!("{stem}u")],
        vec![format!("{stem}owi")],
        vec![word.to_owned()],
        vec![format!("{stem}{em}")],
        vec![format!("{stem}u"), softened(&stem, false)],
    ];
    // "Wrocław", "Radom" and "Oświęcim" are soft in all other cases; "Bydgoszcz" is feminine.
    if ends(word, &["aw", "m", "w", "b"]) {
        for (case, end) in [(1, "ia"), (2, "iowi"), (4, "iem"), (5, "iu")] {
            cases[case].push(format!("{stem}{end}"));
        }
    }
    if ends(word, &["cz", "sz", "dź", "ść"]) {
        for (case, end) in [(1, "y"), (2, "y"), (4, "ą"), (5, "y")] {
            cases[case].push(format!("{stem}{end}"));
        }
    }
    cases
}

/// The locative of a stem: "Warszaw" → "Warszawie", "Sopot" → "Sopocie". Feminine names in "-ka" and "-ga" change too.
fn softened(stem: &str, is_feminine: bool) -> String {
    const CHANGES: [(&str, &str); 16] = [
        ("st", "ście"),
        ("zd", "ździe"),
        ("zn", "źnie"),
        ("sn", "śnie"),
        ("ch", "sze"),
        ("cz", "czy"),
        ("sz", "szy"),
        ("rz", "rzy"),
        ("t", "cie"),
        ("d", "dzie"),
        ("r", "rze"),
        ("ł", "le"),
        ("c", "cy"),
        ("ż", "ży"),
        ("l", "li"),
        ("j", "i"),
    ];
    let velar = [("k", "ce"), ("g", "dze")];
    let changes = CHANGES.iter().chain(velar.iter().filter(|_| is_feminine));
    for (end, soft) in changes {
        if let Some(stem) = stem.strip_suffix(end) {
            return format!("{stem}{soft}");
        }
    }
    format!("{stem}ie")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_inflected_as_poles_inflect_them() {
        for (name, expected) in [
            ("Gdańsk", "Gdańska Gdańskowi Gdańskiem Gdańsku"),
            ("Gdynia", "Gdyni Gdynię Gdynią"),
            ("Sopot", "Sopotu Sopotowi Sopotem Sopocie"),
            ("Warszawa", "Warszawy Warszawie Warszawę Warszawą"),
            ("Wrocław", "Wrocławia Wrocławiowi Wrocławiem Wrocławiu"),
            ("Kraków", "Krakowa Krakowie Krakowem"),
            ("Poznań", "Poznania Poznaniu Poznaniem"),
            ("Bydgoszcz", "Bydgoszczy Bydgoszczą"),
            ("Katowice", "Katowic Katowicach Katowicami"),
            ("Siedlce", "Siedlec Siedlcach"),
            ("Tychy", "Tychów Tychach"),
            ("Włocławek", "Włocławka Włocławku Włocławkiem"),
            ("Sosnowiec", "Sosnowca Sosnowcu Sosnowcem"),
            ("Wejherowo", "Wejherowa Wejherowie Wejherowem"),
            ("Gniezno", "Gniezna Gnieźnie"),
            ("Oleśnica", "Oleśnicy Oleśnicę"),
            ("Zakopane", "Zakopanego Zakopanem"),
            ("Ełk", "Ełku Ełkiem"),
            ("Radom", "Radomia Radomiu"),
            ("Zamość", "Zamościa Zamościu"),
            ("Świnoujście", "Świnoujścia Świnoujściu"),
            ("Racibórz", "Raciborza Raciborzu"),
        ] {
            let forms = forms(name);
            for form in expected.split(' ') {
                assert!(forms.iter().any(|known| known == form), "{form}: {forms:?}");
            }
        }
    }

    #[test]
    fn names_of_several_words_are_inflected_together() {
        for (name, expected) in [
            (
                "Pruszcz Gdański",
                ["Pruszcza Gdańskiego", "Pruszczu Gdańskim"],
            ),
            ("Zielona Góra", ["Zielonej Góry", "Zielonej Górze"]),
            ("Nowy Sącz", ["Nowego Sącza", "Nowym Sączu"]),
            ("Jelenia Góra", ["Jeleniej Góry", "Jelenią Górę"]),
            (
                "Kąty Wrocławskie",
                ["Kątów Wrocławskich", "Kątach Wrocławskich"],
            ),
            ("Biała Podlaska", ["Białej Podlaskiej", "Białą Podlaską"]),
            ("Stalowa Wola", ["Stalowej Woli", "Stalową Wolę"]),
            ("Środa Śląska", ["Środy Śląskiej", "Środzie Śląskiej"]),
            ("Tarnowskie Góry", ["Tarnowskich Gór", "Tarnowskich Górach"]),
            (
                "Nowy Dwór Gdański",
                ["Nowego Dworu Gdańskiego", "Nowym Dworze Gdańskim"],
            ),
            (
                "Konstancin-Jeziorna",
                ["Konstancina Jeziorny", "Konstancinie Jeziornie"],
            ),
        ] {
            let forms = forms(name);
            for form in expected {
                assert!(forms.iter().any(|known| known == form), "{form}: {forms:?}");
            }
        }
    }
}
