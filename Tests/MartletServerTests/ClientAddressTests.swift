import MartletServer
import NIOCore
import Testing

@Suite struct ClientAddressTests {
    @Test(
        "text and socket addresses are the same, and shown as they are written",
        arguments: ["127.0.0.1", "203.0.113.250", "2001:db8:0:1:0:0:0:2"])
    func forms(_ text: String) throws {
        let address = try #require(ClientAddress(text))
        #expect(address == ClientAddress(try SocketAddress(ipAddress: text, port: 9)))
        #expect(address.description == text)
    }

    @Test("IPv4 inside of IPv6 is the same IPv4")
    func mapped() {
        #expect(ClientAddress("::ffff:10.1.2.3") == ClientAddress("10.1.2.3"))
    }

    @Test("limits count a whole /64 of IPv6 as one, and each IPv4 address by itself")
    func keys() {
        let key = { (text: String) in ClientAddress(text)?.key }
        #expect(key("2001:db8:0:1::1") == key("2001:db8:0:1:ffff::9"))
        #expect(key("2001:db8:0:1::1") != key("2001:db8:0:2::1"))
        #expect(key("10.0.0.1") != key("10.0.0.2"))
    }

    @Test("loopback is known in all its forms")
    func loopback() {
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(ClientAddress(text)?.isLoopback == true, "\(text)")
        }
        for text in ["0.0.0.0", "::", "128.0.0.1", "fe80::1"] {
            #expect(ClientAddress(text)?.isLoopback == false, "\(text)")
        }
        #expect(ClientAddress("localhost") == nil)
        #expect(ClientAddress("1.2.3.4:80") == nil)
    }
}
