import Glibc
import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

/// The main stories as transcripts, line for line: `Golden/`. With MARTLET_WRITE_GOLDEN=1 they are
/// written anew.
@Suite("Stories of replication") struct StoryTests {
    private func expect(_ name: String, _ story: inout StoryWorld) throws {
        let text = story.transcript()
        #expect(story.world.checker.findings.isEmpty, "\(story.world.checker.findings)")
        let tests = #filePath.dropLast("Machines/StoryTests.swift".count)
        let path = String(tests) + "Golden/" + name + ".txt"
        if getenv("MARTLET_WRITE_GOLDEN") != nil {
            let file = fopen(path, "w")
            fputs(text, file)
            fclose(file)
        }
        #expect(text == Self.read(path), "\(name)")
    }

    private static func read(_ path: String) -> String? {
        guard let file = try? SystemFileSystem().open(path, .read),
            let size = try? file.size()
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        _ = try? bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A primary with two records that both followers have.
    private func seeded() throws -> StoryWorld {
        var story = try StoryWorld()
        try story.write(on: 0, count: 2)
        try story.wait(1_500)
        return story
    }

    @Test("two followers are seeded, and get what is written")
    func normal() throws {
        var story = try seeded()
        story.tell("one more record")
        try story.write(on: 0)
        try story.wait(100)
        try expect("normal", &story)
    }

    @Test("a follower that was away goes on from its position")
    func reconnect() throws {
        var story = try seeded()
        story.tell("node 2 is killed, and two records are written")
        story.world.stop(2)
        try story.write(on: 0, count: 2)
        try story.wait(100)
        story.tell("node 2 comes back")
        try story.world.start(2)
        try story.wait(500)
        try expect("reconnect", &story)
    }

    @Test("a follower that the log does not reach back to is seeded")
    func behind() throws {
        var story = try seeded()
        story.tell("node 2 is killed, ten records are written, and the log is cut")
        story.world.stop(2)
        try story.write(on: 0, count: 10)
        try story.wait(100)
        story.world.nodes[0].store.base = 8
        try story.world.start(2)
        try story.wait(500)
        try expect("behind", &story)
    }

    @Test("a primary that was cut off is deposed, cuts what nobody else has, and follows")
    func deposed() throws {
        var story = try seeded()
        story.tell("node 0 is cut off; what is written there is acknowledged to nobody")
        story.isolate(0)
        try story.write(on: 0, count: 2)
        try story.wait(100)
        story.tell("node 1 is promoted")
        try story.world.promote(1)
        try story.wait(4_000)
        try story.write(on: 1)
        try story.wait(1_500)
        story.tell("node 0 is back")
        story.world.network.cut = []
        try story.wait(3_000)
        story.tell("its operator has it follow")
        try story.world.start(0)
        try story.wait(2_000)
        #expect(story.world.nodes[0].store.entries == story.world.nodes[1].store.entries)
        try expect("deposed", &story)
    }

    @Test("of two that are promoted to one epoch one is followed")
    func twins() throws {
        var story = try seeded()
        story.tell("node 0 is killed; 1 and 2 are both promoted by force")
        story.world.nodes[0].store.kill()
        story.world.stop(0)
        story.world.swarm.forces = true
        try story.world.promote(1)
        try story.world.promote(2)
        story.world.nodes[0].store.role = .follower
        try story.world.start(0)
        try story.wait(1_500)
        story.tell("the one that node 0 follows is cut off")
        let promise = story.world.nodes[0].store.promise
        let leader = promise == story.world.nodes[1].store.history.currentID ? 1 : 2
        story.isolate(leader)
        try story.wait(4_000)
        // It goes to neither: the other one is of another line.
        #expect(story.world.nodes[0].store.promise == promise)
        try expect("twins", &story)
    }

    @Test("a deposed primary that goes on is followed by nobody")
    func liar() throws {
        var story = try seeded()
        story.tell("node 0 is cut off, and will not believe that it is deposed")
        story.world.swarm.lies = true
        story.isolate(0)
        try story.world.promote(1)
        try story.wait(4_000)
        story.world.network.cut = []
        try story.write(on: 0)
        try story.write(on: 1)
        try story.wait(2_500)
        #expect(story.world.nodes[0].store.visible == 2, "it acknowledged something")
        #expect(story.world.nodes[2].store.entries == story.world.nodes[1].store.entries)
        try expect("liar", &story)
    }
}
