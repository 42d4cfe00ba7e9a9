//! Whether a request comes from Twilio: its `X-Twilio-Signature`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::config::Secret;

/// Checks a request with a form as its body.
///
/// * `url`: the whole address Twilio was given, with its query.
/// * `form`: the fields of the body, unescaped, in any order.
/// * `signature`: the header `X-Twilio-Signature`.
///
/// Rule: base64 of HMAC-SHA1, keyed with the account's token, over the address and then every field's name and value
/// without anything between, sorted by name.
pub fn is_from_twilio(
    auth_token: &Secret,
    url: &str,
    form: &[(String, String)],
    signature: &str,
) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(auth_token.expose().as_bytes()) else {
        return false;
    };
    let mut fields: Vec<_> = form.iter().collect();
    fields.sort();
    fields.dedup();
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation on the security of requests.
    #[test]
    fn the_documented_example_is_genuine_and_every_change_to_it_is_not() {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        let form: Vec<(String, String)> = [
            ("To", "+18005551212"),
            ("Digits", "1234"),
            ("Caller", "+14158675309"),
            ("From", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let token = Secret::new("12345");
        assert!(is_from_twilio(&token, url, &form, signature));
        let mut changed = form.clone();
        changed[1].1 = "1235".into();
        assert!(!is_from_twilio(&token, url, &changed, signature));
        assert!(!is_from_twilio(&token, url, &form[1..], signature));
        assert!(!is_from_twilio(
            &token,
            "https://mycompany.com/",
            &form,
            signature
        ));
        assert!(!is_from_twilio(
            &Secret::new("12346"),
            url,
            &form,
            signature
        ));
        for wrong in ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "AAAA", "RSOY"] {
            assert!(!is_from_twilio(&token, url, &form, wrong), "{wrong}");
        }
    }
}
