/// Constants of the log's format; see docs/formats/log.md.
package enum LogFormat {
    /// The version written into new headers, and the newest that is read.
    package static let version: UInt32 = 1
    /// First bytes of a log segment.
    package static let segmentMagic: StaticString = "MRTLLOG1"
    /// First bytes of a manifest.
    package static let manifestMagic: StaticString = "MRTLMAN1"
    /// Records start at multiples of this.
    package static let alignment = 8
    /// Longest payload that a reader accepts: a batch of 64 MiB with room for its framing.
    package static let maximumPayload = 256 << 20

    /// Bytes that a record with `payload` bytes takes in the file.
    @inline(__always)
    package static func recordSize(payload: Int) -> Int {
        (LogRecordHeader.size + payload + alignment - 1) & ~(alignment - 1)
    }

    /// `000000000042.log`, in `directory`.
    package static func segmentPath(_ directory: String, _ segment: UInt64) -> String {
        "\(directory)/\(padded(segment)).log"
    }

    /// The number in 12 digits or more, as file names carry it.
    package static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
    }

    /// The segment of a file name, `nil` for files that are not segments.
    package static func segment(ofName name: String) -> UInt64? {
        guard name.hasSuffix(".log") else { return nil }
        let digits = name.dropLast(4)
        guard digits.utf8.count >= 12, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return UInt64(digits)
    }
}
