import Testing

@testable import MartletPush

@Suite("The shelf of clients")
struct ClientShelfTests {
    private func address(_ last: UInt8) -> IPAddress { IPAddress(bytes: [192, 0, 2, last]) }

    private typealias Shelf = ClientShelf<String>

    /// Puts a client named `name` on the shelf.
    private func make(
        _ shelf: inout Shelf, _ origin: String, at last: UInt8 = 1, now: UInt64 = 0, _ name: String
    ) throws -> (lease: Shelf.Lease, closing: [String]) {
        let made = shelf.lease(origin, addresses: [address(last)], now: now) { _ in name }
        return (try #require(made.lease), made.closing)
    }

    private func client(_ shelf: inout Shelf, _ now: UInt64, anyAge: Bool = false) -> String? {
        shelf.lease("a", now: now, anyAge: anyAge)?.client
    }

    @Test("a checked address is used until its time is over, then only if it is still right")
    func lifetime() throws {
        var shelf = Shelf(capacity: 4, lifetime: 10)
        #expect(client(&shelf, 0) == nil)
        _ = try make(&shelf, "a", "x")
        #expect(client(&shelf, 10) == "x")
        #expect(client(&shelf, 11) == nil)
        #expect(client(&shelf, 11, anyAge: true) == "x")
        let again = shelf.lease("a", addresses: [address(2), address(1)], now: 11) { _ in "new" }
        #expect(again.lease?.client == "x" && again.lease?.address == address(1))
        #expect(client(&shelf, 21) == "x")
    }

    @Test("a client whose address is gone closes when its last request is done")
    func moved() throws {
        var shelf = Shelf(capacity: 4, lifetime: 10)
        let old = try make(&shelf, "a", "old").lease
        let new = try make(&shelf, "a", at: 2, now: 11, "new")
        #expect(new.lease.client == "new" && new.closing.isEmpty)
        let closing = shelf.release(old, isBroken: false)
        #expect(closing == ["old"] && shelf.count == 1)
    }

    @Test("a broken client is not lent again")
    func broken() throws {
        var shelf = Shelf(capacity: 4, lifetime: 10)
        let one = try make(&shelf, "a", "x").lease
        let lent = shelf.lease("a", now: 0)
        let two = try #require(lent)
        let none = shelf.release(one, isBroken: true)
        #expect(none.isEmpty && client(&shelf, 0) == nil)
        let closing = shelf.release(two, isBroken: false)
        #expect(closing == ["x"])
    }

    @Test("the longest unused close above the capacity, those in use never")
    func capacity() throws {
        var shelf = Shelf(capacity: 2, lifetime: 100)
        let a = try make(&shelf, "a", now: 0, "a")
        let b = try make(&shelf, "b", now: 1, "b")
        let c = try make(&shelf, "c", now: 2, "c")
        #expect([a.closing, b.closing, c.closing] == [[], [], []] && shelf.count == 3)
        let first = shelf.release(b.lease, isBroken: false)
        let second = shelf.release(a.lease, isBroken: false)
        #expect(first == ["b"] && second.isEmpty)
        #expect(try make(&shelf, "d", now: 9, "d").closing == ["a"])
    }
}
