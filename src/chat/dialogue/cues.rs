//! Short replies that mean the same whatever was asked: yes, no, I don't know, stop, forget it.

use crate::nlu::{Lang, fold};

/// What a short reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::chat) enum Cue {
    /// Agreement.
    Yes,
    /// Plain refusal.
    No,
    /// The visitor cannot say.
    DontKnow,
    /// The visitor does not want to be asked.
    Stop,
    /// The visitor wants to begin again.
    Forget,
}

/// Longest reply, in words, that is read as a cue by how it begins; a longer one has something to say of its own.
const WORDS_MAX: usize = 6;

/// A longer text, in bytes, is no short reply either.
const LENGTH_MAX_BYTES: usize = 200;

/// Folded beginnings in pl, en and de together; the longest that fits counts, so „nie wiem” is not „nie”. The one word
/// that means the opposite elsewhere, Polish „no”, is taken off before.
const CUES: &[(Cue, &[&str])] = &[
    (
        Cue::Forget,
        &[
            "zapomnij",
            "zapomnij o tym",
            "zacznij od nowa",
            "zacznijmy od nowa",
            "od nowa",
            "zacznijmy od poczatku",
            "zacznij od poczatku",
            "wyczysc",
            "forget it",
            "forget that",
            "forget about it",
            "forget everything",
            "start over",
            "start again",
            "lets start over",
            "reset",
            "vergiss es",
            "vergiss das",
            "vergiss alles",
            "vergessen sie das",
            "vergessen sie es",
            "vergessen sie alles",
            "von vorne",
            "nochmal von vorne",
            "neu anfangen",
        ],
    ),
    (
        Cue::DontKnow,
        &[
            "nie wiem",
            "jeszcze nie wiem",
            "nie mam pojecia",
            "trudno powiedziec",
            "obojetnie",
            "wszystko jedno",
            "nie pamietam",
            "nie jestem pewien",
            "nie jestem pewna",
            "i dont know",
            "dont know",
            "no idea",
            "not sure",
            "im not sure",
            "i am not sure",
            "doesnt matter",
            "dunno",
            "weiss nicht",
            "ich weiss nicht",
            "weiss ich nicht",
            "weiss ich noch nicht",
            "keine ahnung",
            "egal",
            "ist mir egal",
            "nicht sicher",
            "noch nicht sicher",
        ],
    ),
    (
        Cue::Stop,
        &[
            "nie chce",
            "nie podam",
            "nie bede podawac",
            "nie bede podawal",
            "nie bede podawala",
            "nie zamierzam",
            "wole nie",
            "rezygnuje",
            "anuluj",
            "przestan",
            "dosc",
            "dajmy spokoj",
            "daj spokoj",
            "nie teraz",
            "pozniej",
            "moze pozniej",
            "nie pytaj",
            "stop",
            "cancel",
            "id rather not",
            "i would rather not",
            "rather not",
            "i dont want",
            "i wont",
            "none of your business",
            "not now",
            "later",
            "maybe later",
            "never mind",
            "nevermind",
            "skip",
            "enough",
            "mochte ich nicht",
            "ich mochte nicht",
            "moechte ich nicht",
            "ich moechte nicht",
            "will ich nicht",
            "ich will nicht",
            "lieber nicht",
            "abbrechen",
            "stopp",
            "nicht jetzt",
            "spater",
            "spaeter",
            "vielleicht spater",
            "vielleicht spaeter",
            "lassen wir das",
            "hor auf",
            "schluss",
        ],
    ),
    (
        Cue::No,
        &[
            "nie",
            "nie nie",
            "nie dziekuje",
            "nie dzieki",
            "nie trzeba",
            "niekoniecznie",
            "raczej nie",
            "nie zgadzam sie",
            "no",
            "no thanks",
            "no thank you",
            "nope",
            "nah",
            "not really",
            "i disagree",
            "i do not agree",
            "i dont agree",
            "nein",
            "nein danke",
            "ne",
            "nee",
            "eher nicht",
            "nicht notig",
            "nicht noetig",
            "nicht einverstanden",
            "ich bin nicht einverstanden",
        ],
    ),
    (
        Cue::Yes,
        &[
            "tak",
            "tak tak",
            "tak prosze",
            "no tak",
            "jasne",
            "pewnie",
            "oczywiscie",
            "zgoda",
            "zgadzam sie",
            "wyrazam zgode",
            "ok",
            "okej",
            "okey",
            "dobrze",
            "dobra",
            "prosze",
            "poprosze",
            "chetnie",
            "moze byc",
            "niech bedzie",
            "yes",
            "yes please",
            "yeah",
            "yep",
            "yup",
            "sure",
            "of course",
            "okay",
            "please do",
            "please",
            "go ahead",
            "i agree",
            "agreed",
            "fine",
            "sounds good",
            "ja",
            "ja bitte",
            "ja gerne",
            "ja gern",
            "jo",
            "klar",
            "gerne",
            "gern",
            "naturlich",
            "natuerlich",
            "einverstanden",
            "ich bin einverstanden",
            "bitte",
            "in ordnung",
            "passt",
        ],
    ),
];

