//! Where a webhook may go. An address given by the owner, or by whoever answers for its name, must not lead inside: to
//! this machine, its network, or a cloud's metadata.
//!
//! The check sits in the resolver of the HTTP client, so the addresses that were checked are the ones connected to;
//! there is no second look-up that could say something else. An address written as a number never reaches the
//! resolver and is checked when it is read.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;

/// Longest address of a receiver.
const URL_MAX_BYTES: usize = 2048;

/// What is reachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The internet over https, on port 443 or one from 1024 on.
    Internet,
    /// Everything, also http and this machine: for receivers in the company's own network.
    Everything,
}

/// Why a webhook cannot go there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// Not an address.
    #[error("must be an address like https://example.com/hook")]
    NotAUrl,
    /// Neither https nor, where that is allowed, http.
    #[error("must begin with https://")]
    Scheme,
    /// A name or password before the host; it would be stored and logged with the address.
    #[error("must not contain a user name or password")]
    UserInfo,
    /// A port of another service.
    #[error("the port must be 443 or one from 1024 on")]
    Port,
    /// It leads inside.
    #[error("must lead to the internet, not to a private or reserved address")]
    Inside,
}

/// An address that may be delivered to, as far as can be said without asking for its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(Url);

impl Destination {
    /// Reads and checks an address.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, DestinationError> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| DestinationError::NotAUrl)?;
        let host = url.host_str().unwrap_or_default();
        if text.len() > URL_MAX_BYTES || host.is_empty() {
            return Err(DestinationError::NotAUrl);
        }
        let is_http = url.scheme() == "http" && reach == Reach::Everything;
        if url.scheme() != "https" && !is_http {
            return Err(DestinationError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DestinationError::UserInfo);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let is_port = port == 443 || port >= 1024 || (reach == Reach::Everything && port > 0);
        if !is_port {
            return Err(DestinationError::Port);
        }
        // The parser has already made 127.1, 0x7f000001 and 2130706433 into 127.0.0.1.
        let number = host.trim_start_matches('[').trim_end_matches(']');
        match number.parse() {
            Ok(address) if !reach.allows(address) => Err(DestinationError::Inside),
            _ => Ok(Self(url)),
        }
    }

    /// As it is kept and shown.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl Reach {
    /// Whether a connection to `address` may be made.
    pub fn allows(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Everything, _) => true,
            (Self::Internet, IpAddr::V4(address)) => {
                !NOT_INTERNET_V4.iter().any(|net| net.contains(&address))
            }
            (Self::Internet, IpAddr::V6(address)) => {
                INTERNET_V6.contains(&address)
                    && !NOT_INTERNET_V6.iter().any(|net| net.contains(&address))
            }
        }
    }
}

const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), bits)
}

const fn v6(a: u16, b: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), bits)
}

/// IANA's special-purpose registry, multicast and the reserved rest.
const NOT_INTERNET_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 8),       // this network
    v4(10, 0, 0, 8),      // private
    v4(100, 64, 0, 10),   // carriers' own
    v4(127, 0, 0, 8),     // this machine
    v4(169, 254, 0, 16),  // link-local, metadata of clouds
    v4(172, 16, 0, 12),   // private
    v4(192, 0, 0, 24),    // protocols
    v4(192, 0, 2, 24),    // documentation
    v4(192, 88, 99, 24),  // relays to IPv6
    v4(192, 168, 0, 16),  // private
    v4(198, 18, 0, 15),   // benchmarks
    v4(198, 51, 100, 24), // documentation
    v4(203, 0, 113, 24),  // documentation
    v4(224, 0, 0, 4),     // multicast
    v4(240, 0, 0, 4),     // reserved, broadcast
];

/// All that is handed out so far. Outside lie this machine, link-local and unique-local addresses, multicast, and those
/// that stand for an IPv4 address (mapped, NAT64).
const INTERNET_V6: Ipv6Net = v6(0x2000, 0, 3);

/// What inside of it is not the internet.
const NOT_INTERNET_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23),     // protocols, Teredo
    v6(0x2001, 0xdb8, 32), // documentation
    v6(0x2002, 0, 16),     // 6to4: stands for an IPv4 address
    v6(0x3fff, 0, 20),     // documentation
];

/// Asks the system for a name's addresses and lets through those that may be reached.
#[derive(Debug)]
pub(super) struct Resolver(pub(super) Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = only_allowed(reach, found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Errors: there are addresses, but none that may be reached.
fn only_allowed(
    reach: Reach,
    found: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, DestinationError> {
    let (allowed, inside): (Vec<_>, Vec<_>) = found.partition(|found| reach.allows(found.ip()));
    if allowed.is_empty() && !inside.is_empty() {
        return Err(DestinationError::Inside);
    }
    Ok(allowed)
}

/// Whether a request failed because the resolver let no address through.
pub(super) fn led_inside(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<DestinationError>().is_some() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A client that connects only to what may be reached: no redirect, and no proxy, which would connect for us.
pub(super) fn client(
    reach: Reach,
    within: std::time::Duration,
) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .dns_resolver(Resolver(reach))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(within)
        .build()
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
