/// The far end of one connection. Loop-confined; the handlers of the connection share it.
package final class Peer {
    /// Of the connection, unique in this process: the number in the log.
    package let id: UInt64
    /// Where the connection comes from.
    package let socketAddress: ClientAddress
    /// Who asks: behind a trusted proxy not the proxy, but its client.
    package internal(set) var address: ClientAddress
    /// The address under which the connection is counted; nil if it is not.
    var countedAs: UInt64?

    /// How logs name it.
    var label: PeerLabel { PeerLabel(connection: id, address: address) }

    init(id: UInt64, address: ClientAddress) {
        self.id = id
        socketAddress = address
        self.address = address
    }
}

/// A connection as the log names it.
package struct PeerLabel: Sendable {
    var connection: UInt64
    var address: ClientAddress
}
