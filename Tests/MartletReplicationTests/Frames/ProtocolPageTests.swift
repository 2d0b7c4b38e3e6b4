import MartletFuzzing
import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

@Suite("The page on the replication protocol") struct ProtocolPageTests {
    @Test("the examples are what the code writes")
    func examples() throws {
        let page = try FormatPage.text("protocol/replication.md")
        let examples: [(Frame, FrameLane)] = [
            (try ReplicationSamples.hello().frame(), .followerToShipper),
            (
                FollowerFrame.durable(
                    DurablePosition(leader: ReplicationSamples.leader, sequence: 42, visible: 42)
                ).frame(), .followerToShipper
            ),
            (try ReplicationSamples.append().frame(), .shipperToFollower),
            (try ServerFrame.state(ReplicationSamples.state()).frame(), .serverToShipper),
            (ReplicationSamples.reports()[1].frame(), .shipperToServer),
        ]
        for (frame, lane) in examples {
            let dump = FormatPage.hexdump(frame.encoded(lane, number: 0)[...])
            #expect(page.contains(dump), "the page should have\n\(dump)")
        }
    }
}
