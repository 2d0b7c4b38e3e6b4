package import MartletStore

extension SimulatedDisk {
    /// Counts one operation and fails it if that was planned. `.shortWrite` is handed back for the
    /// operation to do its half.
    func count(_ what: String, _ path: String) throws(StoreError) -> DiskFailure? {
        if isObserved { return nil }
        operationCount += 1
        traceLines?.append("\(operationCount) \(what) \(path)")
        let failure = isOff ? .powerCut : failures[operationCount]
        switch failure {
        case nil: return nil
        case .shortWrite where what == "write": return .shortWrite
        case .io where what == "sync": return .io
        case .noSpace where what == "write" || what == "allocate" || what == "open":
            throw StoreError(.noSpace, "simulated: no space left", path: path)
        case .powerCut:
            isOff = true
            throw StoreError(.io, "simulated: the power is off", path: path)
        default: throw StoreError(.io, "simulated: \(what) failed", path: path)
        }
    }

    private func change(_ names: [(path: String, entry: Entry?)]) {
        for (path, entry) in names { current[path] = entry }
        let directories = Set(names.map { Self.parent(of: $0.path) })
        nameChanges.append(
            NameChange(order: operationCount, directories: directories, names: names))
    }

    private func file(_ path: String) throws(StoreError) -> DiskNode {
        guard case .file(let node)? = current[path] else {
            throw StoreError(.notFound, "no such file", path: path)
        }
        return node
    }

    package func createDirectory(_ path: String) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("createDirectory", path)
            if case .file? = current[path] {
                throw StoreError(.alreadyExists, "a file has this name", path: path)
            }
            try checkParent(of: path)
            if !isDirectory(path, in: current) { change([(path, .directory)]) }
        }
    }

    private func checkParent(of path: String) throws(StoreError) {
        guard isDirectory(Self.parent(of: path), in: current) else {
            throw StoreError(.notFound, "no such directory", path: Self.parent(of: path))
        }
    }

    package func list(_ directory: String) throws(StoreError) -> [String] {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("list", directory)
            guard isDirectory(directory, in: current) else {
                throw StoreError(.notFound, "no such directory", path: directory)
            }
            return current.keys.filter { Self.parent(of: $0) == directory }.sorted()
                .map { path in String(path.split(separator: "/").last ?? "") }
        }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(StoreError) -> any File {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("open", path)
            if mode == .create {
                guard current[path] == nil else {
                    throw StoreError(.alreadyExists, "the file exists", path: path)
                }
                try checkParent(of: path)
                change([(path, .file(DiskNode()))])
            }
            return SimulatedFile(
                self, path: path, node: try file(path), generation: generation,
                isWritable: mode != .read)
        }
    }

    package func exists(_ path: String) -> Bool {
        monitor.withLock { current[path] != nil }
    }

    package func rename(_ source: String, to target: String) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("rename", source)
            try checkParent(of: target)
            if case .directory? = current[source] { return try renameDirectory(source, target) }
            let node = try file(source)
            let replaced = current[target]
            change([(source, nil), (target, .file(node))])
            if case .file(let old)? = replaced { release(old) }
        }
    }

    /// Stricter than a real disk: what was not durable in the directory has no place to go in a
    /// crash, so renaming it then is taken for a mistake of the caller.
    private func renameDirectory(_ source: String, _ target: String) throws(StoreError) {
        guard current[target] == nil else {
            throw StoreError(.alreadyExists, "the target exists", path: target)
        }
        // What is pending in a directory that is gone itself matters to nobody.
        let isUnsynced = nameChanges.contains { change in
            change.directories.contains {
                ($0 == source || $0.hasPrefix(source + "/")) && isDirectory($0, in: current)
            }
        }
        guard !isUnsynced else {
            throw StoreError(
                .io, "simulated: renamed before the names in it were durable", path: source)
        }
        Self.move(source, to: target, in: &current)
        nameChanges.append(
            NameChange(
                order: operationCount,
                directories: [Self.parent(of: source), Self.parent(of: target)], names: [],
                moved: (source, target)))
    }

    package func removeDirectory(_ path: String) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("removeDirectory", path)
            guard case .directory? = current[path] else {
                throw StoreError(.notFound, "no such directory", path: path)
            }
            guard !current.keys.contains(where: { Self.parent(of: $0) == path }) else {
                throw StoreError(.alreadyExists, "the directory is not empty", path: path)
            }
            change([(path, nil)])
        }
    }

    package func link(_ source: String, to target: String) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("link", source)
            guard hasLinks else {
                throw StoreError(.unsupported, "simulated: no links here", path: target)
            }
            guard current[target] == nil else {
                throw StoreError(.alreadyExists, "the file exists", path: target)
            }
            try checkParent(of: target)
            change([(target, .file(try file(source)))])
        }
    }

    package func remove(_ path: String) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("remove", path)
            let node = try file(path)
            change([(path, nil)])
            release(node)
        }
    }

    /// Gives a node's room back if it has no name left.
    private func release(_ node: DiskNode) {
        let names = current.values.count { entry in
            if case .file(let other) = entry { other === node } else { false }
        }
        if names <= 0 { used -= node.current.count }
    }

    package func syncDirectory(_ path: String) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("syncDirectory", path)
            for change in nameChanges where change.directories.contains(path) { apply(change) }
            nameChanges.removeAll { $0.directories.contains(path) }
        }
    }

    package func freeSpace(_ path: String) throws(StoreError) -> UInt64 {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("freeSpace", path)
            return limit.map { UInt64(max(0, $0 - used)) } ?? 1 << 40
        }
    }

    package func lock(_ path: String, owner: String) throws(StoreError) -> any FileLock {
        try monitor.withLock { () throws(StoreError) in
            _ = try count("lock", path)
            if let holder = owners[path] {
                throw StoreError(.locked, "the store is open elsewhere: \(holder)", path: path)
            }
            try checkParent(of: path)
            if current[path] == nil { change([(path, .file(DiskNode()))]) }
            owners[path] = owner
            return SimulatedLock(self, path: path, generation: generation)
        }
    }
}

/// A lock that a crash frees as well.
private final class SimulatedLock: FileLock {
    private let disk: SimulatedDisk
    private let path: String
    private let generation: Int

    init(_ disk: SimulatedDisk, path: String, generation: Int) {
        self.disk = disk
        self.path = path
        self.generation = generation
    }

    deinit {
        disk.monitor.withLock {
            if disk.generation == generation { disk.owners[path] = nil }
        }
    }
}
