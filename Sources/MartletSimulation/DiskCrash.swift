/// What a power cut leaves of that which was not synced.
package enum CrashMode: Sendable, CaseIterable {
    /// Nothing.
    case loseAll
    /// Everything.
    case keepAll
    /// Of each 512-byte sector of each write, and of each new size, any; of each directory's
    /// changes the first few.
    case random
    /// All up to some write, of that one the first sectors, nothing behind it.
    case torn
}

/// Decides what survives one crash.
struct DiskCrash {
    let mode: CrashMode
    var generator: SeededGenerator
    /// The orders at which the file changes and the directory changes are cut, for `.torn`.
    let lastOrder: UInt64

    init(mode: CrashMode, seed: UInt64, operations: UInt64) {
        self.mode = mode
        generator = SeededGenerator(seed: seed)
        lastOrder = UInt64.random(in: 0...operations, using: &generator)
    }

    mutating func settle(_ node: DiskNode) {
        for change in node.changes {
            var parts = DiskNode.sectors(of: change.kind)
            switch mode {
            case .keepAll: break
            case .loseAll: parts.removeAll()
            case .random: parts = parts.filter { _ in Bool.random(using: &generator) }
            case .torn where change.order == lastOrder:
                parts.removeLast(Int.random(in: 0...parts.count, using: &generator))
            case .torn where change.order > lastOrder: parts.removeAll()
            case .torn: break
            }
            for part in parts { DiskNode.apply(part, to: &node.durable) }
        }
        node.changes.removeAll()
        node.current = node.durable
    }

    /// How many of a directory's `count` changes survive.
    mutating func keptChanges(of orders: [UInt64]) -> Int {
        switch mode {
        case .keepAll: orders.count
        case .loseAll: 0
        case .random: Int.random(in: 0...orders.count, using: &generator)
        case .torn: orders.prefix { $0 <= lastOrder }.count
        }
    }
}
