import Foundation
import MartletHarness
import Testing

@Suite("A server, its shipper and its follower", .serialized, .timeLimit(.minutes(5)))
struct ReplicaPairTests {
    private struct Device {
        var user: String
        var token: String
    }

    private func register(_ name: String, _ pair: ReplicaPair) throws -> Device {
        let (status, answer) = try pair.call(
            ["register": ["name": .string(name), "password": "correct horse"]])
        #expect(status == 200, "\(answer)")
        return Device(
            user: answer["register"]?["user"]?.string ?? "",
            token: answer["register"]?["token"]?.string ?? "")
    }

    private func send(_ text: String, from device: Device, _ pair: ReplicaPair) throws -> JSON {
        try pair.call(
            [
                "send": [
                    "conversation": .string(device.user), "clientMessageID": .string(text),
                    "text": .string(text),
                ]
            ], token: device.token
        ).answer
    }

    /// The number of the cursors that the server gives out.
    private func epoch(_ device: Device, _ pair: ReplicaPair) throws -> Int {
        let page = try pair.post("/v1/poll", ["epoch": 0, "seq": 0], token: device.token).answer
        return try #require(page["sync"]?["epoch"]?.integer, "\(page)")
    }

    /// A pair in which the server waits for its follower.
    private func replicated(_ pair: ReplicaPair) throws -> Device {
        try pair.serve(followers: 0)
        try pair.ship()
        try pair.follow()
        try #require(pair.wait { pair.isReady() && pair.isStreaming() }, "\(pair.log("serve"))")
        let ann = try register("ann", pair)
        #expect(pair.stop("serve") == 0)
        try pair.serve(followers: 1)
        try #require(pair.wait { pair.isReady() }, "\(pair.log("serve"))")
        return ann
    }

    @Test("The shipper waits for a store, and both end in order, with lines as the server's")
    func shipperFirst() throws {
        let pair = try ReplicaPair()
        try pair.ship("--set", "log.format=json")
        try #require(pair.wait { pair.log("shipper").contains("waiting for a store") })
        #expect(pair.isRunning("shipper"))
        #expect(pair.stop("shipper") == 0, "it is told to stop while it waits")
        try pair.ship("--set", "log.format=json")
        try pair.serve(followers: 0)
        try pair.follow()
        try #require(pair.wait { pair.isStreaming() }, "\(pair.log("shipper"))")
        #expect(pair.stop("follow") == 0)
        #expect(pair.stop("shipper") == 0)
        for line in pair.log("shipper").split(separator: "\n") {
            #expect(line.hasPrefix(#"{"time":"#) && line.hasSuffix("}"), "\(line)")
        }
        for line in pair.log("follow").split(separator: "\n") {
            #expect(line.hasPrefix("time="), "\(line)")
        }
        #expect(pair.stop("serve") == 0)
    }

    @Test("Nobody who answers is an error that a script can read")
    func nobody() throws {
        let pair = try ReplicaPair()
        let plain = try pair.command("replication", "status", "--data", pair.directory + "/one")
        #expect(plain.code == 2 && plain.output.hasPrefix("neither a shipper nor a follower"))
        let json = try pair.command(
            "replication", "status", "--data", pair.directory + "/one", "--json")
        #expect(json.code == 2)
        let error = try JSON.parse(json.output)["error"]
        #expect(error?["code"] == "unreachable")
        #expect(error?["message"]?.string?.hasPrefix("neither a shipper") == true)
    }

