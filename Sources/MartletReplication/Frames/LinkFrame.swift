package import MartletStore

/// What a server tells the shipper beside it, over the Unix socket.
package enum ServerFrame: FrameContent {
    /// How the store stands; said first, and after each write of the log (only the newest waits).
    case state(PrimaryState)
    /// The checkpoint that was asked for is at a path.
    case seedMade(seed: UInt64, path: String)
    case seedFailed(seed: UInt64, message: String)
    case refused(Refusal)
}

/// A store as the shipper has to know it.
package struct PrimaryState: Sendable, Equatable {
    package var storeID: StoreID
    package var history: TermHistory
    /// The segment that is written, and up to where.
    package var segment: UInt64
    package var offset: UInt64
    /// The sequence that the next record will have.
    package var nextSequence: UInt64
    /// No tree has this number or a greater one.
    package var nextTree: UInt32
    /// The least number of followers that readers of the store wait for; 0 for none.
    package var replicas: UInt8
    package var isDeposed: Bool

    package init(
        storeID: StoreID, history: TermHistory, segment: UInt64, offset: UInt64,
        nextSequence: UInt64, nextTree: UInt32, replicas: UInt8, isDeposed: Bool
    ) {
        self.storeID = storeID
        self.history = history
        self.segment = segment
        self.offset = offset
        self.nextSequence = nextSequence
        self.nextTree = nextTree
        self.replicas = replicas
        self.isDeposed = isDeposed
    }

    /// The last sequence in the log; 0 for none.
    package var lastSequence: UInt64 { nextSequence == 0 ? 0 : nextSequence - 1 }
}

/// What the shipper tells the server.
package enum LinkReport: FrameContent {
    case attach(version: UInt16, storeID: StoreID)
    /// A follower as it stands; said at each change.
    case follower(FollowerPosition)
    /// Somebody was promoted above this store.
    case deposed(TermID)
    case seedWanted(UInt64)
    case seedDone(UInt64)
}

/// A follower as the server has to know it.
package struct FollowerPosition: Sendable, Equatable {
    package var follower: UInt64
    package var name: String
    package var isAttached: Bool
    /// In whose log `sequence` is a position.
    package var term: TermID
    /// All up to here of that log is on the follower's disk; 0 where that is not known.
    package var sequence: UInt64
    /// The log is of use to the follower behind this sequence. Not a position: it may be that of a
    /// seed that is on its way.
    package var keep: UInt64

    package init(
        follower: UInt64, name: String, isAttached: Bool, term: TermID, sequence: UInt64,
        keep: UInt64
    ) {
        self.follower = follower
        self.name = name
        self.isAttached = isAttached
        self.term = term
        self.sequence = sequence
        self.keep = keep
    }
}
