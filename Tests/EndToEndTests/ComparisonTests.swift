import Foundation
import MartletHarness
import Testing

@Suite("A follower's store compared with the primary's", .timeLimit(.minutes(3)))
struct ComparisonTests {
    @Test("is the same while both go on, by directory and by digest, until each has its own")
    func whole() throws {
        let replicas = try Replicas()
        let server = replicas.server
        let (one, two) = (server.directory + "/data", replicas.copy)
        let (ann, ben) = (ChatDevice("ann"), ChatDevice("ben"))
        for device in [ann, ben] {
            try device.connect(server)
            try device.enter("register")
        }
        for index in 0..<30 {
            _ = try ann.send("no. \(index)", to: ben.user, clientMessageID: "a-\(index)")
        }
        try replicas.waitForFollower()
        let running = try replicas.run(["verify", "--data", one, "--against", two])
        #expect(running.code == 0, "\(running.output)")
        #expect(running.output.contains("\(one): the same as \(two) at sequence "))

        let file = server.directory + "/one.digest"
        let written = try replicas.run(["verify", "--data", one, "--digest-to", file])
        #expect(written.code == 0, "\(written.output)")
        let digest = try replicas.run(["verify", "--data", two, "--against", file, "--json"])
        #expect(digest.code == 0, "\(digest.output)")
        let answer = try JSON.parse(digest.output)
        #expect(answer["same"] == true && (answer["cells"]?.integer ?? 0) > 100)

        // The one goes on alone: a digest of it is ahead, and what both have is the same.
        replicas.stopFollower()
        _ = try ann.send("alone", to: ben.user, clientMessageID: "a-alone")
        #expect(try replicas.run(["verify", "--data", two, "--against", one]).code == 0)
        #expect(try replicas.run(["verify", "--data", one, "--digest-to", file]).code == 0)
        let early = try replicas.run(["verify", "--data", two, "--against", file])
        #expect(early.code == 2 && early.output.contains("unavailable"), "\(early.output)")

        // Promoted beside it, and written to: two stores.
        let promoted = try replicas.run(["promote", "--data", two, "--force"])
        #expect(promoted.code == 0, "\(promoted.output)")
        #expect(server.stop() == 0)
        try server.start(data: two)
        let carl = ChatDevice("carl")
        try carl.connect(server)
        try carl.enter("register")
        #expect(server.stop() == 0)
        let parted = try replicas.run(["verify", "--data", two, "--against", one])
        #expect(parted.code == 1, "\(parted.output)")
        #expect(parted.output.contains("error: the logs part behind sequence "))
        #expect(parted.output.contains("error: first in row "))
        #expect(parted.output.contains("\(two): not the same as \(one) at sequence "))
        let object = try JSON.parse(
            try replicas.run(["verify", "--data", two, "--against", one, "--json"]).output)
        #expect(object["same"] == false && object["difference"]?["here"] != nil)
    }

    @Test("is refused with a reason: no store, no digest, another store, both options")
    func refused() throws {
        let server = try ServedStore()
        let other = try ServedStore()
        let file = server.directory + "/file"
        try "not a digest\n".write(toFile: file, atomically: true, encoding: .utf8)
        for (against, reason) in [
            (server.directory, "notFound: there is no store"),
            (server.directory + "/nothing", "notFound"), (file, "corruption"),
            (other.directory + "/data", "invalidArgument"),
        ] {
            let answer = try server.command("verify", "--against", against)
            #expect(answer.code == 2 && answer.output.contains(reason), "\(answer.output)")
        }
        let both = try server.command("verify", "--against", file, "--digest-to", file)
        #expect(both.code == 64)
    }
}
