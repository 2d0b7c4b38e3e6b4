package import MartletStore

package import MartletReplication

/// One frame of each kind, with bytes that the page on the protocol shows.
package enum ReplicationSamples {
    package static let storeID = StoreID(low: 0x0123_4567_89ab_cdef, high: 0xfedc_ba98_7654_3210)
    package static let leader = TermID(epoch: 3, incarnation: 0x00c0_ffee)
    package static let position = PrimaryPosition(
        lastSequence: 42, time: 1_700_000_000_000_000, showsReplicatedOnly: true)

    package static func history() throws -> TermHistory {
        try TermHistory([
            Term(epoch: 2, incarnation: 0, firstSequence: 1, keepsCursors: false),
            Term(epoch: 3, incarnation: 0x00c0_ffee, firstSequence: 40, keepsCursors: true),
        ])
    }

    package static func hello() throws -> FollowerFrame {
        .hello(
            FollowerHello(
                storeID: storeID, follower: 7, name: "nest-2", promise: leader,
                history: try history(), lastSequence: 41, nextTree: 2))
    }

    /// Row `r`, qualifier `q`, value `v` in tree 0.
    package static func record(_ sequence: UInt64, value: [UInt8] = [0x76]) -> ShippedRecord {
        let head: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0x72, 1, 0x71]
        let count = UInt8(value.count & 127)
        let length: [UInt8] =
            value.count < 128 ? [count] : [count | 128, UInt8(value.count >> 7 & 127)]
        return ShippedRecord(
            kind: .batch, epoch: 3, sequence: sequence, payload: head + length + value)
    }

    package static func append() throws -> ShipperFrame {
        ShipperFrame(
            leader,
            .append(try ShippedGroup(previous: 41, records: [record(42)], position: position)))
    }

    package static func catalog() -> ManifestEdit {
        ManifestEdit([
            .createTable("notes"),
            .createFamily(tree: 0, table: "notes", schema: FamilySchema("v")),
        ])
    }

    package static func offer() throws -> SeedOffer {
        SeedOffer(
            seed: 9, sequence: 41, history: try history(),
            files: [
                SeedOffer.File(name: "CURRENT", size: 16, checksum: 1),
                SeedOffer.File(name: "tables/000000000001.sst", size: 4_096, checksum: 2),
            ])
    }

    package static func state() throws -> PrimaryState {
        PrimaryState(
            storeID: storeID, history: try history(), segment: 5, offset: 1_024,
            nextSequence: 43, nextTree: 2, replicas: 1, isDeposed: false)
    }

    package static func followerFrames() throws -> [FollowerFrame] {
        var probe = FollowerHello(
            storeID: nil, follower: 1, name: "", promise: .zero, history: TermHistory(),
            lastSequence: 0, nextTree: 0)
        probe.isProbe = true
        probe.needsSeed = true
        probe.seed = 3
        return [
            try hello(), .hello(probe),
            .durable(DurablePosition(leader: leader, sequence: 42, visible: 42)),
            .seedRead(SeedRange(seed: 9, file: 1, offset: 4, count: 4_092)), .seedDone(9),
            .promised(PromiseAnswer(term: leader, history: try history(), lastSequence: 41)),
            .refused(Refusal(.staleTerm, leader, "term 2/0 is older")), .alive,
        ]
    }

    package static func shipperFrames() throws -> [ShipperFrame] {
        let gap = ShippedRecord(kind: .gap, epoch: 3, sequence: 50, payload: [])
        let records = [record(42), gap, record(50, value: [UInt8](repeating: 9, count: 500))]
        let bodies: [ShipperFrame.Body] = [
            .welcome(
                Welcome(
                    storeID: storeID, history: try history(), position: position)),
            .truncate(after: 39), .seedPending, .seedOffer(try offer()),
            .seedData(SeedData(seed: 9, file: 1, offset: 4, bytes: [1, 2, 3])),
            .catalog(catalog()),
            .term(Term(epoch: 3, incarnation: 7, firstSequence: 40, keepsCursors: true)),
            .append(try ShippedGroup(previous: 41, records: records, position: position)),
            .heartbeat(position), .fence, .refused(Refusal(.busy, leader, "later")),
        ]
        return bodies.map { ShipperFrame(leader, $0) }
    }

    package static func serverFrames() throws -> [ServerFrame] {
        [
            .state(try state()), .seedMade(seed: 9, path: "/data/seeds/9"),
            .seedFailed(seed: 9, message: "noSpace"),
            .refused(Refusal(.version, leader, "version 2")),
        ]
    }

    package static func reports() -> [LinkReport] {
        [
            .attach(version: 1, storeID: storeID),
            .follower(
                FollowerPosition(
                    follower: 7, name: "nest-2", isAttached: true, term: leader, sequence: 42,
                    keep: 42)),
            .deposed(leader), .seedWanted(9), .seedDone(9),
        ]
    }
}
