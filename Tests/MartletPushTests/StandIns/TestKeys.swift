import Crypto

@testable import MartletPush

/// Keys that guard nothing: made for these tests, known to everybody.
enum TestKeys {
    /// For the names `localhost` and `push.test`, from 2020 to 2120, signed by itself.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBSzCB86ADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
        dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
        bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEonolV01jhT+oSoF9
        qwfAhir4yg/zppIZjJKKJZGKCq6zs1emhAQO6dRbZSSgblzl9HLjWu2L8KCyhlcz
        oMPDtKM0MDIwHwYDVR0RBBgwFoIJbG9jYWxob3N0gglwdXNoLnRlc3QwDwYDVR0T
        AQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBQncUzXg0z/DCNvXHjrmruh7/1
        l4Bggy6gMBmaXA7QZwIgb9/+1pEBFLf/upVRLxwrY+OWSdLh6lRl/AWk/Vu1j9o=
        -----END CERTIFICATE-----
        """

    static let certificateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLveLHmTuwKIHHANl
        OMYRviUdFdSJW71IYqgqd++Eb2ShRANCAASieiVXTWOFP6hKgX2rB8CGKvjKD/Om
        khmMkoolkYoKrrOzV6aEBA7p1FtlJKBuXOX0cuNa7YvwoLKGVzOgw8O0
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
