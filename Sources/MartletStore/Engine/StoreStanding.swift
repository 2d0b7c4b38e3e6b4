import Synchronization

/// What the store is among those that hold its log, for readers without a lock. Changed when the
/// manifest says so durably, by whoever holds its lock.
final class StoreStanding: Sendable {
    private let roleNumber: Atomic<UInt8>
    private let epochNumber: Atomic<UInt32>
    private let cursorNumber: Atomic<UInt32>
    private let waitedFor: Atomic<UInt8>

    init(_ state: ManifestState) {
        roleNumber = Atomic(state.role.rawValue)
        epochNumber = Atomic(state.epoch)
        cursorNumber = Atomic(state.history.cursorEpoch)
        waitedFor = Atomic(state.readersWaitFor)
    }

    var role: StoreRole { StoreRole(rawValue: roleNumber.load(ordering: .acquiring)) ?? .deposed }
    var epoch: UInt32 { epochNumber.load(ordering: .relaxed) }
    var cursorEpoch: UInt32 { cursorNumber.load(ordering: .relaxed) }
    var readersWaitFor: UInt8 { waitedFor.load(ordering: .relaxed) }

    func update(_ state: ManifestState) {
        epochNumber.store(state.epoch, ordering: .relaxed)
        cursorNumber.store(state.history.cursorEpoch, ordering: .relaxed)
        waitedFor.store(state.readersWaitFor, ordering: .relaxed)
        roleNumber.store(state.role.rawValue, ordering: .releasing)
    }

    /// Throws `.fenced` unless the store is a primary.
    func requirePrimary(_ directory: String) throws(StoreError) {
        switch role {
        case .primary: return
        case .follower:
            throw StoreError(.fenced, "the store is a follower", path: directory)
        case .deposed:
            throw StoreError(.fenced, "another store was promoted", path: directory)
        }
    }
}
