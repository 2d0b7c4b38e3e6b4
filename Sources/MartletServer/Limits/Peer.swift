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
    /// Whether it is counted among the connections that are no sockets.
    var isPlain = true

    /// Requests and frames so far.
    private(set) var requests: UInt32 = 0
    /// The client's name for the one that came last.
    private var given: String?

    /// How logs name it.
    var label: PeerLabel { PeerLabel(connection: id, address: address) }

    /// How logs name it in what is about the request, or frame, that came last.
    var requestLabel: PeerLabel { label(of: request) }

    var request: RequestID { RequestID(given: given, connection: id, number: requests) }

    func label(of request: RequestID?) -> PeerLabel {
        PeerLabel(connection: id, address: address, request: request)
    }

    /// A request or frame has come.
    func begin(given: String? = nil) {
        requests &+= 1
        self.given = given
    }

    /// A frame that came earlier.
    func request(number: UInt32) -> RequestID { RequestID(connection: id, number: number) }

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
    /// What the line is about, if it is one request.
    var request: RequestID?
}
