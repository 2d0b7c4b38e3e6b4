/// A configuration that is not served with.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Reason: Sendable, Hashable {
        /// Plain HTTP would be reachable from other machines.
        case insecureAddress
        /// The certificate or its key cannot be used.
        case certificate
        /// A trusted proxy is not an address.
        case proxyAddress
    }

    /// What is wrong.
    public var reason: Reason
    /// One sentence for a person.
    public var description: String

    /// An error of these parts.
    public init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
