//! The link a client opens and accepts a quote by.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::platform::secrets::Secrets;

/// What the links of this slice are for, so that one made for something else opens no quote.
const PURPOSE: &str = "quote";
/// Bytes of the MAC that are kept: 128 bits, so that none can be guessed.
const MAC_BYTES: usize = 16;
/// Bytes of the id before it.
const ID_BYTES: usize = 8;

/// Where the client sees quote `id`.
pub(super) fn page_path(id: i64, secrets: &Secrets) -> String {
    format!("/quote/{}", token(id, secrets))
}

/// The id with its MAC as URL-safe text. Nothing is stored for it: the database alone opens no quote.
pub(super) fn token(id: i64, secrets: &Secrets) -> String {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend_from_slice(&secrets.link_mac(PURPOSE, id)[..MAC_BYTES]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The quote a token opens; `None` when it is not one of ours.
pub(super) fn quote_id(token: &str, secrets: &Secrets) -> Option<i64> {
    if token.len() > 64 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    if bytes.len() != ID_BYTES + MAC_BYTES {
        return None;
    }
    let (id, mac) = bytes.split_at(ID_BYTES);
    let id = i64::from_be_bytes(id.try_into().ok()?);
    let is_ours: bool = secrets.link_mac(PURPOSE, id)[..MAC_BYTES].ct_eq(mac).into();
    is_ours.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tokens_open_a_quote() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secrets = Secrets::open(&here.path().join("secrets.json")).unwrap();
        let others = Secrets::open(&there.path().join("secrets.json")).unwrap();
        let token_of_7 = token(7, &secrets);
        assert_eq!(quote_id(&token_of_7, &secrets), Some(7));
        assert_eq!(quote_id(&token_of_7, &others), None);
        for forged in ["", "7", "AAAA", &"A".repeat(32), &"A".repeat(10_000)] {
            assert_eq!(quote_id(forged, &secrets), None, "{forged}");
        }
        let mut of_8 = URL_SAFE_NO_PAD.decode(&token_of_7).unwrap();
        of_8[7] = 8;
        assert_eq!(quote_id(&URL_SAFE_NO_PAD.encode(of_8), &secrets), None);
    }
}
