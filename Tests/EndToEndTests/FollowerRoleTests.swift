import Foundation
import MartletHarness
import Testing

@Suite("A follower's store in the hands of a server", .timeLimit(.minutes(1)))
struct FollowerRoleTests {
    /// Makes the stopped server's store a follower's, as the old primary of a failover becomes one.
    private func becomeFollower(_ server: ServedStore) throws {
        let log = server.directory + "/follow"
        let follower = try ChildProcess(
            [
                ServedStore.program, "follow", "--data", server.directory + "/data", "--from",
                "127.0.0.1:9", "--name", "f", "--insecure",
            ], log: log)
        // It answers there when it takes signals, a little later than it says that it is ready.
        let socket = server.directory + "/data.follower.sock"
        _ = waitUntil(.after(seconds: 60)) {
            FileManager.default.fileExists(atPath: socket) || follower.poll() != nil
        }
        try #require(follower.poll() == nil)
        follower.send(SIGTERM)
        #expect(follower.wait() == 0)
    }

    @Test("is not served: the server names the command that promotes it, and then serves it")
    func refused() throws {
        let server = try ServedStore()
        let ann = ChatDevice("ann")
        try ann.connect(server)
        try ann.enter("register")
        #expect(server.stop() == 0)
        try becomeFollower(server)

        let refused = try server.command("serve", "--port", "0")
        #expect(refused.code == 1)
        #expect(refused.output.contains("is a follower's store"), "\(refused.output)")
        #expect(refused.output.contains("martlet promote --data"))

        #expect(try server.command("promote").code == 0)
        try server.start()
        #expect(try server.get("/readyz").status == 200)
        let again = ChatDevice("ann")
        try again.connect(server)
        try again.enter("login")
        #expect(server.stop() == 0)
    }
}
