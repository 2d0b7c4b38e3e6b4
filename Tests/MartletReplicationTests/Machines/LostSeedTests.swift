import MartletFuzzing
import MartletStore
import Testing

@testable import MartletReplication

@Suite("A seed that is gone") struct LostSeedTests {
    /// The server was started anew and has thrown its seeds away; the shipper lives on.
    @Test("is not offered again: a follower that resumes it gets a new one")
    func resumed() throws {
        let offer = try ReplicationSamples.offer()
        var shipper = Shipper(
            ShipperSession.Settings(), primary: try ReplicationSamples.state(), random: offer.seed)
        _ = shipper.linked()
        var hello = FollowerHello(
            storeID: nil, follower: 7, name: "nest-2", promise: ReplicationSamples.leader,
            history: TermHistory(), lastSequence: 0, nextTree: 0)

        shipper.connected(1, certificateName: nil, now: 0)
        let wanted = shipper.receive(.hello(hello), from: 1, now: 0, wallTime: 0)
        #expect(wanted.contains(.link(.seedWanted(offer.seed))))
        let offered = shipper.seedOpened(offer, now: 0)
        #expect(
            offered.contains(.send(1, ShipperFrame(ReplicationSamples.leader, .seedOffer(offer)))))
        let range = SeedRange(seed: offer.seed, file: 0, offset: 0, count: 16)
        let read = shipper.receive(.seedRead(range), from: 1, now: 0, wallTime: 0)
        #expect(read.contains(.readSeed(1, range)))

        let gone = shipper.seedRead(nil, for: 1, now: 0)
        #expect(gone.contains(.closeSeed(offer.seed)))
        #expect(gone.contains(.link(.seedDone(offer.seed))))

        hello.seed = offer.seed
        shipper.connected(2, certificateName: nil, now: 1)
        let again = shipper.receive(.hello(hello), from: 2, now: 1, wallTime: 1)
        #expect(again.contains(.link(.seedWanted(offer.seed + 1))), "\(again)")
    }
}
