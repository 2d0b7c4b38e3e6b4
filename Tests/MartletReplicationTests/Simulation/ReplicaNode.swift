import MartletSimulation
import MartletStore

@testable import MartletReplication

/// A machine of the simulation: its disk, and the process on it.
struct ReplicaNode {
    enum Process {
        case down
        case follower(FollowerMachine)
        /// It waits for promises before it is promoted.
        case fencing(PromotionFence)
        case primary(PrimaryProcess)
    }

    var store = ModelStore()
    var process = Process.down
    /// Counts processes: what was meant for an older one does not arrive.
    var generation = 0
    /// What the follower's store is to do, and on whose behalf it may not act any more.
    var work: FollowerWork?

    var follower: FollowerMachine? {
        if case .follower(let machine) = process { return machine }
        return nil
    }

    var primary: PrimaryProcess? {
        if case .primary(let process) = process { return process }
        return nil
    }

    var isFencing: Bool {
        if case .fencing = process { return true }
        return false
    }

    var isDown: Bool {
        if case .down = process { return true }
        return false
    }
}

/// A server with its shipper. The shipper may be down by itself.
struct PrimaryProcess {
    /// A read that was asked for and not answered yet.
    enum Request {
        case read(Int, after: UInt64, bytes: Int)
        case catalog(Int)
        case seed(Int, SeedRange)
        case makeSeed(UInt64)
    }

    var shipper: Shipper?
    var requests: [Request] = []
    var seeds: [UInt64: [UInt8]] = [:]
    /// The gate: how far each follower's disk is in the current term.
    var positions: [UInt64: FollowerPosition] = [:]

    /// The highest sequence that `count` followers have in `term`.
    func replicated(to count: Int, in term: TermID) -> UInt64 {
        let there = positions.values.filter { $0.term == term }.map(\.sequence).sorted(by: >)
        return count == 0 ? .max : there.count >= count ? there[count - 1] : 0
    }
}
