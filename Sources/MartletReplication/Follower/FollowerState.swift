package import MartletStore

/// A follower's store as its machine has to know it. All of it is on the disk.
package struct FollowerState: Sendable, Equatable {
    /// `nil` where there is no store yet.
    package var storeID: StoreID?
    package var history: TermHistory
    /// The end of the log; 0 for none.
    package var lastSequence: UInt64
    /// What readers see.
    package var visible: UInt64
    package var promise: TermID
    /// No tree has this number or a greater one.
    package var nextTree: UInt32
    /// A seed of which a part is there; 0 for none.
    package var seed: UInt64 = 0

    package init(
        storeID: StoreID?, history: TermHistory, lastSequence: UInt64, visible: UInt64,
        promise: TermID, nextTree: UInt32
    ) {
        self.storeID = storeID
        self.history = history
        self.lastSequence = lastSequence
        self.visible = visible
        self.promise = promise
        self.nextTree = nextTree
    }

    /// No store yet.
    package static let nothing = FollowerState(
        storeID: nil, history: TermHistory(), lastSequence: 0, visible: 0, promise: .zero,
        nextTree: 0)
}

/// What a follower's machine has its store do. All of it is durable when it is answered.
package enum FollowerWork: Sendable, Equatable {
    /// To the last term of a history; the ones before tell that it is of the promised line.
    case promise(TermHistory)
    case begin(Term)
    case catalog(ManifestEdit)
    /// Log, sync, apply, make visible.
    case append([ShippedRecord])
    case truncate(after: UInt64)
    /// Look what of the seed is there already, and throw away what is of another one.
    case openSeed(SeedOffer)
    case writeSeed(SeedData)
    /// Verify, sync, install in place of what is there.
    case installSeed(SeedOffer)
}

/// How a work ended.
package enum FollowerOutcome: Sendable, Equatable {
    case done(FollowerState)
    /// What must be cut is in tables already.
    case needsSeed(FollowerState)
    /// How many bytes of each file of the seed are there.
    case seedOpened([UInt64])
    case seedWritten
    /// The seed is not what it was said to be; it was thrown away.
    case seedDamaged(String)
    /// The store refuses: no room, or worse. Tried again after a while.
    case failed(StoreError)
}
