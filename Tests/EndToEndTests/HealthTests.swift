import MartletHarness
import Testing

@Suite("a served store, from outside", .serialized)
struct HealthTests {
    @Test("health and readiness are told, and other paths are not found")
    func health() throws {
        let server = try ServedStore()
        #expect(try server.get("/healthz").status == 200)
        #expect(try server.get("/readyz").status == 200)
        #expect(try server.get("/nothing").status == 404)
        #expect(try server.get("/v1/socket").status == 426)
        #expect(server.stop() == 0)
    }

    @Test("the web client is served")
    func webClient() throws {
        let server = try ServedStore()
        let page = try server.get("/")
        #expect(page.status == 200)
        #expect(page.head.lowercased().contains("content-type: text/html"))
        #expect(server.stop() == 0)
    }

    @Test("SIGTERM ends the server with 0 while clients are connected, and they are told")
    func stop() throws {
        let server = try ServedStore()
        let device = ChatDevice("ann")
        try device.connect(server)
        try device.enter("register")
        let idle = ChatDevice("nobody")
        try idle.connect(server)
        #expect(server.stop() == 0)
        #expect(try device.waitForClose() == 3001)
        #expect(try idle.waitForClose() == 3001)
    }

    @Test("a second server on the same directory is refused, and the first goes on")
    func locked() throws {
        let server = try ServedStore()
        let second = try server.startSecond()
        #expect(second.wait() > 0)
        #expect(try server.get("/readyz").status == 200)
        #expect(server.stop() == 0)
    }
}
