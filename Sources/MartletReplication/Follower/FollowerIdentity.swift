package import MartletStore

/// Who a follower is, in a file beside its store: `DIR.follower`. Also what it has promised while
/// there was no store to keep it. Replaced by a rename, so it is the old one or the new one.
package struct FollowerIdentity: Sendable, Equatable {
    private static let magic: UInt64 = 0x3157_4c46_5452_4d4d
    private static let size = 36

    package var follower: UInt64
    package var promise: TermID
    /// Readers of the primary had seen nothing that no follower has, when it was last heard.
    package var holdsWhatWasSeen = false

    /// Reads the file, or makes one with a random number; durable on return.
    ///
    /// - Throws: `.corruption` for a file that is damaged: a promise may be lost with it, and only
    ///   an operator can say that it does not matter.
    package static func open(
        besides directory: String, _ environment: Environment
    ) throws(StoreError) -> FollowerIdentity {
        let path = directory + ".follower"
        guard environment.fileSystem.exists(path) else {
            let fresh = FollowerIdentity(
                follower: max(1, environment.random.next()), promise: .zero)
            try fresh.write(besides: directory, environment.fileSystem)
            return fresh
        }
        let file = try environment.fileSystem.open(path, .read)
        defer { file.close() }
        let bytes = try SeedFiles.bytes(of: file, at: 0, count: size)
        var decoder = FieldDecoder(bytes[...])
        let sum = bytes.dropLast(4).withUnsafeBytes { Checksum.crc32c($0) }
        do throws(FrameError) {
            let isOne = try decoder.number(UInt64.self) == magic
            let follower = try decoder.number(UInt64.self)
            let promise = try decoder.termID()
            let flags = try decoder.number(UInt32.self)
            guard isOne, try decoder.number(UInt32.self) == sum else {
                throw FrameError(.checksum, "it does not verify")
            }
            return FollowerIdentity(
                follower: follower, promise: promise, holdsWhatWasSeen: flags & 1 != 0)
        } catch {
            throw StoreError(.corruption, "the follower's file: \(error)", path: path)
        }
    }

    /// Replaces the file; durable on return.
    package func write(
        besides directory: String, _ fileSystem: any FileSystem
    ) throws(StoreError) {
        var encoder = FieldEncoder()
        encoder.put(Self.magic)
        encoder.put(follower)
        encoder.put(promise)
        encoder.put(UInt32(holdsWhatWasSeen ? 1 : 0))
        let sum = encoder.bytes.withUnsafeBytes { Checksum.crc32c($0) }
        encoder.put(sum)
        let path = directory + ".follower"
        let fresh = path + ".new"
        if fileSystem.exists(fresh) { try fileSystem.remove(fresh) }
        let file = try fileSystem.open(fresh, .create)
        defer { file.close() }
        try encoder.bytes.withBytes { bytes throws(StoreError) in
            try file.write(bytes, at: 0)
        }
        try file.sync()
        try fileSystem.rename(fresh, to: path)
        let parent = directory.lastIndex(of: "/").map { String(directory[..<$0]) }
        try fileSystem.syncDirectory(parent.map { $0.isEmpty ? "/" : $0 } ?? ".")
    }
}
