/// A decoder that takes bytes from outside, and what must hold of it whatever the bytes are: it
/// ends with a value or a typed error, in bounded memory, and some property besides.
///
/// The tests feed it mutations of its seeds; a coverage-guided fuzzer can feed it as well.
public struct FuzzTarget: Sendable {
    /// What commands and corpora call it.
    public let name: String
    /// What is fed, in a line.
    public let summary: String
    /// Bytes of an input that are worth trying.
    public let lengthMax: Int
    /// Inputs that real encoders have made.
    public let seeds: @Sendable () throws -> [[UInt8]]
    /// What is wrong with how these bytes are taken; `nil` for nothing. A trap is a finding too.
    public let finding: @Sendable ([UInt8]) -> String?

    /// Every target there is.
    public static let all: [FuzzTarget] = [
        .replication, .compaction, .chat, .socket, .log, .table, .manifest, .journal,
    ]

    /// The target that is called so; `nil` for none.
    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
