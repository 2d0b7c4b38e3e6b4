package import MartletStore

/// A seed that arrives in a directory beside the store: `DIR.incoming`.
///
/// Its first file, `OFFER`, tells which seed it is, so that pieces that are there are found again
/// after a crash. A piece is counted by the file's length; what a crash left wrong in it is found
/// by the checksum in the end, and then all of it is thrown away. Holds N8 with the rename that
/// installs it.
package struct IncomingSeed: Sendable {
    private static let offerName = "OFFER"

    package let directory: String
    private let fileSystem: any FileSystem

    package init(_ directory: String, _ fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// The seed that a part is there of; 0 for none.
    package var id: UInt64 { (try? offer())?.seed ?? 0 }

    /// What was offered, as it was kept; `nil` for nothing.
    ///
    /// - Throws: `.corruption` for a file that is no such frame; `.io`.
    private func offer() throws(StoreError) -> SeedOffer? {
        let path = "\(directory)/\(Self.offerName)"
        guard fileSystem.exists(path) else { return nil }
        var reader = FrameReader(.shipperToFollower)
        reader.append(try contents(path))
        do throws(FrameError) {
            guard let frame = try reader.next() else {
                throw FrameError(.malformed, "it ends too early")
            }
            guard case .seedOffer(let offer) = try ShipperFrame(frame).body else {
                throw FrameError(.malformed, "another frame")
            }
            return offer
        } catch {
            throw StoreError(.corruption, "a seed's offer: \(error)", path: path)
        }
    }

    /// Begins, or goes on with the same seed: how many bytes of each file are there.
    package func open(_ offer: SeedOffer) throws(StoreError) -> [UInt64] {
        // One that cannot be read is no part of any seed.
        if (try? self.offer()) != offer {
            try discard()
            try fileSystem.createDirectory(directory)
            let frame = ShipperFrame(.zero, .seedOffer(offer)).frame()
            let bytes = frame.encoded(.shipperToFollower, number: 0)
            let file = try fileSystem.open("\(directory)/\(Self.offerName)", .create)
            defer { file.close() }
            try bytes.withBytes { bytes throws(StoreError) in
                try file.write(bytes, at: 0)
            }
            try file.sync()
            try fileSystem.syncDirectory(directory)
        }
        var there: [UInt64] = []
        for file in offer.files {
            let path = "\(directory)/\(file.name)"
            guard fileSystem.exists(path) else {
                there.append(0)
                continue
            }
            let open = try fileSystem.open(path, .read)
            defer { open.close() }
            there.append(min(try open.size(), file.size))
        }
        return there
    }

    /// Writes one piece; not durable yet.
    ///
    /// - Throws: `.invalidArgument` for a piece of another seed; `.corruption` where it cannot be
    ///   known whose it is; `.noSpace`, `.io`.
    package func write(_ data: SeedData) throws(StoreError) {
        guard let offer = try offer(), offer.seed == data.seed,
            data.file < UInt32(offer.files.count)
        else {
            throw StoreError(.invalidArgument, "a piece of another seed", path: directory)
        }
        let name = offer.files[Int(data.file)].name
        if let slash = name.firstIndex(of: "/") {
            try fileSystem.createDirectory("\(directory)/\(name[..<slash])")
        }
        let path = "\(directory)/\(name)"
        let file = try fileSystem.open(path, fileSystem.exists(path) ? .readWrite : .create)
        defer { file.close() }
        try data.bytes.withBytes { bytes throws(StoreError) in
            try file.write(bytes, at: data.offset)
        }
    }

    /// Makes all of it durable and compares the checksums. The directory holds the seed alone then.
    ///
    /// - Returns: what is wrong with it; `nil` for nothing.
    package func finish(_ offer: SeedOffer) throws(StoreError) -> String? {
        var directories: Set<String> = []
        for file in offer.files {
            let path = "\(directory)/\(file.name)"
            if let slash = file.name.firstIndex(of: "/") {
                directories.insert("\(directory)/\(file.name[..<slash])")
                try fileSystem.createDirectory("\(directory)/\(file.name[..<slash])")
            }
            let open = try fileSystem.open(
                path, fileSystem.exists(path) ? .readWrite : .create)
            defer { open.close() }
            try open.sync()
            let (size, checksum) = try SeedFiles.sum(path, fileSystem)
            guard size == file.size, checksum == file.checksum else {
                return "\(file.name) is not what was offered"
            }
        }
        for inner in directories.sorted() { try fileSystem.syncDirectory(inner) }
        try fileSystem.remove("\(directory)/\(Self.offerName)")
        try fileSystem.syncDirectory(directory)
        return nil
    }

    /// Throws away what is there.
    package func discard() throws(StoreError) {
        guard fileSystem.exists(directory) else { return }
        // The offer first: what is left is no seed without it.
        for name in try fileSystem.list(directory).sorted() {
            let path = "\(directory)/\(name)"
            if let inner = try? fileSystem.list(path) {
                for file in inner { try fileSystem.remove("\(path)/\(file)") }
                try fileSystem.removeDirectory(path)
            } else {
                try fileSystem.remove(path)
            }
        }
        try fileSystem.removeDirectory(directory)
    }

    /// Throws away all seeds in a directory, and the directory.
    package static func discardAll(in parent: String, _ fileSystem: any FileSystem) {
        guard fileSystem.exists(parent) else { return }
        for name in (try? fileSystem.list(parent)) ?? [] {
            try? IncomingSeed("\(parent)/\(name)", fileSystem).discard()
        }
        try? fileSystem.removeDirectory(parent)
    }

    private func contents(_ path: String) throws(StoreError) -> [UInt8] {
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        return try SeedFiles.bytes(of: file, at: 0, count: Int(clamping: try file.size()))
    }
}
