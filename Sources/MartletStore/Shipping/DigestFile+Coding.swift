/// The text of a digest file: lines of words with one space between them.
extension DigestFile {
    private static let head = "martlet-digest"
    private static let version = "1"

    /// The whole file.
    package var text: String {
        var lines = [
            "\(Self.head) \(Self.version)", "store \(storeID)", "sequence \(digest.sequence)",
            "moment \(moment)", "range-cells \(cellsPerRange)",
        ]
        for term in history.terms {
            let incarnation = String(term.incarnation, radix: 16)
            lines.append(
                "term \(term.epoch) \(incarnation) \(term.firstSequence)"
                    + " \(term.keepsCursors ? 1 : 0)")
        }
        for range in digest.ranges {
            lines.append(
                "range \(Self.escaped(range.table)) \(Self.escaped(range.family)) \(range.cells)"
                    + " \(Hex.text(range.firstRow)) \(Hex.text(range.lastRow)) \(range.value)")
        }
        let body = lines.map { $0 + "\n" }.joined()
        let sum = body.withBytes { Checksum.crc32c($0) }
        return body + "end \(Hex.text(sum))\n"
    }

    /// Takes a file apart.
    ///
    /// - Throws: `.corruption` with the offset of the first line that is none, `.unsupported`.
    package init(text bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var lines = DigestLines(bytes)
        let version = try lines.words(Self.head, 1)[0]
        guard version == Self.version else {
            throw StoreError(.unsupported, "a digest of version \(version)")
        }
        guard let storeID = StoreID(digits: try lines.words("store", 1)[0]) else {
            throw lines.fault
        }
        let sequence = try lines.number("sequence")
        let moment = try lines.number("moment")
        let cells = try lines.number("range-cells")
        guard let cellsPerRange = Int(exactly: cells), cells > 0 else { throw lines.fault }
        var history = TermHistory()
        while lines.nextIs("term") {
            try history.begin(try Self.term(try lines.words("term", 4), lines.fault))
        }
        var digest = StoreDigest(sequence: sequence, ranges: [])
        while lines.nextIs("range") {
            digest.ranges.append(try Self.range(try lines.words("range", 6), lines.fault))
        }
        let sum = Checksum.crc32c(lines.before)
        guard try lines.words("end", 1)[0] == Hex.text(sum), lines.isAtEnd else {
            throw lines.fault
        }
        self.init(
            storeID: storeID, history: history, moment: moment, cellsPerRange: cellsPerRange,
            digest: digest)
    }

    private static func term(
        _ words: [Substring], _ fault: StoreError
    ) throws(StoreError) -> Term {
        guard let epoch = UInt32(words[0]), let incarnation = UInt64(words[1], radix: 16),
            let first = UInt64(words[2]), words[3] == "0" || words[3] == "1"
        else { throw fault }
        return Term(
            epoch: epoch, incarnation: incarnation, firstSequence: first,
            keepsCursors: words[3] == "1")
    }

    private static func range(
        _ words: [Substring], _ fault: StoreError
    ) throws(StoreError) -> StoreDigest.Range {
        guard let table = unescaped(words[0]), let family = unescaped(words[1]),
            let cells = UInt64(words[2]), let first = Hex.bytes(words[3]),
            let last = Hex.bytes(words[4]), words[5].utf8.count == 32,
            let high = UInt64(words[5].prefix(16), radix: 16),
            let low = UInt64(words[5].suffix(16), radix: 16)
        else { throw fault }
        return StoreDigest.Range(
            table: table, family: family, firstRow: first, lastRow: last, cells: cells,
            value: DigestValue(high: high, low: low))
    }

    /// Letters, digits, `_`, `-` and `.` as they are, every other byte as `%` and two digits.
    private static func escaped(_ name: String) -> String {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: "%" + Hex.text([byte])
            }
        }.joined()
    }

    private static func unescaped(_ word: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = word.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let escaped = Hex.bytes(Substring(rest.prefix(2))), escaped.count == 1 else {
                return nil
            }
            bytes += escaped
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// Bytes as lower-case hexadecimal digits.
private enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func text(_ number: UInt32) -> String {
        text(withUnsafeBytes(of: number.bigEndian) { Array($0) })
    }

    /// `nil` for what is not an even number of digits, or none.
    static func bytes(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty, text.utf8.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = digits.firstIndex(of: digit).map({ UInt8($0) }) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}

/// Walks over the lines of a text.
private struct DigestLines {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// What is wrong if the line read last is.
    var fault: StoreError {
        StoreError(.corruption, "no digest, or a damaged one", offset: UInt64(offset))
    }

    var isAtEnd: Bool { offset == bytes.count }

    /// All that was read so far.
    var before: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<offset]) }

    func nextIs(_ name: String) -> Bool {
        let rest = bytes[offset...]
        return name.withBytes { rest.count > $0.count && rest.starts(with: $0) }
    }

    /// The words behind the name that the next line begins with: as many as are asked for.
    mutating func words(_ name: String, _ count: Int) throws(StoreError) -> [Substring] {
        guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) else { throw fault }
        let line = String(decoding: bytes[offset..<end], as: UTF8.self)
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == count + 1, words[0] == name else { throw fault }
        offset = end + 1
        return Array(words.dropFirst())
    }

    mutating func number(_ name: String) throws(StoreError) -> UInt64 {
        guard let number = UInt64(try words(name, 1)[0]) else { throw fault }
        return number
    }
}
