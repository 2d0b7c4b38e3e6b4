/// What one snapshot sees of the cells of a row, fed in order of cells: the core that reads and
/// compaction share.
///
/// The result equals applying all operations of the snapshot in order of sequence. Within a column
/// all that can kill a version sorts before it, so one pass decides; and one number per column is
/// nearly all it takes. `floor` is the sequence below which no later cell of the column matters:
///
/// - A delete of the column, the family or the row range with sequence d covers every later cell
///   below d. Such a cell c is dead, and whatever it pushed out before d has a sequence below d
///   too.
/// - If at a time q (a sequence) k versions with newer timestamps were alive, every later cell
///   below or at q is gone; and whatever it pushed out itself is pushed out by those k too.
///
/// Cells above the floor have been alive in [own sequence, end): for ever, or up to the next
/// operation on the same timestamp. k = 1 moves the floor to that end. For k > 1 the intervals of
/// a column are kept and the floor is raised to the highest time at which k of them overlap.
///
/// Where older cells of the row are not fed (a compaction that leaves tables below), a version may
/// have been pushed out by one that is not seen and was deleted by itself later, at sequence d, by
/// a `deleteVersion` that is seen. Versions below d are then in doubt: they are not called dead,
/// but they push out nothing. Without such a delete, what pushed them out is still there to push.
struct ColumnView {
    enum Outcome: UInt8 {
        /// A version that the snapshot has.
        case alive
        /// A delete.
        case tombstone
        /// Deleted by a wide delete, or pushed out: nothing else depends on it.
        case gone
        /// Replaced by a put of the same timestamp: may have pushed out older versions.
        case replaced
        /// Deleted by `deleteVersion`: may have pushed out older versions.
        case versionDeleted
    }

    private struct Life {
        var start: UInt64
        var end: UInt64
    }

    private struct FamilyDelete {
        var timestamp: UInt64
        var sequence: UInt64
    }

    /// Versions kept; `Int.max` for all.
    private let limit: Int
    /// Cells of the column below it are gone. `.max`: so are all that follow in the column.
    private(set) var floor: UInt64 = 0
    private var rowFloor: UInt64 = 0
    private var timestamp: UInt64 = 0
    /// Sequence of the last operation seen on `timestamp`; nil if there was none.
    private var event: UInt64?
    private var eventIsPut = false
    private var alive = 0
    private var lives: [Life] = []
    private var familyDeletes: [FamilyDelete] = []
    private var applied = 0
    private var isPartial = false
    /// Versions below it are in doubt.
    private var doubt: UInt64 = 0

    init(maxVersions: Int?) {
        limit = max(maxVersions ?? .max, 1)
        if limit > 1, limit < .max { lives.reserveCapacity(16) }
    }

    /// A new row, in which cells below `floor` are deleted by range tombstones of the snapshot.
    /// `isPartial`: older cells of the row may not be fed.
    @inline(__always)
    mutating func beginRow(floor: UInt64, isPartial: Bool) {
        rowFloor = floor
        self.isPartial = isPartial
        if !familyDeletes.isEmpty { familyDeletes.removeAll(keepingCapacity: true) }
        beginColumn()
    }

    /// A new column of the row.
    @inline(__always)
    mutating func beginColumn() {
        floor = rowFloor
        event = nil
        alive = 0
        applied = 0
        doubt = 0
        if !lives.isEmpty { lives.removeAll(keepingCapacity: true) }
    }

    /// The next cell of the column; its sequence must be in the snapshot.
    @inline(__always)
    mutating func consume(
        timestamp: UInt64, sequence: UInt64, kind: UInt8
    ) -> Outcome {
        if applied < familyDeletes.count { applyFamilyDeletes(timestamp) }
        if kind != CellKind.put.rawValue {
            consumeDelete(timestamp, sequence, kind)
            return .tombstone
        }
        if sequence < floor { return .gone }
        if let event, self.timestamp == timestamp {
            let outcome: Outcome = eventIsPut ? .replaced : .versionDeleted
            if limit < .max, sequence >= doubt { addLife(sequence, event) }
            note(timestamp, sequence, isPut: true)
            return outcome
        }
        note(timestamp, sequence, isPut: true)
        if sequence < doubt { return .alive }
        alive &+= 1
        if alive == limit {
            floor = .max
        } else if limit < .max {
            addLife(sequence, .max)
        }
        return .alive
    }

    @inline(__always)
    private mutating func note(_ timestamp: UInt64, _ sequence: UInt64, isPut: Bool) {
        self.timestamp = timestamp
        event = sequence
        eventIsPut = isPut
    }

    private mutating func applyFamilyDeletes(_ timestamp: UInt64) {
        while applied < familyDeletes.count, familyDeletes[applied].timestamp >= timestamp {
            floor = max(floor, familyDeletes[applied].sequence)
            applied += 1
        }
    }

    private mutating func consumeDelete(_ timestamp: UInt64, _ sequence: UInt64, _ kind: UInt8) {
        switch kind {
        case CellKind.deleteVersion.rawValue:
            if isPartial { doubt = max(doubt, sequence) }
            if sequence >= floor { note(timestamp, sequence, isPut: false) }
        case CellKind.deleteColumn.rawValue:
            floor = max(floor, sequence)
        default:
            // They come in order of timestamps, newest first, before the cells of other columns.
            familyDeletes.append(FamilyDelete(timestamp: timestamp, sequence: sequence))
            applied = familyDeletes.count
            floor = max(floor, sequence)
        }
    }

    /// A version was alive in [start, end): raises the floor to the highest time at which `limit`
    /// such lives overlap.
    private mutating func addLife(_ start: UInt64, _ end: UInt64) {
        guard end > start else { return }
        if limit == 1 {
            floor = max(floor, end)
            return
        }
        lives.append(Life(start: start, end: end))
        guard lives.count >= limit else { return }
        var highest: UInt64 = 0
        for candidate in lives where candidate.end > start && candidate.end <= end {
            guard candidate.end > highest else { continue }
            var overlapping = 0
            for life in lives where life.start < candidate.end && life.end >= candidate.end {
                overlapping += 1
            }
            if overlapping >= limit { highest = candidate.end }
        }
        guard highest > floor else { return }
        floor = highest
        let bound = floor
        lives.removeAll { $0.end <= bound }
    }
}

/// Keeps a copy of the current column's qualifier, to see where the next column begins.
struct ColumnName: ~Copyable {
    private var bytes: UnsafeMutableRawBufferPointer
    private var count = -1
    private var head: UInt64 = 0

    init() { bytes = .allocate(byteCount: 64, alignment: 8) }

    deinit { bytes.deallocate() }

    /// Forgets the column: the next cell begins one.
    @inline(__always)
    mutating func clear() { count = -1 }

    /// Whether `qualifier` is another column than the one before; remembers it.
    @inline(__always)
    mutating func changes(to qualifier: UnsafeRawBufferPointer) -> Bool {
        let head = CellOrder.head(qualifier)
        if count == qualifier.count, head == self.head {
            if count <= 8 { return false }
            let known = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            if CellOrder.compareBytes(known, qualifier) == 0 { return false }
        }
        remember(qualifier, head)
        return true
    }

    @inline(__always)
    private mutating func remember(_ qualifier: UnsafeRawBufferPointer, _ head: UInt64) {
        self.head = head
        count = qualifier.count
        if count <= 8 { return }
        if count > bytes.count {
            bytes.deallocate()
            bytes = .allocate(byteCount: count * 2, alignment: 8)
        }
        bytes.copyMemory(from: qualifier)
    }
}
