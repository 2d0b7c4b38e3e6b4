import MartletStore

/// Followers that were here, and from where they need the log: `DIR/followers`, a line for each. A
/// hint for keeping log, so that one that is damaged or old costs a seed and no more.
struct FollowerRegistry {
    private struct Entry {
        var name: String
        var keep: UInt64
        /// Seconds since 1970.
        var seenAt: UInt64
    }

    /// One that was not here for so many seconds is forgotten: a week.
    private static let forgotten: UInt64 = 7 * 86_400
    /// Seconds between two writings while nobody comes or goes.
    private static let pause: UInt64 = 5

    private let path: String
    private let fileSystem: any FileSystem
    private var entries: [UInt64: Entry] = [:]
    private var writtenAt: UInt64 = 0

    init(_ directory: String, _ environment: Environment) {
        path = directory + "/followers"
        fileSystem = environment.fileSystem
        let now = environment.clock.now() / 1_000_000
        guard let file = try? fileSystem.open(path, .read), let size = try? file.size(),
            let bytes = try? SeedFiles.bytes(of: file, at: 0, count: Int(min(size, 1 << 20)))
        else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 3)
            guard parts.count == 4, let follower = UInt64(parts[0], radix: 16),
                let keep = UInt64(parts[1]), let seenAt = UInt64(parts[2]),
                seenAt + Self.forgotten > now
            else { continue }
            entries[follower] = Entry(name: String(parts[3]), keep: keep, seenAt: seenAt)
        }
    }

    /// The log is needed behind this sequence; `nil` where no follower is known.
    var keep: UInt64? { entries.values.map(\.keep).min() }

    /// Those who were here in the last week.
    var namesByNumber: [UInt64: String] { entries.mapValues(\.name) }

    /// Names by follower, as the store knows them.
    var names: [String: String] {
        Dictionary(uniqueKeysWithValues: entries.map { (String($0.key, radix: 16), $0.value.name) })
    }

    /// A follower that comes under a name takes it over from the one that had it: that one's files
    /// are gone, and the log that it needed is of no use to anybody.
    ///
    /// - Returns: whether `names` is another one now.
    mutating func note(_ position: FollowerPosition, now microseconds: UInt64) -> Bool {
        let now = microseconds / 1_000_000
        let count = entries.count
        let isNew = entries[position.follower]?.name != position.name
        entries[position.follower] = Entry(
            name: position.name, keep: position.keep, seenAt: now)
        entries = entries.filter { follower, entry in
            entry.seenAt + Self.forgotten > now
                && (follower == position.follower || entry.name != position.name)
        }
        if isNew || !position.isAttached || now >= writtenAt + Self.pause {
            writtenAt = now
            try? write()
        }
        return isNew || entries.count != count
    }

    private func write() throws(StoreError) {
        let lines = entries.sorted { $0.key < $1.key }.map { follower, entry in
            "\(String(follower, radix: 16)) \(entry.keep) \(entry.seenAt) \(entry.name)\n"
        }
        let fresh = path + ".new"
        if fileSystem.exists(fresh) { try fileSystem.remove(fresh) }
        let file = try fileSystem.open(fresh, .create)
        defer { file.close() }
        try lines.joined().withBytes { bytes throws(StoreError) in
            try file.write(bytes, at: 0)
        }
        try file.sync()
        try fileSystem.rename(fresh, to: path)
    }
}
