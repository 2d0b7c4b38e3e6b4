import MartletStore

/// What must hold of any bytes on a connection whose frames have this format: they are read the
/// same in whatever pieces they come, and a frame that is taken comes out the same again.
struct StreamCheck {
    let format: FrameFormat
    /// Takes a frame apart and puts it together again.
    let recode: (Frame) throws(FrameError) -> Frame

    init<Content: FrameContent>(_ format: FrameFormat, _ content: Content.Type) {
        self.format = format
        recode = { (frame) throws(FrameError) in try Content(frame).frame() }
    }

    private struct Reading: Equatable {
        var frames: [Frame] = []
        var error: FrameError?
        var waiting = 0
    }

    /// - Parameter piece: how many bytes come at a time.
    func finding(_ bytes: ArraySlice<UInt8>, piece: Int) -> String? {
        // As they are, and as they get past the checksums.
        for stream in [Array(bytes), repaired(Array(bytes))] {
            let whole = read(stream, piece: max(1, stream.count))
            guard read(stream, piece: piece) == whole else { return "pieces are read differently" }
            for frame in whole.frames {
                if let finding = finding(frame) { return finding }
            }
        }
        return nil
    }

    private func read(_ bytes: [UInt8], piece: Int) -> Reading {
        var reader = FrameReader(format)
        var reading = Reading()
        do throws(FrameError) {
            for start in stride(from: 0, to: bytes.count, by: piece) {
                reader.append(bytes[start..<min(start + piece, bytes.count)])
                while let frame = try reader.next() { reading.frames.append(frame) }
            }
        } catch {
            reading.error = error
        }
        reading.waiting = reader.waitingBytes
        return reading
    }

    private func finding(_ frame: Frame) -> String? {
        guard let once = try? recode(frame) else { return nil }
        guard let twice = try? recode(once), twice == once else {
            return "what was taken from \(frame) is not taken again"
        }
        return nil
    }

    /// The bytes with the checksum that each frame in turn should have.
    private func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        var start = 0
        var number: UInt64 = 0
        while start + format.headSize <= bytes.count {
            let count = Int(bytes.word(at: start + format.countAt))
            let end = start + format.uncounted + count
            guard count <= format.countMax, end <= bytes.count else { break }
            let checksum = format.checksum(bytes[start..<end], number: number)
            bytes.put(checksum, at: start + format.checksumAt)
            start = end
            number += 1
        }
        return bytes
    }
}

extension [UInt8] {
    /// The little-endian u32 at `place`, which is within the bytes.
    func word(at place: Int) -> UInt32 {
        withUnsafeBytes { $0.number(at: place, UInt32.self) }
    }

    mutating func put(_ number: some FixedWidthInteger & BitwiseCopyable, at place: Int) {
        Swift.withUnsafeBytes(of: number.littleEndian) {
            replaceSubrange(place..<place + $0.count, with: $0)
        }
    }
}
