//! Who is calling: the peer, or the client that trusted proxies name.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use ipnet::IpNet;

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The one header that is read for the client's address. Reading both would let a client choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Finds the client's address and believes nobody but the proxies it was told of.
#[derive(Debug, Clone, Default)]
pub struct ClientAddresses {
    trusted: Vec<IpNet>,
    header: ForwardedHeader,
}

impl ClientAddresses {
    /// A finder that believes `header` when a peer in `trusted` sends it.
    pub fn new(trusted: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { trusted, header }
    }

    /// The address of the client: the peer, or, where the peer is a trusted proxy, the rightmost hop that is not.
    ///
    /// A hop that cannot be read ends the walk: the last hop believed is then the client, since whatever stands further
    /// left was written by somebody unknown.
    pub fn find(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer?.ip().to_canonical();
        if !self.trusts(client) {
            return Some(client);
        }
        for hop in self.hops(headers).iter().rev() {
            let Some(address) = parse_hop(hop) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        Some(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    fn hops(&self, headers: &HeaderMap) -> Vec<String> {
        let name = match self.header {
            ForwardedHeader::XForwardedFor => &X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => &FORWARDED,
        };
        headers
            .get_all(name)
            // A line that is not text is a hop that cannot be read, not one to skip.
            .flat_map(|line| line.to_str().unwrap_or("?").split(','))
            .map(|element| match self.header {
                ForwardedHeader::XForwardedFor => element.trim().to_owned(),
                ForwardedHeader::Forwarded => forwarded_for(element),
            })
            .collect()
    }
}

/// The value of `for=` in one element of `Forwarded`; nothing readable where it is missing.
fn forwarded_for(element: &str) -> String {
    element
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .unwrap_or_default()
}

/// An address, with or without a port; IPv6 with or without brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = if let Some(rest) = hop.strip_prefix('[') {
        rest.split_once(']')?.0
    } else if hop.matches(':').count() == 1 {
        hop.split_once(':')?.0
    } else {
        hop
    };
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn find(header: ForwardedHeader, peer: &str, lines: &[(&'static str, &'static str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let addresses = ClientAddresses::new(vec!["10.0.0.0/8".parse().unwrap()], header);
        addresses.find(Some(SocketAddr::new(peer.parse().unwrap(), 1234)), &headers).unwrap().to_string()
    }

    #[test]
    fn an_untrusted_peer_cannot_name_another_address() {
        let lines = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=6.6.6.6")];
        assert_eq!(find(ForwardedHeader::XForwardedFor, "203.0.113.1", &lines), "203.0.113.1");
        assert_eq!(find(ForwardedHeader::Forwarded, "203.0.113.1", &lines), "203.0.113.1");
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_client() {
        let lines = [("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.1.2.3")];
        assert_eq!(find(ForwardedHeader::XForwardedFor, "10.0.0.1", &lines), "203.0.113.9");
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9:4711, 10.1.2.3")];
        assert_eq!(find(ForwardedHeader::XForwardedFor, "10.0.0.1", &lines), "203.0.113.9");
    }

    #[test]
    fn an_unreadable_hop_leaves_the_last_one_believed() {
        let lines = [("x-forwarded-for", "6.6.6.6, unknown, 10.1.2.3")];
        assert_eq!(find(ForwardedHeader::XForwardedFor, "10.0.0.1", &lines), "10.1.2.3");
    }

    #[test]
    fn only_the_configured_header_is_read() {
        let lines = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=\"[2001:db8::7]:4711\";proto=https")];
        assert_eq!(find(ForwardedHeader::Forwarded, "10.0.0.1", &lines), "2001:db8::7");
    }

    #[test]
    fn a_mapped_ipv4_address_is_an_ipv4_address() {
        assert_eq!(find(ForwardedHeader::XForwardedFor, "::ffff:203.0.113.1", &[]), "203.0.113.1");
    }
}
