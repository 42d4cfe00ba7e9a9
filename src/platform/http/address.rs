//! Who is calling, as far as the network tells.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use poem::http::HeaderMap;

/// The proxies whose `X-Forwarded-For` is believed; by default none.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

/// The client's address: the peer, or the one a trusted proxy forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl TrustedProxies {
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }

    /// Walks `X-Forwarded-For` from the right, past trusted proxies, to the first address they vouch for. Anything
    /// further left was written by the client and proves nothing.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer.to_canonical();
        if self.0.is_empty() {
            return ClientAddress(client);
        }
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in forwarded.iter().rev() {
            if !self.trusts(client) {
                break;
            }
            let Ok(address) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            client = address.to_canonical();
        }
        ClientAddress(client)
    }
}

impl ClientAddress {
    /// The key rate limits count by: an IPv4 address, or the /64 an IPv6 customer usually has.
    pub fn limit_key(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => {
                let s = v6.segments();
                IpAddr::V6(Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0))
            }
        }
    }

    /// The address as it may be stored: /24 of IPv4, /48 of IPv6.
    pub fn truncated(self) -> String {
        match self.0 {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(v6) => {
                let s = v6.segments();
                format!("{:x}:{:x}:{:x}::/48", s[0], s[1], s[2])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &str) -> String {
        let proxies = TrustedProxies(
            trusted
                .split(',')
                .filter(|net| !net.is_empty())
                .map(|net| net.parse().unwrap())
                .collect(),
        );
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        proxies
            .client(peer.parse().unwrap(), &headers)
            .0
            .to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(client("", "10.0.0.1", "1.2.3.4"), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", "1.2.3.4"), "1.2.3.4");
        assert_eq!(client("10.0.0.0/8", "9.9.9.9", "1.2.3.4"), "9.9.9.9");
    }

    #[test]
    fn what_the_client_itself_put_in_front_is_not_believed() {
        assert_eq!(
            client("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 1.2.3.4"),
            "1.2.3.4"
        );
        assert_eq!(
            client("10.0.0.0/8", "10.0.0.1", "1.2.3.4, 10.0.0.2"),
            "1.2.3.4"
        );
        assert_eq!(
            client("10.0.0.0/8", "10.0.0.1", "1.2.3.4, nonsense"),
            "10.0.0.1"
        );
    }

    #[test]
    fn ipv6_counts_per_64_and_is_stored_as_48() {
        let address = ClientAddress("2001:db8:1:2:3:4:5:6".parse().unwrap());
        assert_eq!(address.limit_key().to_string(), "2001:db8:1:2::");
        assert_eq!(address.truncated(), "2001:db8:1::/48");
        assert_eq!(
            ClientAddress("203.0.113.77".parse().unwrap()).truncated(),
            "203.0.113.0/24"
        );
    }
}
