import Testing

@testable import MartletPush

@Suite("Addresses that endpoints may lead to")
struct AddressGuardTests {
    private func permits(_ text: String, _ guardian: AddressGuard = AddressGuard()) throws -> Bool {
        guardian.permits(try #require(IPAddress(text)))
    }

    @Test(
        "nothing of the network around this server",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
            "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
            "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255",
            "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
            "239.255.255.255", "240.0.0.1", "255.255.255.255",
            "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1",
            "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:0808:0808::1",
            "3fff::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1",
            "ff02::1", "1::1", "4000::1", "e000::1",
        ])
    func forbidden(_ text: String) throws { #expect(try !permits(text)) }

    @Test(
        "the public internet",
        arguments: [
            "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
            "126.255.255.255", "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255",
            "172.32.0.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
            "198.20.0.0", "223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2003::1",
            "2606:4700::1111", "2a00:1450::1", "3ffe::1",
        ])
    func allowed(_ text: String) throws { #expect(try permits(text)) }

    @Test("one bad address refuses the name, none as well")
    func mixture() throws {
        let good = try #require(IPAddress("8.8.8.8"))
        let bad = try #require(IPAddress("10.0.0.1"))
        try AddressGuard().check([good])
        #expect(throws: AddressGuard.Refusal.self) { try AddressGuard().check([good, bad]) }
        #expect(throws: AddressGuard.Refusal.self) { try AddressGuard().check([]) }
    }

    @Test("the operator opens ranges, and only those")
    func opened() throws {
        let range = try #require(AddressRange("10.1.0.0/16"))
        let guardian = AddressGuard(allowed: [range])
        #expect(try permits("10.1.255.255", guardian))
        #expect(try !permits("10.2.0.0", guardian))
        #expect(try permits("127.0.0.1", .off))
        #expect(try permits("::1", .off))
    }

    @Test("every range of the table is read")
    func table() { #expect(AddressGuard.forbidden.count == 33) }

    @Test("ranges are written as they are read", arguments: ["10.0.0.0/8", "fe80::/10", "::1/128"])
    func ranges(_ text: String) { #expect(AddressRange(text)?.description == text) }

    @Test(
        "malformed ranges are refused",
        arguments: [
            "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "a/8", "::/", "1.1.1.1/8/8",
        ])
    func malformed(_ text: String) { #expect(AddressRange(text) == nil) }
}
