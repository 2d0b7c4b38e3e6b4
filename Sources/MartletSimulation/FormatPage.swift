package import MartletStore

/// The pages on formats and protocols, and bytes as their examples show them.
package enum FormatPage {
    /// The text of a page, named from `docs/`.
    ///
    /// - Parameter source: a file of the tests.
    package static func text(
        _ name: String, from source: String = #filePath
    ) throws(StoreError) -> String {
        let parts = source.split(separator: "/", omittingEmptySubsequences: false)
        let root = parts.prefix { $0 != "Tests" && $0 != "Sources" }.joined(separator: "/")
        let file = try Environment.system.fileSystem.open("\(root)/docs/\(name)", .read)
        defer { file.close() }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(try file.size()), alignment: 8)
        defer { buffer.deallocate() }
        return String(decoding: buffer[..<(try file.read(into: buffer, at: 0))], as: UTF8.self)
    }

    /// Lines as `hexdump -C` prints them, with the offsets that the slice has.
    package static func hexdump(_ bytes: ArraySlice<UInt8>) -> String {
        func hex(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.endIndex)]
            let halves = [line.prefix(8), line.dropFirst(8)].map { half in
                half.map { hex(Int($0), 2) }.joined(separator: " ")
            }
            let text = line.map { (32..<127).contains($0) ? String(UnicodeScalar($0)) : "." }
            return "\(hex(start, 8))  \(halves[0])  \(halves[1])  |\(text.joined())|"
        }.joined(separator: "\n")
    }
}
