//! The owner's own rate limits, over those the server was started with.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::SettingsError;
use crate::platform::http::RateQuotas;

macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident $field:literal $min:literal $max:literal;)*) => {
        /// Requests a minute by group; a missing one is as the server was started.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
        #[oai(deny_unknown_fields)]
        #[serde(default)]
        pub struct Limits {
            $($(#[doc = $doc])* pub $name: Option<u32>,)*
        }

        impl Limits {
            /// Errors: a limit is out of its bounds.
            pub fn checked(self) -> Result<Self, SettingsError> {
                $(if self.$name.is_some_and(|per_min| !($min..=$max).contains(&per_min)) {
                    return Err(SettingsError::Invalid {
                        field: $field,
                        why: format!("must be from {} to {}", $min, $max),
                    });
                })*
                Ok(self)
            }

            /// These limits where they are set, else those of `configured`.
            pub fn over(&self, configured: &RateQuotas) -> RateQuotas {
                RateQuotas { $($name: self.$name.unwrap_or(configured.$name),)* }
            }
        }

        impl From<RateQuotas> for Limits {
            fn from(quotas: RateQuotas) -> Self {
                Self { $($name: Some(quotas.$name),)* }
            }
        }
    };
}

// A page of ours reads a handful of answers at once, and an owner must be able to undo what they set: hence the lower
// bounds of reading and of signed-in work. The upper bound of signing in keeps passwords from being guessed.
limits! {
    /// Chat messages of a visitor, 1 to 1,000.
    chat_per_min "limits.chat_per_min" 1 1_000;
    /// Leads, bookings and the like of a visitor, 1 to 1,000.
    create_per_min "limits.create_per_min" 1 1_000;
    /// Uploads of a visitor, 1 to 1,000.
    upload_per_min "limits.upload_per_min" 1 1_000;
    /// Public reads and searches of a visitor, 20 to 10,000.
    read_per_min "limits.read_per_min" 20 10_000;
    /// Attempts to sign in, 1 to 60.
    login_per_min "limits.login_per_min" 1 60;
    /// Exports and deletions of personal data by a visitor, 1 to 60.
    rodo_per_min "limits.rodo_per_min" 1 60;
    /// Requests of a signed-in account, 60 to 100,000.
    agent_per_min "limits.agent_per_min" 60 100_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURED: RateQuotas = RateQuotas {
        chat_per_min: 30,
        create_per_min: 10,
        upload_per_min: 10,
        read_per_min: 100,
        login_per_min: 5,
        rodo_per_min: 3,
        agent_per_min: 600,
    };

    #[test]
    fn a_limit_that_is_not_set_is_as_configured() {
        let own = Limits {
            chat_per_min: Some(7),
            ..Limits::default()
        };
        let quotas = own.over(&CONFIGURED);
        assert_eq!((quotas.chat_per_min, quotas.read_per_min), (7, 100));
    }

    #[test]
    fn bounds_keep_an_owner_from_locking_everyone_out() {
        for own in [
            Limits {
                agent_per_min: Some(59),
                ..Limits::default()
            },
            Limits {
                login_per_min: Some(61),
                ..Limits::default()
            },
            Limits {
                chat_per_min: Some(0),
                ..Limits::default()
            },
        ] {
            assert!(own.clone().checked().is_err(), "{own:?}");
        }
        assert!(Limits::from(CONFIGURED).checked().is_ok());
    }
}
