//! Where a webhook may be: the owner names the address, and the server must not become a way into the network it stands in.
//!
//! The name is resolved here, every address of it is checked, and the connection is made to one of the checked ones: there
//! is no second look-up that could answer something else. Redirects are not followed at all (`sender.rs`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

const URL_MAX_CHARS: usize = 2_000;
const RESOLVED_WITHIN: Duration = Duration::from_secs(5);
/// Up to here ports belong to other services than the web's.
const SYSTEM_PORTS_END: u16 = 1024;

/// IPv4 addresses that are no public host (RFC 6890 and the IANA registry of special-purpose addresses): this network,
/// private, carrier-grade NAT, loopback, link-local (cloud metadata too), protocol assignments, documentation, 6to4 relays,
/// benchmarks, multicast, reserved.
const NOT_PUBLIC_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];
/// The only IPv6 addresses given out to hosts.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// What among them is none: protocol assignments (Teredo, ORCHID …), documentation, 6to4, which holds an IPv4 address.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];
/// An IPv4 address as networks without IPv4 reach it (RFC 6052).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

const fn v4(octets: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from_octets(octets), bits)
}

const fn v6(segments: [u16; 8], bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), bits)
}

/// Whether an address is of a host on the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_public(Ipv4Addr::new(a, b, c, d).into())
        }
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
        }
    }
}

/// Reads a webhook's address.
///
/// * `allow_private`: the setting `webhook_allow_private`.
/// * Errors: why it is none, as a completion of "url".
pub(super) fn parse(text: &str, allow_private: bool) -> Result<Url, &'static str> {
    let text = text.trim();
    if text.chars().count() > URL_MAX_CHARS {
        return Err("must be at most 2,000 characters");
    }
    let url = Url::parse(text).map_err(|_| "must be an address like https://example.com/hook")?;
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        _ => return Err("must begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password");
    }
    if url.fragment().is_some() {
        return Err("must not hold a #");
    }
    let is_odd = |port: u16| port < SYSTEM_PORTS_END && port != 443;
    if url.port() == Some(0) || (!allow_private && url.port().is_some_and(is_odd)) {
        return Err("must have port 443 or one from 1024 on");
    }
    check_host(&url, allow_private)?;
    Ok(url)
}

/// Errors: the address names a host, by its number or as this one, that is not on the public internet.
pub(super) fn check_host(url: &Url, allow_private: bool) -> Result<(), &'static str> {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    let name = host.trim_end_matches('.');
    let is_here = name == "localhost" || name.ends_with(".localhost");
    let is_private = match number.parse() {
        Ok(address) => !is_public(address),
        Err(_) => is_here,
    };
    if is_private && !allow_private {
        return Err("must be on the public internet");
    }
    Ok(())
}

/// The name belongs to an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("the name belongs to an address that is not on the public internet")]
pub(super) struct Refused;

/// Resolves names, but for those with an address that is not public.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver {
    pub(super) allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0));
            let found = tokio::time::timeout(RESOLVED_WITHIN, found).await??;
            let found: Vec<SocketAddr> = found.collect();
            if !allow_private && !found.iter().all(|address| is_public(address.ip())) {
                return Err(Refused.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_hosts_on_the_internet_are_public() {
        for text in [
            "127.0.0.1",
            "127.255.255.255",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "100::1",
            "5f00::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2001:4860:4860::8888",
            "2606:4700::1",
            "2a00:1450::1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_that_lead_elsewhere_are_refused() {
        for text in [
            "",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "http://example.com/",
            "https://",
            "https://u@example.com/",
            "https://u:p@example.com/",
            "https://:p@example.com/",
            "https://example.com/#x",
            "https://example.com:22/",
            "https://example.com:0/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://[::1]/",
            "https://[::ffff:a00:1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://169.254.169.254/latest",
        ] {
            assert!(parse(text, false).is_err(), "{text}");
        }
        for text in [
            "https://example.com/hook?key=1",
            " https://example.com:8443/",
            "https://1.1.1.1/",
        ] {
            assert!(parse(text, false).is_ok(), "{text}");
        }
        for text in [
            "http://127.0.0.1:81/",
            "http://localhost/",
            "https://[fd00::1]/",
        ] {
            assert!(parse(text, true).is_ok(), "{text}");
        }
        assert!(parse("gopher://example.com/", true).is_err());
        assert!(parse(&format!("https://example.com/{}", "x".repeat(2_000)), false).is_err());
    }

    #[tokio::test]
    async fn a_name_with_a_private_address_is_not_resolved() {
        let resolve = async |allow_private| {
            let name = "localhost".parse().unwrap();
            Resolver { allow_private }
                .resolve(name)
                .await
                .map(Iterator::count)
        };
        assert!(resolve(false).await.unwrap_err().is::<Refused>());
        assert!(resolve(true).await.unwrap() > 0);
    }
}