/// Reads a short reply; `None` for everything that says something of its own.
///
/// Example: „no dzięki” is [`Cue::No`], „tak, jasne” is [`Cue::Yes`], „nie, 60 metrów” is nobody's cue because a number
/// follows.
pub(super) fn cue(text: &str, lang: Lang) -> Option<Cue> {
    // Most messages are no short reply: that is told before anything is folded.
    if has_digit(text) || text.len() > LENGTH_MAX_BYTES {
        return None;
    }
    let folded = fold(&text.replace(['\'', '’'], ""));
    let all: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut words = all.as_slice();
    if let (Lang::Pl, [first, rest @ ..]) = (lang, words)
        && *first == "no"
    {
        if rest.is_empty() {
            return Some(Cue::Yes);
        }
        words = rest;
    }
    if words.is_empty() || words.len() > WORDS_MAX {
        return None;
    }
    CUES.iter()
        .flat_map(|(cue, forms)| forms.iter().map(move |form| (*cue, *form)))
        .filter_map(|(cue, form)| begins(words, form).map(|length| (length, cue)))
        .max_by_key(|(length, _)| *length)
        // What is left over after a cue of one word may be a question: „dobrze, a gwarancja?”.
        .filter(|(length, _)| words.len() <= length + 2)
        .map(|(_, cue)| cue)
}

/// Number of words of `form` when the reply begins with it.
fn begins(words: &[&str], form: &str) -> Option<usize> {
    let mut length = 0;
    for word in form.split(' ') {
        if words.get(length).is_none_or(|said| *said != word) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_replies_are_told_apart_in_three_languages() {
        for (text, expected) in [
            ("no thanks", Some(Cue::No)),
            ("No", Some(Cue::No)),
            ("Tak", Some(Cue::Yes)),
            ("tak, jasne", Some(Cue::Yes)),
            ("zgadzam się", Some(Cue::Yes)),
            ("Yes, please!", Some(Cue::Yes)),
            ("Ja, gerne", Some(Cue::Yes)),
            ("nie", Some(Cue::No)),
            ("Nie, dziękuję", Some(Cue::No)),
            ("Nie zgadzam się", Some(Cue::No)),
            ("Nein danke", Some(Cue::No)),
            ("nie wiem", Some(Cue::DontKnow)),
            ("I don’t know yet", Some(Cue::DontKnow)),
            ("Weiß ich noch nicht", Some(Cue::DontKnow)),
            ("nie chcę podawać", Some(Cue::Stop)),
            ("I'd rather not", Some(Cue::Stop)),
            ("Lieber nicht", Some(Cue::Stop)),
            ("zapomnij o tym", Some(Cue::Forget)),
            ("start over", Some(Cue::Forget)),
            ("Vergessen Sie das", Some(Cue::Forget)),
            ("nie, 60 metrów", None),
            ("ile kosztuje wykończenie?", None),
            ("dobrze, a ile trwa remont łazienki?", None),
            ("", None),
            ("🙂", None),
        ] {
            assert_eq!(cue(text, Lang::En), expected, "{text}");
        }
    }

    #[test]
    fn polish_no_agrees() {
        assert_eq!(cue("no", Lang::Pl), Some(Cue::Yes));
        assert_eq!(cue("no dobra", Lang::Pl), Some(Cue::Yes));
        assert_eq!(cue("no nie", Lang::Pl), Some(Cue::No));
    }
}
