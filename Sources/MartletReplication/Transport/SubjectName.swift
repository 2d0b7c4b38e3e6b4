/// Finds the common name of a certificate's subject in its DER bytes (RFC 5280, 4.1): no more of
/// ASN.1 than that takes. The certificate was verified before.
enum SubjectName {
    /// 2.5.4.3, commonName.
    private static let commonNameOID: [UInt8] = [0x55, 0x04, 0x03]

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        /// Tag and content of the next value; `nil` where there is none.
        mutating func next() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
            guard let tag = bytes.popFirst(), let first = bytes.popFirst() else { return nil }
            var count = Int(first)
            if first >= 0x80 {
                let digits = Int(first & 0x7f)
                guard 1...3 ~= digits, bytes.count >= digits else { return nil }
                count = bytes.prefix(digits).reduce(0) { $0 << 8 | Int($1) }
                bytes = bytes.dropFirst(digits)
            }
            guard count <= bytes.count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return (tag, bytes.prefix(count))
        }
    }

    /// `nil` where there is none, or more than one.
    static func commonName(certificate: [UInt8]) -> String? {
        var outer = Reader(bytes: certificate[...])
        guard let (_, signed) = outer.next() else { return nil }
        var parts = Reader(bytes: signed)
        guard let (_, body) = parts.next() else { return nil }
        var fields = Reader(bytes: body)
        guard var field = fields.next() else { return nil }
        // The version is there or not; then serial, signature's algorithm, issuer, validity.
        if field.tag == 0xa0, let serial = fields.next() { field = serial }
        for _ in 0..<3 where fields.next() == nil { return nil }
        guard let (_, subject) = fields.next() else { return nil }
        return commonName(subject: subject)
    }

    private static func commonName(subject: ArraySlice<UInt8>) -> String? {
        var names: [String] = []
        var sets = Reader(bytes: subject)
        while let (_, set) = sets.next() {
            var pairs = Reader(bytes: set)
            while let (_, pair) = pairs.next() {
                var parts = Reader(bytes: pair)
                guard let oid = parts.next(), let value = parts.next() else { return nil }
                guard Array(oid.content) == commonNameOID else { continue }
                // UTF8String or PrintableString.
                guard value.tag == 0x0c || value.tag == 0x13,
                    let name = String(validating: value.content, as: UTF8.self)
                else { return nil }
                names.append(name)
            }
        }
        return names.count == 1 ? names[0] : nil
    }
}
