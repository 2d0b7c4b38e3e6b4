/// One file's bytes: as the kernel shows them, and as they are on the medium.
final class DiskNode {
    /// A change that is not yet on the medium. `order` counts over the whole disk.
    struct Change {
        enum Kind {
            case write(offset: Int, bytes: [UInt8])
            case resize(Int)
        }
        var order: UInt64
        var kind: Kind
    }

    /// What a read sees.
    var current: [UInt8] = []
    /// What has reached the medium for sure.
    var durable: [UInt8] = []
    /// What has not, oldest first.
    var changes: [Change] = []

    func apply(_ kind: Change.Kind, order: UInt64) {
        Self.apply(kind, to: &current)
        changes.append(Change(order: order, kind: kind))
    }

    func sync() {
        for change in changes { Self.apply(change.kind, to: &durable) }
        changes.removeAll()
    }

    static func apply(_ kind: Change.Kind, to bytes: inout [UInt8]) {
        switch kind {
        case .write(let offset, let written):
            if bytes.count < offset + written.count { resize(&bytes, offset + written.count) }
            bytes.replaceSubrange(offset..<offset + written.count, with: written)
        case .resize(let size): resize(&bytes, size)
        }
    }

    private static func resize(_ bytes: inout [UInt8], _ size: Int) {
        if size < bytes.count {
            bytes.removeLast(bytes.count - size)
        } else {
            bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
        }
    }

    /// The change's parts that a medium writes as one: 512-byte sectors; a new size by itself.
    static func sectors(of kind: Change.Kind) -> [Change.Kind] {
        guard case .write(let offset, let bytes) = kind else { return [kind] }
        var parts: [Change.Kind] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, ((offset + start) / 512 + 1) * 512 - offset)
            parts.append(.write(offset: offset + start, bytes: Array(bytes[start..<end])))
            start = end
        }
        return parts
    }
}
