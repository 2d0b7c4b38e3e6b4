import Testing

@testable import MartletPush

@Suite("An endpoint's URL")
struct EndpointTests {
    @Test(
        "reads as its parts and is written in one way",
        arguments: [
            ("https://Push.Example/a?b=c", "https://push.example/a?b=c"),
            ("HTTPS://push.example", "https://push.example/"),
            ("https://push.example:443/x%2Fy", "https://push.example/x%2Fy"),
            ("https://push.example:8443/", "https://push.example:8443/"),
            ("https://192.0.2.1/a", "https://192.0.2.1/a"),
            ("https://[2001:DB8:0::1]:1024/a", "https://[2001:db8::1]:1024/a"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ])
    func written(_ text: String, _ expected: String) throws {
        #expect(try PushURL(text, rules: EndpointRules()).text == expected)
    }

    @Test(
        "what two parsers could read differently is refused",
        arguments: [
            "", "https:", "https://", "https:///path", "ftp://push.example/", "//push.example/",
            "https://user@push.example/", "https://push.example@evil.example/",
            "https://push.example:pass@evil.example/", "https://push.example/#fragment",
            "https://push.example#@evil.example/", "https://push.example\\@evil.example/",
            "https://push.example?query", "https://push.example:/", "https://push.example:0/",
            "https://push.example:65536/", "https://push.example:+443/", "https://push.example:22/",
            "https://push..example/", "https://.example/", "https://push.example./",
            "https://bücher.example/", "https://e%78ample.com/", "https://exa\u{212A}.example/",
            "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/",
            "https://1.2.3.4.5/", "https://1.2.3.256/", "https://[::1/", "https://[::1]x/",
            "https://[fe80::1%25eth0]/", "https://[127.0.0.1]/", "https://push.example/a b",
            "https://push.example/a\r\nx: y", "https://push.example/\u{0}",
            "https://push.example/%",
            "https://push.example/%zz", "https://push.example/\"", "https://push.example/é",
            "http://push.example/", "unix:///run/x", "https+unix://%2Frun%2Fx/",
        ])
    func refused(_ text: String) {
        #expect(throws: PushURL.Malformed.self) { try PushURL(text, rules: EndpointRules()) }
    }

    @Test("at most 2,048 bytes")
    func length() throws {
        let path = String(repeating: "a", count: 2_048 - "https://push.example/".utf8.count)
        let longest = "https://push.example/" + path
        #expect(try PushURL(longest, rules: EndpointRules()).text == longest)
        #expect(throws: PushURL.Malformed.self) {
            try PushURL(longest + "a", rules: EndpointRules())
        }
    }

    @Test("the rules open low ports and plain http")
    func rules() throws {
        let open = EndpointRules(allowsPlainHTTP: true, allowsLowPorts: true)
        #expect(try PushURL("http://push.example/", rules: open).origin == "http://push.example")
        #expect(try PushURL("https://push.example:22/", rules: open).port == 22)
    }
}
