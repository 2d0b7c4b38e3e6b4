package import MartletStore

/// What a follower says. docs/protocol/replication.md has the bytes.
package enum FollowerFrame: FrameContent {
    case hello(FollowerHello)
    /// All up to `sequence` is on the follower's disk, in the log of `leader`.
    case durable(DurablePosition)
    case seedRead(SeedRange)
    /// The seed is installed or given up; the shipper may drop it.
    case seedDone(UInt64)
    /// The answer to a fence: the promise is durable.
    case promised(PromiseAnswer)
    case refused(Refusal)
    /// Still there, busy with something that takes long.
    case alive
}

/// Who a follower is and where it stands. Said first, and again after each change that was not an
/// append: a cut, a new seed.
package struct FollowerHello: Sendable, Equatable {
    package static let version: UInt16 = 1
    package static let nameMax = 64

    package var version = FollowerHello.version
    /// `nil` for a follower without a store yet.
    package var storeID: StoreID?
    /// Made once, at random.
    package var follower: UInt64
    /// The certificate's common name; for people.
    package var name: String
    package var promise: TermID
    package var history: TermHistory
    /// The end of the follower's log that is on its disk; 0 for none.
    package var lastSequence: UInt64
    /// Trees below this one are in its catalog.
    package var nextTree: UInt32
    /// It cannot go on from what it has: data that must go is in tables already.
    package var needsSeed = false
    /// It only looks who is there; nothing is to be shipped yet.
    package var isProbe = false
    /// A seed that it has a part of; 0 for none.
    package var seed: UInt64 = 0

    package init(
        storeID: StoreID?, follower: UInt64, name: String, promise: TermID, history: TermHistory,
        lastSequence: UInt64, nextTree: UInt32
    ) {
        self.storeID = storeID
        self.follower = follower
        self.name = name
        self.promise = promise
        self.history = history
        self.lastSequence = lastSequence
        self.nextTree = nextTree
    }
}

/// How far a follower's disk is.
package struct DurablePosition: Sendable, Equatable {
    package var leader: TermID
    package var sequence: UInt64
    /// What its readers see.
    package var visible: UInt64

    package init(leader: TermID, sequence: UInt64, visible: UInt64) {
        self.leader = leader
        self.sequence = sequence
        self.visible = visible
    }
}

/// A piece of a seed's file.
package struct SeedRange: Sendable, Equatable {
    /// The longest piece.
    package static let countMax: UInt32 = 4 << 20

    package var seed: UInt64
    package var file: UInt32
    package var offset: UInt64
    package var count: UInt32

    package init(seed: UInt64, file: UInt32, offset: UInt64, count: UInt32) {
        self.seed = seed
        self.file = file
        self.offset = offset
        self.count = count
    }
}

/// What a follower has promised, and what it has.
package struct PromiseAnswer: Sendable, Equatable {
    package var term: TermID
    package var history: TermHistory
    package var lastSequence: UInt64

    package init(term: TermID, history: TermHistory, lastSequence: UInt64) {
        self.term = term
        self.history = history
        self.lastSequence = lastSequence
    }
}
