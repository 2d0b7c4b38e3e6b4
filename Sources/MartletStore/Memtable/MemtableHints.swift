/// Where rows with the same first 16 bytes went last: most rows of a chat ascend within one user or
/// one conversation, so the next of them goes to the same leaf. A hint may lead astray, to a leaf
/// that was replaced or is another row's by now; whoever takes it looks at the leaf's fences.
///
/// The writer's alone.
struct MemtableHints: ~Copyable {
    private struct Hint {
        var tag: UInt32 = 0
        var leaf: ArenaOffset = 0
    }

    /// What a row is found by. Rows under 16 bytes have no hints: their place is 0, like the tag.
    struct Key {
        fileprivate let tag: UInt32
        fileprivate let place: Int

        @inline(__always)
        init(_ row: UnsafeRawBufferPointer) {
            guard row.count >= 16 else {
                (tag, place) = (0, 0)
                return
            }
            let one = row.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            let two = row.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let mixed = (one &* 0x9e37_79b9_7f4a_7c15 ^ two) &* 0xff51_afd7_ed55_8ccd
            tag = UInt32(truncatingIfNeeded: mixed >> 32) | 1
            place = Int(truncatingIfNeeded: mixed >> 20) & (MemtableHints.count - 1)
        }
    }

    fileprivate static let count = 2_048
    private let hints: UnsafeMutablePointer<Hint>

    init() {
        hints = .allocate(capacity: Self.count)
        hints.initialize(repeating: Hint(), count: Self.count)
    }

    deinit { hints.deallocate() }

    /// The leaf where the last of them went; 0 if none is known.
    @inline(__always)
    func leaf(_ key: Key) -> ArenaOffset {
        let hint = hints[key.place]
        return hint.tag == key.tag ? hint.leaf : 0
    }

    @inline(__always)
    func set(_ key: Key, _ leaf: ArenaOffset) {
        if key.tag != 0 { hints[key.place] = Hint(tag: key.tag, leaf: leaf) }
    }
}
