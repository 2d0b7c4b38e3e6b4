import MartletStore

extension SimulatedDisk {
    /// Turns bit `bit` of the byte at `offset` over, on the medium and in the page cache.
    package func flipBit(_ path: String, offset: Int, bit: Int = 0) {
        monitor.withLock {
            guard case .file(let node)? = current[path] else { return }
            node.sync()
            guard offset < node.current.count else { return }
            node.current[offset] ^= 1 << UInt8(bit & 7)
            node.durable = node.current
        }
    }

    /// The file's bytes as a read would see them; `nil` if there is none.
    package func contents(of path: String) -> [UInt8]? {
        monitor.withLock {
            guard case .file(let node)? = current[path] else { return nil }
            return node.current
        }
    }

    /// All files below `directory`, as reads would see them, by path.
    package func files(under directory: String) -> [(path: String, bytes: [UInt8])] {
        monitor.withLock {
            current.keys.filter { $0.hasPrefix(directory + "/") }.sorted().compactMap { path in
                guard case .file(let node)? = current[path] else { return nil }
                return (path, node.current)
            }
        }
    }

    /// Puts `bytes` in the place of the file's, durably, making the file where there is none.
    package func replace(_ path: String, with bytes: [UInt8]) {
        monitor.withLock {
            let node = DiskNode()
            node.current = bytes
            node.durable = bytes
            if case .file(let old)? = current[path] { used -= old.current.count }
            used += bytes.count
            nameChanges.removeAll { change in change.names.contains { $0.path == path } }
            current[path] = .file(node)
            durable[path] = .file(node)
            var parent = Self.parent(of: path)
            while !isDirectory(parent, in: durable) {
                current[parent] = .directory
                durable[parent] = .directory
                parent = Self.parent(of: parent)
            }
        }
    }

    /// A disk of its own with this one's files as a read sees them, all of them durable.
    package func copy() -> SimulatedDisk {
        let copy = SimulatedDisk()
        monitor.withLock {
            for (path, entry) in current {
                guard case .file(let node) = entry else {
                    copy.current[path] = .directory
                    continue
                }
                let other = DiskNode()
                other.current = node.current
                other.durable = node.current
                copy.current[path] = .file(other)
            }
            copy.durable = copy.current
            copy.used = used
            copy.limit = limit
        }
        return copy
    }
}
