/// What one side of a protocol says: its frames' types, and the fields of each.
package protocol FrameContent: Sendable, Equatable {
    /// The types; raw values are part of the protocol.
    associatedtype Kind: RawRepresentable where Kind.RawValue == UInt8

    /// Puts the fields, and says which type they are of.
    func encode(_ encoder: inout FieldEncoder) -> Kind

    /// Takes the fields.
    init(_ kind: Kind, _ decoder: inout FieldDecoder) throws(FrameError)
}

extension FrameContent {
    package func frame() -> Frame {
        var encoder = FieldEncoder()
        let kind = encode(&encoder)
        return Frame(type: kind.rawValue, body: encoder.bytes)
    }

    /// - Throws: `.unknownType`; `.malformed` or `.unsupported` for a body that is not of its type.
    package init(_ frame: Frame) throws(FrameError) {
        guard let kind = Kind(rawValue: frame.type) else {
            throw FrameError(.unknownType, "there is no \(Self.self) of type \(frame.type)")
        }
        var decoder = FieldDecoder(frame.body[...])
        try self.init(kind, &decoder)
        try decoder.end()
    }
}