    /// The faults: a tail that only this machine had was shown, and a refusal named nobody.
    @Test("A server opens when its follower has what is in its log, and says who is missing")
    func door() throws {
        let pair = try ReplicaPair()
        let ann = try replicated(pair)
        #expect(try send("replicated", from: ann, pair)["send"] != nil)
        #expect(pair.stop("follow") == 0)
        let missing = "too few followers are attached: 0 of 1, missing: nest-2"
        var refused: JSON = [:]
        try #require(
            pair.wait {
                refused = (try? send("refused", from: ann, pair)) ?? [:]
                return refused["error"] != nil
            })
        #expect(refused["error"]?["message"]?.string == missing, "\(refused)")
        // Alone it takes messages.
        #expect(pair.stop("serve") == 0)
        try pair.serve(followers: 0)
        try #require(pair.wait { pair.isReady() }, "\(pair.log("serve"))")
        #expect(try send("alone", from: ann, pair)["send"] != nil)
        pair.kill("serve")
        try pair.serve(followers: 1)
        let health = { try? pair.command("health", "--data", pair.directory + "/one") }
        try #require(
            pair.wait { health()?.output.contains(missing) == true }, "\(pair.log("serve"))")
        #expect(health()?.code == 1)
        let users = try pair.command("admin", "users", "list", "--data", pair.directory + "/one")
        #expect(users.code != 0 && users.output.contains(missing), "\(users)")
        #expect(!pair.isReady(), "it has shown what only it has")
        try pair.follow()
        try #require(pair.wait { pair.isReady() }, "\(pair.log("serve"))")
        #expect(try send("again", from: ann, pair)["send"] != nil)
        #expect(pair.stop("follow") == 0)
        try #require(pair.wait { !pair.isStreaming() })
        #expect(pair.stop("serve") == 0)
    }

    @Test("A server that waits for its follower can be stopped")
    func stoppedAtTheDoor() throws {
        let pair = try ReplicaPair()
        _ = try replicated(pair)
        #expect(pair.stop("follow") == 0)
        #expect(pair.stop("serve") == 0)
        let waits = "readers wait for followers"
        // The start before may have waited for a moment, too.
        let before = pair.log("serve").ranges(of: waits).count
        try pair.serve(followers: 1)
        try #require(
            pair.wait { pair.log("serve").ranges(of: waits).count > before },
            "\(pair.log("serve"))")
        #expect(pair.stop("serve") == 0, "\(pair.log("serve"))")
    }

    /// The fault: clients kept cursors into what the follower had never seen.
    @Test(
        "Clients of a primary that served alone begin afresh at a follower that never heard of it")
    func servedAlone() throws {
        let pair = try ReplicaPair()
        let ann = try replicated(pair)
        #expect(try send("replicated", from: ann, pair)["send"] != nil)
        let before = try epoch(ann, pair)
        #expect(pair.stop("follow") == 0)
        #expect(pair.stop("serve") == 0)
        try pair.serve(followers: 0)
        try #require(pair.wait { pair.isReady() }, "\(pair.log("serve"))")
        #expect(try send("alone", from: ann, pair)["send"] != nil)
        let alone = try epoch(ann, pair)
        #expect(alone != before)
        pair.kill("serve")
        #expect(pair.stop("shipper") == 0)
        #expect(try pair.command("promote", "--data", pair.directory + "/two").code == 0)
        try pair.serve("two", followers: 0)
        try #require(pair.wait { pair.isReady() }, "\(pair.log("serve"))")
        #expect(try epoch(ann, pair) == before, "who saw nothing since goes on")
        #expect(pair.stop("serve") == 0)
    }

    /// The fault: the shipper of a stopped store told the follower that cursors were lost.
    @Test("A handover keeps cursors, with the shipper left running behind the stopped server")
    func handover() throws {
        let pair = try ReplicaPair()
        let ann = try replicated(pair)
        #expect(try send("replicated", from: ann, pair)["send"] != nil)
        let before = try epoch(ann, pair)
        #expect(pair.stop("serve") == 0)
        try #require(pair.wait { pair.log("shipper").contains("the server is gone") })
        try #require(pair.wait { pair.isStreaming() }, "\(pair.log("shipper"))")
        #expect(pair.stop("shipper") == 0)
        #expect(try pair.command("promote", "--data", pair.directory + "/two").code == 0)
        try pair.serve("two", followers: 0)
        try #require(pair.wait { pair.isReady() }, "\(pair.log("serve"))")
        #expect(try epoch(ann, pair) == before)
        let dump = try pair.command("replication", "status", "--data", pair.directory + "/two")
        #expect(dump.code == 2, "no shipper runs there yet")
        #expect(pair.stop("serve") == 0)
    }
}
