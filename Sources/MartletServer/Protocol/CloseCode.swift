/// Why the server closes a socket: the table of section 8 of the protocol page.
package struct CloseCode: Equatable, Sendable {
    package var number: UInt16
    package var reason: StaticReason

    /// The reason texts, told apart by value so that codes compare.
    package enum StaticReason: String, Sendable {
        case none = ""
        case shutdown, slow, overloaded, rate, stale, version, disabled
        case noPong = "no pong"
        case loggedOut = "logged out"
    }

    package static let normal = CloseCode(number: 1000, reason: .none)
    package static let framing = CloseCode(number: 1002, reason: .none)
    package static let notUTF8 = CloseCode(number: 1007, reason: .none)
    package static let tooLong = CloseCode(number: 1009, reason: .none)
    package static let shutdown = CloseCode(number: 3001, reason: .shutdown)
    package static let slow = CloseCode(number: 3002, reason: .slow)
    package static let noPong = CloseCode(number: 3003, reason: .noPong)
    package static let overloaded = CloseCode(number: 3004, reason: .overloaded)
    package static let rate = CloseCode(number: 3005, reason: .rate)
    package static let stale = CloseCode(number: 3500, reason: .stale)
    package static let version = CloseCode(number: 3501, reason: .version)
    package static let loggedOut = CloseCode(number: 3502, reason: .loggedOut)
    package static let disabled = CloseCode(number: 3504, reason: .disabled)
}
