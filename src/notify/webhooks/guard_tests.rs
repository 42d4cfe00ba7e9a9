use super::*;

fn parse(text: &str) -> Result<Destination, DestinationError> {
    Destination::parse(text, Reach::Internet)
}

#[test]
fn the_internet_is_reachable_and_nothing_inside() {
    for inside in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        let address: IpAddr = inside.parse().unwrap();
        assert!(!Reach::Internet.allows(address), "{inside}");
        assert!(Reach::Everything.allows(address), "{inside}");
        let url = match address {
            IpAddr::V4(_) => format!("https://{inside}/"),
            IpAddr::V6(_) => format!("https://[{inside}]/"),
        };
        assert_eq!(parse(&url), Err(DestinationError::Inside), "{url}");
    }
    for outside in [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450::1",
    ] {
        assert!(
            Reach::Internet.allows(outside.parse().unwrap()),
            "{outside}"
        );
    }
}

#[test]
fn other_ways_to_write_an_inner_address_are_seen_through() {
    for url in [
        "https://127.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://①②⑦.0.0.1/",
        "https://127.0.0.1./",
        "https://[::ffff:7f00:1]/",
    ] {
        assert_eq!(parse(url), Err(DestinationError::Inside), "{url}");
    }
}

#[test]
fn scheme_user_and_port_are_judged() {
    for (url, error) in [
        ("http://example.com/", DestinationError::Scheme),
        ("ftp://example.com/", DestinationError::Scheme),
        ("file:///etc/passwd", DestinationError::NotAUrl),
        ("javascript:alert(1)", DestinationError::NotAUrl),
        ("example.com/hook", DestinationError::NotAUrl),
        ("", DestinationError::NotAUrl),
        ("https://", DestinationError::NotAUrl),
        ("https://user@example.com/", DestinationError::UserInfo),
        ("https://:pass@example.com/", DestinationError::UserInfo),
        ("https://example.com:22/", DestinationError::Port),
        ("https://example.com:80/", DestinationError::Port),
        ("https://example.com:0/", DestinationError::Port),
    ] {
        assert_eq!(parse(url), Err(error), "{url}");
    }
    for url in ["https://example.com", "https://example.com:8443/hook?a=1"] {
        assert!(parse(url).is_ok(), "{url}");
    }
    let long = format!("https://example.com/{}", "x".repeat(3000));
    assert_eq!(parse(&long), Err(DestinationError::NotAUrl));
    assert!(Destination::parse("http://127.0.0.1:80/", Reach::Everything).is_ok());
}

#[test]
fn of_a_names_addresses_only_the_outer_ones_are_used() {
    let outer: SocketAddr = "1.1.1.1:0".parse().unwrap();
    let inner: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let used = |found: Vec<SocketAddr>| only_allowed(Reach::Internet, found.into_iter());
    assert_eq!(used(vec![inner, outer]), Ok(vec![outer]));
    assert_eq!(used(vec![inner]), Err(DestinationError::Inside));
    assert_eq!(used(vec![]), Ok(vec![]));
}
