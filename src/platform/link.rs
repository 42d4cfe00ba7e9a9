//! Signed links: the id of a row with a MAC as URL-safe text. Nothing is stored for one, so the team can show it again
//! and a copy of the database opens nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::secrets::Secrets;

/// Bytes of the MAC that are kept: 128 bits, so that none can be guessed.
const MAC_BYTES: usize = 16;
/// Bytes of the id before it.
const ID_BYTES: usize = 8;
/// Longer texts are no token of ours.
const TOKEN_MAX_BYTES: usize = 64;

/// The token that opens row `id` of the things called `purpose`.
pub fn token(purpose: &str, id: i64, secrets: &Secrets) -> String {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend_from_slice(&secrets.link_mac(purpose, id)[..MAC_BYTES]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The row a token opens; `None` when it is not one of ours for that purpose.
pub fn id_of(purpose: &str, token: &str, secrets: &Secrets) -> Option<i64> {
    Claim::read(token)
        .filter(|claim| claim.is_ours(purpose, secrets))
        .map(|claim| claim.id)
}

/// What a token says before it is checked, for purposes that depend on the row.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The row it claims to open.
    pub id: i64,
    mac: [u8; MAC_BYTES],
}

impl Claim {
    /// Reads a token; `None`: it is none.
    pub fn read(token: &str) -> Option<Self> {
        if token.len() > TOKEN_MAX_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, mac) = bytes.split_at_checked(ID_BYTES)?;
        Some(Self {
            id: i64::from_be_bytes(id.try_into().ok()?),
            mac: mac.try_into().ok()?,
        })
    }

    /// Whether we made it for that purpose.
    pub fn is_ours(&self, purpose: &str, secrets: &Secrets) -> bool {
        secrets.link_mac(purpose, self.id)[..MAC_BYTES]
            .ct_eq(&self.mac)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tokens_open_a_row_and_only_for_their_purpose() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secrets = Secrets::open(&here.path().join("secrets.json")).unwrap();
        let others = Secrets::open(&there.path().join("secrets.json")).unwrap();
        let token_of_7 = token("quote", 7, &secrets);
        assert_eq!(id_of("quote", &token_of_7, &secrets), Some(7));
        assert_eq!(id_of("booking", &token_of_7, &secrets), None);
        assert_eq!(id_of("quote", &token_of_7, &others), None);
        for forged in ["", "7", "AAAA", &"A".repeat(32), &"A".repeat(10_000)] {
            assert_eq!(id_of("quote", forged, &secrets), None, "{forged}");
        }
        let mut of_8 = URL_SAFE_NO_PAD.decode(&token_of_7).unwrap();
        of_8[7] = 8;
        assert_eq!(
            id_of("quote", &URL_SAFE_NO_PAD.encode(of_8), &secrets),
            None
        );
    }
}
