import MartletSimulation
import MartletStore

@testable import MartletReplication

/// A world in which nothing fails but what a story has fail, with a transcript that a person reads.
struct StoryWorld {
    var world: ReplicationWorld
    private var story: [String] = []

    init(replicas: UInt8 = 1) throws {
        world = try ReplicationWorld(seed: 7, traces: true, swarm: .calm(replicas: replicas))
    }

    /// Says what happens next, in the story's own words.
    mutating func tell(_ text: String) {
        take()
        story.append("# \(text)")
    }

    /// Lets so many milliseconds pass.
    mutating func wait(_ milliseconds: UInt64) throws {
        let end = world.now + milliseconds * ReplicationWorld.millisecond
        while world.now < end {
            try world.step()
            for index in world.nodes.indices { try world.sync(index) }
        }
    }

    /// One record of one mutation.
    mutating func write(on index: Int, count: Int = 1) throws {
        for _ in 0..<count {
            world.nodes[index].store.write([world.nextID], trees: 0)
            world.nextID += 1
        }
        try world.tellShipper(index)
    }

    mutating func isolate(_ index: Int) {
        for other in world.nodes.indices where other != index {
            world.network.cut.insert(.init(from: index, to: other))
            world.network.cut.insert(.init(from: other, to: index))
        }
    }

    /// The transcript, without what is said over and over.
    mutating func transcript() -> String {
        take()
        for index in world.nodes.indices {
            let store = world.nodes[index].store
            let terms = store.history.terms.map { "\(TermID($0)) from \($0.firstSequence)" }
            story.append(
                "= node \(index): \(store.role), end \(store.last), visible \(store.visible),"
                    + " terms \(terms.joined(separator: ", "))")
        }
        return story.joined(separator: "\n") + "\n"
    }

    private mutating func take() {
        let chatter = ["heartbeat", "hears alive"]
        for line in world.trace ?? [] where !chatter.contains(where: line.contains) {
            let text = line.drop { $0 != "s" }.dropFirst(3)
            // Durable positions are repeated as a sign of life.
            if text.contains("durable"), story.contains(String(text)) { continue }
            story.append(String(text))
        }
        world.trace = []
    }
}
