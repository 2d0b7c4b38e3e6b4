import MartletStore

/// The lines of a file, with a bound on their length and bytes that are not UTF-8 repaired.
struct LineReader {
    struct Line: Equatable {
        /// 1 for the first.
        var number: Int
        var text: String
        var wasRepaired = false
        /// Longer than the bound; `text` is empty.
        var isTooLong = false
    }

    static let lineBytes = 16 << 10
    private static let chunkBytes = 256 << 10

    private let file: any File
    private var offset: UInt64 = 0
    private var chunk: [UInt8] = []
    private var place = 0
    private var number = 0

    init(_ file: any File) {
        self.file = file
    }

    /// Bytes of the file behind the last line given.
    var position: UInt64 { offset - UInt64(chunk.count - place) }

    mutating func next() throws(StoreError) -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        var any = false
        while true {
            if place == chunk.count {
                try fill()
                if chunk.isEmpty { break }
            }
            any = true
            let rest = chunk[place...]
            let end = rest.firstIndex(of: 0x0a)
            let part = rest[..<(end ?? chunk.count)]
            if isTooLong || line.count + part.count > Self.lineBytes {
                isTooLong = true
                line = []
            } else {
                line.append(contentsOf: part)
            }
            place = end.map { $0 + 1 } ?? chunk.count
            if end != nil { break }
        }
        guard any else { return nil }
        number += 1
        if isTooLong { return Line(number: number, text: "", isTooLong: true) }
        if line.last == 0x0d { line.removeLast() }
        let valid = String(validating: line, as: UTF8.self)
        return Line(
            number: number, text: valid ?? String(decoding: line, as: UTF8.self),
            wasRepaired: valid == nil)
    }

    private mutating func fill() throws(StoreError) {
        var bytes = [UInt8](repeating: 0, count: Self.chunkBytes)
        let at = offset
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(StoreError) in try file.read(into: buffer, at: at) }
        }
        let count = try result.get()
        bytes.removeLast(bytes.count - count)
        chunk = bytes
        place = 0
        offset += UInt64(count)
    }
}
