import Crypto

@testable import MartletPush

/// Keys that guard nothing: made for these tests, known to everybody.
enum TestKeys {
    /// For `localhost`, `push.test` and 127.0.0.1, from 2020 to 2120, signed by itself.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBUjCB+aADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
        dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
        bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAESHuLfAcGB4Gb+V9T
        tKLKhMocKGX18F+yydrfHonlDpA9JcBpKxBYY8UIYyCIWATQQ58VNf4pG1dtAi7f
        YlGlsKM6MDgwJQYDVR0RBB4wHIIJbG9jYWxob3N0gglwdXNoLnRlc3SHBH8AAAEw
        DwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAj/sAphfquckZ9Byk
        s6i2zkeGZS/s4tZ1fBiJLKqXhRMCIBZ5V7Vtmccm+XcEvm6GFWCEdIw5qVYSfepo
        c7ZjQgM0
        -----END CERTIFICATE-----
        """

    static let certificateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpUxi2W69nK55rJGL
        rJSg+bAAXT0Cihf9UZ3qWhJuPQShRANCAARIe4t8BwYHgZv5X1O0osqEyhwoZfXw
        X7LJ2t8eieUOkD0lwGkrEFhjxQhjIIhYBNBDnxU1/ikbV20CLt9iUaWw
        -----END PRIVATE KEY-----
        """

    /// The browser of RFC 8291 §5.
    static let browserKey =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    static let browserPrivateKey = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
    static let browserAuth = "BTBZMqHH6r4Tts7J_aSIgg"

    static func webSubscription(_ endpoint: String) throws -> PushSubscription {
        try .web(
            endpoint: endpoint, p256dh: browserKey, auth: browserAuth, registeredAt: 0,
            rules: EndpointRules(allowsPlainHTTP: true))
    }
}
