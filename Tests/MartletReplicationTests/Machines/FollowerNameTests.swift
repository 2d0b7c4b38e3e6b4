import MartletStore
import Testing

@testable import MartletReplication

@Suite("A follower's name stands for one follower") struct FollowerNameTests {
    private static let term = Term(
        epoch: 1, incarnation: 5, firstSequence: 1, keepsCursors: false)

    private func shipper() throws -> Shipper {
        let primary = PrimaryState(
            storeID: ModelStore.id, history: try TermHistory([Self.term]), segment: 1, offset: 0,
            nextSequence: 6, nextTree: 1, replicas: 0, isDeposed: false)
        return Shipper(ShipperSession.Settings(), primary: primary, random: 1)
    }

    private func hello(_ follower: UInt64, _ name: String) throws -> FollowerFrame {
        .hello(
            FollowerHello(
                storeID: ModelStore.id, follower: follower, name: name,
                promise: TermID(Self.term), history: try TermHistory([Self.term]),
                lastSequence: 5, nextTree: 1))
    }

    private func greet(
        _ shipper: inout Shipper, _ connection: Int, _ follower: UInt64, _ name: String
    ) throws -> [Shipper.Action] {
        shipper.connected(connection, certificateName: nil, now: 1)
        return shipper.receive(
            try hello(follower, name), from: connection, now: 1, wallTime: 1)
    }

    private func refusals(_ actions: [Shipper.Action]) -> [Refusal.Code] {
        actions.compactMap { action in
            guard case .send(_, let frame) = action, case .refused(let refusal) = frame.body
            else { return nil }
            return refusal.code
        }
    }

    /// The fault: the status listed it twice, and collectors refused the doubled labels.
    @Test("One that was made anew takes the place of the one that it was")
    func remade() throws {
        var shipper = try shipper()
        _ = try greet(&shipper, 1, 7, "nest-2")
        _ = try greet(&shipper, 2, 9, "nest-3")
        _ = shipper.disconnected(1, now: 2)
        let actions = try greet(&shipper, 3, 8, "nest-2")
        #expect(refusals(actions).isEmpty)
        let rows = shipper.status(now: 3)
        #expect(rows.map(\.name) == ["nest-2", "nest-3"])
        #expect(rows.map(\.follower) == [8, 9])
        #expect(rows.map(\.state) == ["streaming", "streaming"])
    }

    @Test("Another one under the name of one that is here is told to come later")
    func rival() throws {
        var shipper = try shipper()
        _ = try greet(&shipper, 1, 7, "nest-2")
        let actions = try greet(&shipper, 2, 8, "nest-2")
        #expect(refusals(actions) == [.busy])
        #expect(shipper.status(now: 2).map(\.follower) == [7])
        // The same one on a new connection is no other one.
        let again = try greet(&shipper, 3, 7, "nest-2")
        #expect(refusals(again) == [.restarting], "its old connection ends")
        #expect(shipper.status(now: 2).map(\.state) == ["streaming"])
    }
}
