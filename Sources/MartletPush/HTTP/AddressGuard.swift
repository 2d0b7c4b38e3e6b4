/// Decides which addresses a user-chosen endpoint may lead to: none through which a stranger could
/// make this server talk to the network around it.
public struct AddressGuard: Sendable {
    /// Why an address is refused.
    struct Refusal: Error, Hashable {
        var reason: String
    }

    /// Everything that is not the public internet, and every form in which an IPv6 address hides
    /// an IPv4 one (RFC 6890 with its registries, Synapse's list).
    static let forbidden: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap(AddressRange.init)

    private static let global = AddressRange("2000::/3")

    /// What the operator allows all the same.
    private let allowed: [AddressRange]

    /// - Parameter allowed: ranges that are let through though they are not public: an operator's
    ///   own push service, or 64:ff9b::/96 behind a DNS64.
    public init(allowed: [AddressRange] = []) { self.allowed = allowed }

    /// Lets everything through. For operators who know, and for tests.
    public static let off = AddressGuard(
        allowed: ["0.0.0.0/0", "::/0"].compactMap(AddressRange.init))

    /// Checks all addresses of a name: one bad one refuses the name, since an honest service has
    /// none and a dishonest one must not get to choose.
    func check(_ addresses: [IPAddress]) throws(Refusal) {
        guard !addresses.isEmpty else { throw Refusal(reason: "no address") }
        for address in addresses where !permits(address) {
            throw Refusal(reason: "address \(address) is not allowed")
        }
    }

    func permits(_ address: IPAddress) -> Bool {
        if allowed.contains(where: { $0.contains(address) }) { return true }
        // Of IPv6 only 2000::/3 is given out for the public internet.
        if address.isSix, Self.global?.contains(address) == false { return false }
        return !Self.forbidden.contains { $0.contains(address) }
    }
}
