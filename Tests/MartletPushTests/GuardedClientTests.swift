import Testing

@testable import MartletPush

@Suite("A client that endpoints of users cannot lead astray")
struct GuardedClientTests {
    private static let created: ServiceStandIn.Script = { _ in .init(status: 201) }

    private func post(_ fixture: PushFixture, _ url: String) async -> PushOutcome {
        let web = WebPushTransport(client: fixture.client, key: VAPIDKey(), subject: "mailto:a@b.c")
        guard let subscription = try? TestKeys.webSubscription(url) else {
            return .refused(reason: "the test's URL is malformed", isAlarm: true)
        }
        return await web.send(PushNotice(payload: [1], ttl: 1), to: subscription)
    }

    @Test("no request reaches this machine, by address or by name")
    func privateRanges() async throws {
        let names = TableResolver { _ in ["93.184.215.14", "127.0.0.1"] }
        try await PushFixture.with(
            .plain,
            {
                $0.addresses = AddressGuard()
                $0.resolver = names
            }, script: Self.created
        ) { fixture in
            let port = fixture.service.port
            for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "mixed.example"] {
                #expect(await post(fixture, "http://\(host):\(port)/").kind == "refused")
            }
            #expect(fixture.service.requests.isEmpty)
        }
    }

    @Test("the system's resolver is checked too")
    func systemResolver() async throws {
        try await PushFixture.with(
            .plain, { $0.addresses = AddressGuard() }, script: Self.created
        ) { fixture in
            let url = "http://localhost:\(fixture.service.port)/"
            #expect(await post(fixture, url).kind == "refused")
            #expect(fixture.service.requests.isEmpty)
        }
        try await PushFixture.with(script: Self.created) { fixture in
            #expect(
                await post(fixture, "http://localhost:\(fixture.service.port)/") == .accepted)
        }
    }

    @Test("the connection goes to the address that was checked, under the endpoint's name")
    func checkedAddress() async throws {
        let asked = Counter()
        // Only the first answer is good: a second look-up would lead elsewhere.
        let names = TableResolver { _ in asked.next() == 1 ? ["127.0.0.1"] : ["192.0.2.1"] }
        try await PushFixture.with(.secure, { $0.resolver = names }, script: Self.created) {
            fixture in
            let url = "https://push.test:\(fixture.service.port)/p"
            for _ in 0..<3 { #expect(await post(fixture, url) == .accepted) }
            #expect(asked.count == 1)
            let hosts = Set(
                fixture.service.requests.map { $0.headers["host"] ?? $0.headers[":authority"] })
            #expect(hosts == ["push.test:\(fixture.service.port)"])
        }
    }

    @Test("a certificate for another name is not taken")
    func wrongName() async throws {
        let names = TableResolver { _ in ["127.0.0.1"] }
        try await PushFixture.with(.secure, { $0.resolver = names }, script: Self.created) {
            fixture in
            let url = "https://other.test:\(fixture.service.port)/p"
            #expect(await post(fixture, url).kind == "retry subscription")
            #expect(fixture.service.requests.isEmpty)
        }
    }

    @Test("a name that moves onto this machine is refused when it is looked up again")
    func rebinding() async throws {
        let asked = Counter()
        let names = TableResolver { _ in asked.next() == 1 ? ["127.0.0.1"] : ["127.0.0.2"] }
        let open = try #require(AddressRange("127.0.0.1"))
        try await PushFixture.with(
            .plain,
            {
                $0.resolver = names
                $0.addresses = AddressGuard(allowed: [open])
            }, script: Self.created
        ) { fixture in
            let url = "http://moving.test:\(fixture.service.port)/"
            #expect(await post(fixture, url) == .accepted)
            fixture.clock.advance(seconds: 301)
            #expect(await post(fixture, url).kind == "refused")
            #expect(fixture.service.requests.count == 1)
        }
    }

    @Test("while nobody can resolve the name, the checked address stays good")
    func silentResolver() async throws {
        let asked = Counter()
        let names = TableResolver { _ in
            if asked.next() > 1 { throw TableResolver.Silent() }
            return ["127.0.0.1"]
        }
        try await PushFixture.with(.plain, { $0.resolver = names }, script: Self.created) {
            fixture in
            let url = "http://push.test:\(fixture.service.port)/"
            #expect(await post(fixture, url) == .accepted)
            fixture.clock.advance(seconds: 301)
            #expect(await post(fixture, url) == .accepted)
            let other = "http://other.test:\(fixture.service.port)/"
            #expect(await post(fixture, other).kind == "retry subscription")
        }
    }

    @Test("where the first address does not answer, the other family's is tried")
    func otherFamily() async throws {
        let names = TableResolver { _ in ["::1", "127.0.0.1"] }
        try await PushFixture.with(.plain, { $0.resolver = names }, script: Self.created) {
            fixture in
            let url = "http://both.test:\(fixture.service.port)/"
            #expect(await post(fixture, url) == .accepted)
        }
    }

    @Test("redirects are not followed")
    func redirects() async throws {
        try await PushFixture.with(script: { _ in
            .init(status: 307, headers: [("location", "/elsewhere")])
        }) { fixture in
            #expect(
                await post(fixture, "http://127.0.0.1:\(fixture.service.port)/").kind
                    == "refused")
            #expect(fixture.service.requests.count == 1)
        }
    }

    @Test("a reply that never ends is cut off; its status counts")
    func endless() async throws {
        try await PushFixture.with(
            .plain, { $0.deadline = 500 },
            script: { _ in .init(status: 201, body: "x", isEndless: true) }
        ) { fixture in
            #expect(
                await post(fixture, "http://127.0.0.1:\(fixture.service.port)/") == .accepted)
        }
    }

    @Test("a reply's body is kept to its bound")
    func bounded() async throws {
        let long = String(repeating: "x", count: 100_000)
        try await PushFixture.with(
            .plain, { $0.replyBytesMax = 1_000 }, script: { _ in .init(status: 201, body: long) }
        ) { fixture in
            let url = try PushURL(
                "http://127.0.0.1:\(fixture.service.port)/",
                rules: EndpointRules(allowsPlainHTTP: true))
            let reply = try await fixture.client.post(PushRequest(url: url, isGuarded: true))
            #expect(reply.status == 201 && reply.body.count == 1_000)
        }
    }

    @Test("plain http is refused by a client that was not told to allow it")
    func plain() async throws {
        try await PushFixture.with(.plain, { $0.rules = EndpointRules() }, script: Self.created) {
            fixture in
            let url = "http://127.0.0.1:\(fixture.service.port)/"
            #expect(await post(fixture, url).kind == "refused")
        }
    }

    @Test("nobody there is a reason to try again")
    func nobody() async throws {
        try await PushFixture.with(script: Self.created) { fixture in
            let url = "http://127.0.0.1:\(fixture.service.port)/"
            await fixture.service.stop()
            #expect(await post(fixture, url).kind == "retry subscription")
        }
    }
}
