/// The names of the manifest's files, and the one that says which is current.
enum ManifestName {
    static let current = "CURRENT"
    static let temporary = "CURRENT.tmp"
    private static let prefix = "MANIFEST-"

    static func name(_ number: UInt64) -> String { prefix + LogFormat.padded(number) }

    static func number(of name: some StringProtocol) -> UInt64? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard digits.utf8.count >= 12, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return UInt64(digits)
    }

    /// CURRENT's one line: the name, a space, the name's CRC-32C in 8 hexadecimal digits.
    static func line(_ number: UInt64) -> [UInt8] {
        let name = name(number)
        let checksum = Array(name.utf8).withUnsafeBytes { Checksum.crc32c($0) }
        let digits = String(checksum, radix: 16)
        return Array("\(name) \(String(repeating: "0", count: 8 - digits.count))\(digits)\n".utf8)
    }

    /// The number in CURRENT; `.notFound` where there is none, so no store.
    static func readCurrent(
        _ fileSystem: any FileSystem, _ directory: String
    ) throws(StoreError) -> UInt64 {
        let path = "\(directory)/\(current)"
        let file = try fileSystem.open(path, .read)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 128, alignment: 1)
        defer { bytes.deallocate() }
        let text = Array(bytes.prefix(try file.read(into: bytes, at: 0)))
        let name = String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        guard let number = number(of: name), line(number) == text else {
            throw StoreError(.corruption, "the name of the manifest is damaged", path: path)
        }
        return number
    }
}
