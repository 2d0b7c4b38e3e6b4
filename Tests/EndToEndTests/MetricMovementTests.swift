import Foundation
import MartletHarness
import Testing

/// Every metric of the operators' page is there, and moves when what it counts happens.
@Suite("metrics of a served store", .serialized)
struct MetricMovementTests {
    /// What moves elsewhere: `PushTests`, `PresenceMetricTests`.
    private static let elsewhere = [
        "martlet_pushes_total", "martlet_presence_total{kind=\"pushed\"}",
        "martlet_presence_total{kind=\"flap\"}", "martlet_presence_total{kind=\"deferred\"}",
    ]

    private let server: ServedStore
    private let port: UInt16

    init() throws {
        server = try ServedStore("--no-limits")
        _ = server.stop()
        port = try Connection.freePort()
        try server.start(["--set", "metrics.listen=127.0.0.1:\(port)"])
    }

    /// Values by series; of histograms the counts.
    private func read() throws -> [String: Double] {
        var values: [String: Double] = [:]
        for line in try server.get("/metrics", port: port).text.split(separator: "\n") {
            guard line.hasPrefix("martlet_"), let space = line.lastIndex(of: " "),
                let value = Double(line[line.index(after: space)...].filter { $0 != "\r" })
            else { continue }
            values[String(line[..<space])] = value
        }
        return values
    }

    /// The names in the page's table, written out.
    private func documented() throws -> Set<String> {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/operations/metrics.md").standardizedFileURL
        var names: Set<String> = []
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        where line.hasPrefix("| `martlet_") {
            let cell = line.dropFirst(2).prefix { $0 != "|" }
            for name in cell.matches(of: #/`([a-z_]+)`/#).map({ String($0.output.1) })
            // A follower's own, which `FollowerReadTests` reads.
            where !name.hasPrefix("martlet_follower_") {
                names.insert(name.hasPrefix("_") ? "martlet_store" + name : name)
            }
        }
        return names
    }

    private func enter(_ name: String) throws -> ChatDevice {
        let device = ChatDevice(name)
        try device.connect(server)
        try device.enter("register")
        return device
    }

    @Test("every metric of the page is served, and nothing else is")
    func complete() throws {
        let text = try server.get("/metrics", port: port).text
        let served = Set(text.matches(of: #/# TYPE ([a-z_]+) /#).map { String($0.output.1) })
        let documented = try documented()
        #expect(documented.count > 20)
        #expect(documented.subtracting(served) == [], "on the page, and not there")
        #expect(served.subtracting(documented) == [], "there, and not on the page")
    }

    @Test("each of them moves with what it counts")
    func moves() throws {
        let before = try read()
        let (ann, bea) = (try enter("ann"), try enter("bea"))
        for _ in 0..<2 { _ = try ann.send("hello", to: bea.user, clientMessageID: "1") }
        let made = try ann.request(
            "create", ["name": "g", "members": .array([]), "clientMessageID": "g"])
        let group = try #require(made["conversation"]?.string)
        _ = try ann.send("to all", to: group, clientMessageID: "2")
        let first: [String: JSON] = ["conversation": .string(bea.user), "number": 1]
        _ = try ann.request("edit", .object(first.merging(["text": "hi"]) { $1 }))
        _ = try ann.request("delete", .object(first.merging(["for": "all"]) { $1 }))
        _ = try bea.request("read", ["conversation": .string(ann.user), "upTo": 1])
        _ = try ann.request("presence", ["users": .array([.string(bea.user)])])
        #expect(try ann.request("find", ["name": "nobody"])["error"] != nil)
        let stranger = try WebSocket(port: server.port)
        try stranger.send(#"{"hi":{"version":9,"agent":"a"}}"#)
        while case .text = try stranger.receive() {}
        let after = try read()
        let still = after.keys.filter { series in
            let isOwn = !series.hasPrefix("martlet_store_") && !series.hasSuffix("_sum")
            let isSeries = Self.moved.contains { series.hasPrefix($0) }
            let isElsewhere = Self.elsewhere.contains { series.hasPrefix($0) }
            return isOwn && isSeries && !isElsewhere && after[series] == before[series]
        }
        #expect(still.sorted() == [])
        #expect(after["martlet_sockets"] ?? 0 >= 2)
        for name in ["sequence", "log_syncs_total", "log_written_bytes_total", "memtable_bytes"] {
            let series = "martlet_store_\(name)"
            #expect(after[series] ?? 0 > before[series] ?? 0, "\(series)")
        }
    }

    /// What one session of two people moves: of labels with many values one each.
    private static let moved = [
        "martlet_sockets_opened_total",
        "martlet_sockets_closed_total{code=\"3501\"}",
        "martlet_frames_received_total{verb=\"send\"}", "martlet_messages_total{",
        "martlet_refusals_total{code=\"not_found\"}", "martlet_latency_seconds_count{",
        "martlet_socket_bytes_written_total", "martlet_presence_total{",
    ]

    @Test("what waits for a client that does not read is seen")
    func queue() throws {
        let ann = try enter("ann")
        let deaf = try WebSocket(port: server.port, receiveBytes: 4096)
        try deaf.send(#"{"hi":{"version":1,"agent":"a","token":"\#(ann.token)"}}"#)
        _ = try deaf.receive()
        let text = String(repeating: "x", count: 16_384)
        var most = 0.0
        for index in 0..<600 where most == 0 {
            _ = try ann.send(text, to: ann.user, clientMessageID: "m\(index)")
            if index % 8 == 7 { most = try read()["martlet_socket_queue_bytes"] ?? 0 }
        }
        #expect(most > 0)
    }
}
