package import MartletStore

/// What a shipper says, and in whose name. docs/protocol/replication.md has the bytes.
package struct ShipperFrame: FrameContent {
    /// The current term of the primary that is shipped, or the one that a fence is for. A follower
    /// acts on no frame of a term below its promise (N6).
    package var leader: TermID
    package var body: Body

    package init(_ leader: TermID, _ body: Body) {
        self.leader = leader
        self.body = body
    }

    package enum Body: Sendable, Equatable {
        case welcome(Welcome)
        /// The follower's log behind this sequence is not the primary's.
        case truncate(after: UInt64)
        /// There will be a seed; it is being made.
        case seedPending
        case seedOffer(SeedOffer)
        case seedData(SeedData)
        /// Fields of kind createTable and createFamily, in the order of trees.
        case catalog(ManifestEdit)
        /// The records behind this frame are of this term.
        case term(Term)
        case append(ShippedGroup)
        case heartbeat(PrimaryPosition)
        /// Promise `leader`, and answer.
        case fence
        case refused(Refusal)
    }
}

/// Where the primary's log ends, and when that was told.
package struct PrimaryPosition: Sendable, Equatable {
    package var lastSequence: UInt64
    /// The primary's wall clock, microseconds since 1970.
    package var time: UInt64
    /// Readers of the primary see nothing that no follower has.
    package var showsReplicatedOnly: Bool

    package init(lastSequence: UInt64, time: UInt64, showsReplicatedOnly: Bool) {
        self.lastSequence = lastSequence
        self.time = time
        self.showsReplicatedOnly = showsReplicatedOnly
    }
}

/// The answer to a hello.
package struct Welcome: Sendable, Equatable {
    package var version = FollowerHello.version
    package var storeID: StoreID
    package var history: TermHistory
    package var position: PrimaryPosition

    package init(storeID: StoreID, history: TermHistory, position: PrimaryPosition) {
        self.storeID = storeID
        self.history = history
        self.position = position
    }
}

/// A checkpoint that a follower can begin from.
package struct SeedOffer: Sendable, Equatable {
    package static let filesMax = 100_000
    package static let nameMax = 255

    /// One of its files.
    package struct File: Sendable, Equatable {
        /// Relative to the checkpoint's directory.
        package var name: String
        package var size: UInt64
        package var checksum: UInt32

        package init(name: String, size: UInt64, checksum: UInt32) {
            self.name = name
            self.size = size
            self.checksum = checksum
        }

        /// Whether the name stays inside of the directory it is put in.
        package var isSafe: Bool {
            let parts = name.utf8.split(
                separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let areSafe = parts.allSatisfy { part in
                let isKnown = part.allSatisfy {
                    (UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0)
                        || (UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0)
                        || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
                        || $0 == UInt8(ascii: "_")
                }
                return !part.isEmpty && isKnown && part.first != UInt8(ascii: ".")
            }
            return areSafe && parts.count <= 2
        }
    }

    package var seed: UInt64
    /// The end of the checkpoint's log.
    package var sequence: UInt64
    package var history: TermHistory
    package var files: [File]

    package init(seed: UInt64, sequence: UInt64, history: TermHistory, files: [File]) {
        self.seed = seed
        self.sequence = sequence
        self.history = history
        self.files = files
    }

    /// Bytes of all files.
    package var size: UInt64 { files.reduce(0) { $0 &+ $1.size } }
}

/// A piece of a seed's file, as it was asked for.
package struct SeedData: Sendable, Equatable {
    package var seed: UInt64
    package var file: UInt32
    package var offset: UInt64
    package var bytes: [UInt8]

    package init(seed: UInt64, file: UInt32, offset: UInt64, bytes: [UInt8]) {
        self.seed = seed
        self.file = file
        self.offset = offset
        self.bytes = bytes
    }
}

/// Records that follow each other, of one term.
package struct ShippedGroup: Sendable, Equatable {
    /// The last sequence before the first record.
    package var previous: UInt64
    package var records: [ShippedRecord]
    package var position: PrimaryPosition

    /// - Throws: `.malformed` if the records do not follow `previous` and each other, or are none.
    package init(
        previous: UInt64, records: [ShippedRecord], position: PrimaryPosition
    ) throws(FrameError) {
        self.previous = previous
        self.records = records
        self.position = position
        guard !records.isEmpty, previous < .max else {
            throw FrameError(.malformed, "a group without records")
        }
        var expected = previous + 1
        for record in records {
            let follows =
                record.kind == .gap ? record.sequence > expected : record.sequence == expected
            guard follows, let next = record.nextSequence, next > expected,
                record.epoch == records[0].epoch
            else {
                throw FrameError(
                    .malformed, "record \(record.sequence) where \(expected) is expected")
            }
            expected = next
        }
        lastSequence = expected - 1
    }

    /// The last sequence of the last record.
    package let lastSequence: UInt64

    /// Bytes of all payloads.
    package var payloadBytes: Int { records.reduce(0) { $0 + $1.payload.count } }
}
