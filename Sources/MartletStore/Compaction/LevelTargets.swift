/// How large each level of a tree may grow: RocksDB's dynamic level sizes (wiki,
/// Leveled-Compaction).
///
/// The last level holds nearly all; each level above it is a tenth, down to the first one that
/// would be smaller than the base: that is where level 0 is merged into. So a small tree has one
/// level and little write amplification, and a large one wastes at most about a ninth of its space.
package struct LevelTargets: Equatable {
    /// Bytes per level; `.max` for the last one, 0 for levels not in use.
    package let bytes: [UInt64]
    /// The level that level 0 is merged into.
    package let base: Int

    package init(levelBytes: [UInt64], levelBase: UInt64) {
        let last = levelBytes.count - 1
        var targets = [UInt64](repeating: 0, count: levelBytes.count)
        targets[last] = .max
        var base = last
        var size = levelBytes[1...].max() ?? 0
        while base > 1, size > levelBase {
            size /= 10
            base -= 1
            targets[base] = max(size, levelBase / 10)
        }
        // Tables left above the base by a smaller past keep their place in the order.
        if let first = levelBytes[1...].firstIndex(where: { $0 > 0 }), first < base {
            base = first
        }
        bytes = targets
        self.base = base
    }
}
