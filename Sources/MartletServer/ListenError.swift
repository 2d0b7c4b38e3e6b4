import Glibc
import NIOCore

/// The server's address cannot be had.
public struct ListenError: Error, CustomStringConvertible {
    /// As configured.
    public var host: String
    /// As configured.
    public var port: Int
    /// What the system said.
    public var underlying: any Error

    /// Whether another process listens there.
    public var isPortTaken: Bool { (underlying as? IOError)?.errnoCode == EADDRINUSE }

    /// One sentence for a person.
    public var description: String {
        if isPortTaken {
            return "port \(port) on \(host) is taken by another process; choose another with --port"
        }
        if (underlying as? IOError)?.errnoCode == EACCES {
            return "port \(port) on \(host) is not allowed for this user"
        }
        return "cannot listen on \(host):\(port): \(underlying)"
    }
}
