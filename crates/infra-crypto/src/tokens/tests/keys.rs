//! Keys that were made for these tests with OpenSSL, and are used nowhere else.

/// One Ed25519 key, as OpenSSL writes it (PKCS#8, version 1).
pub(super) const ED25519: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICt5sQTXH6cmTbnwwtIpbI5W91FRTav2XvHK/z8A01iB
-----END PRIVATE KEY-----
";

pub(super) const ED25519_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAMeLcfGxIEcrd4L2lOSxcLCL2MxNqmxx7NZobHNbdUUU=
-----END PUBLIC KEY-----
";

/// The same key with its public half (PKCS#8, version 2), as AWS-LC writes it.
pub(super) const ED25519_V2: &str = "\
-----BEGIN PRIVATE KEY-----
MFECAQEwBQYDK2VwBCIEICt5sQTXH6cmTbnwwtIpbI5W91FRTav2XvHK/z8A01iB
gSEAMeLcfGxIEcrd4L2lOSxcLCL2MxNqmxx7NZobHNbdUUU=
-----END PRIVATE KEY-----
";

/// Version 2 with a public half that belongs to another key.
pub(super) const ED25519_MIXED: &str = "\
-----BEGIN PRIVATE KEY-----
MFECAQEwBQYDK2VwBCIEICt5sQTXH6cmTbnwwtIpbI5W91FRTav2XvHK/z8A01iB
gSEAMOLcfGxIEcrd4L2lOSxcLCL2MxNqmxx7NZobHNbdUUU=
-----END PRIVATE KEY-----
";

/// The same key behind a passphrase.
pub(super) const ED25519_ENCRYPTED: &str = "\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgp/DYYsgBVGQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAwpjQDJUXSJU4omdmpc454EQGKu
vuD8ahZzAkgCTrSEXMNru3VhpW5AkvJwFHKpZvY7eVZatiQu+NU1YN3vG1Oa34xM
bFcwLlI2UC7RYoA3+Ps=
-----END ENCRYPTED PRIVATE KEY-----
";

pub(super) const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBLDCB36ADAgECAhRgPw9CU0SQl6ktfF1FJYiu9oE+tDAFBgMrZXAwDDEKMAgG
A1UEAwwBdDAeFw0yNjExMjExNzI1NDZaFw0yNjExMjIxNzI1NDZaMAwxCjAIBgNV
BAMMAXQwKjAFBgMrZXADIQAx4tx8bEgRyt3gvaU5LFwsIvYzE2qbHHs1mhsc1t1R
RaNTMFEwHQYDVR0OBBYEFGr9dijLmqhHtENYIJABff6qsRPuMB8GA1UdIwQYMBaA
FGr9dijLmqhHtENYIJABff6qsRPuMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EA
Ny4e6L2WDIPaiKZKxD8/2glEskNF8/Gi4Z7iGR5kPz8hmTbLr+5rD4qplqenLOD/
htP5sXvmHisrXsptioplCA==
-----END CERTIFICATE-----
";

pub(super) const OTHER_ED25519: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINW5bIy+wrZhsWQyVFiqI2Ns3v4FsbiA3YoZzjGvbz5e
-----END PRIVATE KEY-----
";

pub(super) const OTHER_ED25519_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAf8jXQU267PZ2G9ScM/c3xdW6F3XoS1JXgESifSCManw=
-----END PUBLIC KEY-----
";

pub(super) const ED448: &str = "\
-----BEGIN PRIVATE KEY-----
MEcCAQAwBQYDK2VxBDsEOYe8GPWWlh3UOSgUy8pZQmzkqjoPQpdMigXu/Af2ihpM
TLvvptbb3rCFmThyjAOwBWLXiXQpqSeq+g==
-----END PRIVATE KEY-----
";

pub(super) const P256: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg29negNwc3g4R6mZP
1l8/OEhtBmQbSxNzjOJwuwi2ugqhRANCAASPgiLEDg9ecXPBaWWxxfs9uqUi4u5C
d1SwbgFhAjBhGvacO2Jq9Mafv0CYR+w5iJeuAEp5nm8IDtKksVczQurU
-----END PRIVATE KEY-----
";

pub(super) const P256_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEj4IixA4PXnFzwWllscX7PbqlIuLu
QndUsG4BYQIwYRr2nDtiavTGn79AmEfsOYiXrgBKeZ5vCA7SpLFXM0Lq1A==
-----END PUBLIC KEY-----
";

/// The same key in the form of SEC 1, as `openssl ecparam -genkey` writes it: parameters first.
pub(super) const P256_OLD_FORM: &str = "\
-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEINvZ3oDcHN4OEepmT9ZfPzhIbQZkG0sTc4zicLsItroKoAoGCCqGSM49
AwEHoUQDQgAEj4IixA4PXnFzwWllscX7PbqlIuLuQndUsG4BYQIwYRr2nDtiavTG
n79AmEfsOYiXrgBKeZ5vCA7SpLFXM0Lq1A==
-----END EC PRIVATE KEY-----
";

pub(super) const P256_OLD_ENCRYPTED: &str = "\
-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,2BA19E8CAD70D121B267F739A3C1BF1F

JADBX1v3A4RwRBativM0m3hUMkdpCt95KlgCQRJVpQrJGjgKj37gF8U4XjLpKFS3
qu+Rkgihhr47iTGjsth+Pv2al5frPyhNxNbm7b5WkKpGikKIfPgvJGB+2/AviTWO
U7/JKiS8DB/UV62UWxhhqSoiivSb9xga5OeYXk392yE=
-----END EC PRIVATE KEY-----
";

/// One key with the public half of another.
pub(super) const P256_MIXED: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg29negNwc3g4R6mZP
1l8/OEhtBmQbSxNzjOJwuwi2ugqhRANCAASCnqWyHouVXnWcX4oTVdyejZ4uHbXQ
wzGPEcPZEZlJDpelDe49FmaC7ACVJPmdO9xwM+TENPHXuXGho8mY2K+4
-----END PRIVATE KEY-----
";

pub(super) const OTHER_P256: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6fnrfVLLoZUqfK6p
45R6EOsEOClykFG9iMm97se4HtShRANCAASCnqWyHouVXnWcX4oTVdyejZ4uHbXQ
wzGPEcPZEZlJDpelDe49FmaC7ACVJPmdO9xwM+TENPHXuXGho8mY2K+4
-----END PRIVATE KEY-----
";

pub(super) const P384: &str = "\
-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCNteis5fQZ7AiUmlXU
LTUWUMWRbX2Z8kYF+xNeY+scK5YiHOGjDMCSM+aPpHB+xZChZANiAAT9MtJEe1xY
ddhrpJyyAPLvNgVd4yHr1lnqdV8+gLt3RNE+6WBibLWIRVTVNOgbmyBDpaWrzM0P
GwTcNiOTVAYqRde8LIZ+BgVBuX6zLT0tQ64N9pBD+4ynODawzIPVATY=
-----END PRIVATE KEY-----
";

pub(super) const RSA_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDVmxcurzo4V7T/Jy6DqaukBTUs
gPoEHiWPZvn+X/xY41ZaYVJI8rm7lU15VG9WyYNT8cQycNadrnEpVVjEDGFj+/rL
50Azri0sI9rlD2cc2QYGISagRiRlp4TDDexKW0H+VW72hn/aHyiYwjtz3L61xiq2
TQKFA2gxcC0iZleGmwIDAQAB
-----END PUBLIC KEY-----
";
