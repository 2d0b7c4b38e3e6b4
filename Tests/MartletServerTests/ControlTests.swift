import Glibc
import MartletChat
import NIOConcurrencyHelpers
import Logging
import Testing

@testable import MartletServer

@Suite("The control socket") struct ControlTests {
    /// A domain with one user, that notes what it was told to do.
    private final class Domain: Sendable {
        let done = NIOLockedValueBox<[String]>([])

        var port: AdminPort {
            let ann = AdminPort.Account(
                user: UserID(rawValue: 0xab), name: "Ann#1", createdAt: 5, hasPassword: true,
                isDisabled: false)
            @Sendable func note(_ text: String) { done.withLockedValue { $0.append(text) } }
            return AdminPort(
                list: { after, limit, reply in
                    note("list \(after ?? "-") \(limit)")
                    reply(.success(([ann], true)))
                },
                show: { name, reply in
                    reply(
                        name.lowercased() == "ann#1"
                            ? .success(ann) : .failure(ChatError(.notFound, "nobody")))
                },
                setDisabled: { user, isDisabled, reply in
                    note("\(user) \(isDisabled)")
                    reply(.success(()))
                },
                delete: { user, reply in
                    note("delete \(user)")
                    reply(.success(()))
                },
                sessions: { _, reply in
                    reply(.success([.init(id: "s1", label: "phone", expiresAt: 9)]))
                },
                revoke: { user, id, reply in
                    note("revoke \(user) \(id ?? "all")")
                    reply(.success(id == nil ? 2 : 1))
                })
        }
    }

    private func ask(
        _ router: ControlRouter, _ method: String, _ target: String, _ body: String = ""
    ) throws -> (Int, String) {
        let request = try #require(
            ControlRequest(method: method, target: target, body: Array(body.utf8)))
        let answer = NIOLockedValueBox<ControlAnswer?>(nil)
        router.answer(request) { value in answer.withLockedValue { $0 = value } }
        let found = try #require(answer.withLockedValue { $0 })
        return (found.status, String(decoding: found.body, as: UTF8.self))
    }

    @Test("lists, shows, disables, enables and deletes users")
    func users() throws {
        let domain = Domain()
        let router = ControlRouter(AdminRoutes.all(domain.port))
        let user = "{\"user\":\"00000000000000ab\",\"name\":\"Ann#1\""
        let whole = "\(user),\"createdAt\":5,\"password\":true,\"disabled\":false}"
        #expect(
            try ask(router, "GET", "/v1/users?limit=7&after=a%20b")
                == (200, "{\"users\":[\(whole)],\"more\":true}\n"))
        #expect(try ask(router, "GET", "/v1/users/ann%231") == (200, whole + "\n"))
        #expect(
            try ask(router, "POST", "/v1/users/Ann%231/disable")
                == (200, "\(user),\"disabled\":true}\n"))
        #expect(try ask(router, "POST", "/v1/users/Ann%231/enable").0 == 200)
        #expect(try ask(router, "DELETE", "/v1/users/Ann%231") == (200, "\(user)}\n"))
        #expect(
            domain.done.withLockedValue { $0 } == [
                "list a b 7", "00000000000000ab true", "00000000000000ab false",
                "delete 00000000000000ab",
            ])
    }

    @Test("lists and ends sessions")
    func sessions() throws {
        let domain = Domain()
        let router = ControlRouter(AdminRoutes.all(domain.port))
        #expect(
            try ask(router, "GET", "/v1/users/Ann%231/sessions").1.hasSuffix(
                "\"sessions\":[{\"id\":\"s1\",\"label\":\"phone\",\"expiresAt\":9}]}\n"))
        #expect(
            try ask(router, "DELETE", "/v1/users/Ann%231/sessions/s1").1.contains("\"revoked\":1"))
        #expect(try ask(router, "DELETE", "/v1/users/Ann%231/sessions").1.contains("\"revoked\":2"))
        #expect(
            domain.done.withLockedValue { $0 }
                == ["revoke 00000000000000ab s1", "revoke 00000000000000ab all"])
    }

    @Test("refuses what it does not know, in one form")
    func refusals() throws {
        let router = ControlRouter(AdminRoutes.all(Domain().port))
        #expect(
            try ask(router, "GET", "/v1/nothing")
                == (404, "{\"error\":{\"code\":\"not_found\",\"message\":\"no such path\"}}\n"))
        #expect(try ask(router, "PUT", "/v1/users").0 == 405)
        #expect(try ask(router, "GET", "/v1/users?limit=0").0 == 400)
        #expect(try ask(router, "GET", "/v1/users?limit=x").0 == 400)
        #expect(try ask(router, "GET", "/v1/users/bob").0 == 404)
        #expect(try ask(router, "DELETE", "/v1/users/bob").0 == 404)
        #expect(ControlRequest(method: "GET", target: "v1") == nil)
        #expect(ControlRequest(method: "GET", target: "/v1/%zz") == nil)
        #expect(ControlRequest(method: "GET", target: "/v1/%ff") == nil)
    }

    @Test("takes any name apart as it was put together")
    func percent() {
        for name in ["a", "#ubuntu", "[x]{y}|^`\\", "é ü/?&=%", "\u{1F426}"] {
            #expect(PercentCoding.decode(PercentCoding.encode(name)) == name)
        }
    }

    @Test("is its owner's only, answers, and goes with the server")
    func served() async throws {
        let path = "/tmp/martlet-\(getpid())-\(UInt64.random(in: 0 ..< .max)).sock"
        var routes = AdminRoutes.all(Domain().port)
        routes.append(
            ControlRoute("POST", "/v1/echo") { request, reply in
                reply(ControlAnswer(status: 200, contentType: "text/plain", body: request.body))
            })
        let router = ControlRouter(routes)
        let server = ControlServer(
            configuration: .init(socket: path), router: router, logger: Logger(label: "test"))
        let running = Task { try await server.run() }
        var status = stat()
        // The file is there a moment before the socket listens.
        var answer: ControlAnswer?
        while answer == nil {
            answer = try await offLoop { try? ControlClient.ask(path, "GET", "/v1/users/Ann%231") }
        }
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(answer?.status == 200)
        let large = [UInt8](repeating: 7, count: 64 << 10)
        let echo = try await offLoop {
            try ControlClient.ask(path, "POST", "/v1/echo", body: large)
        }
        #expect(echo.body == large)
        let refused = try await offLoop {
            try ControlClient.ask(path, "POST", "/v1/echo", body: large + [1])
        }
        #expect(refused.status == 413)
        running.cancel()
        _ = try? await running.value
        #expect(stat(path, &status) != 0)
        let gone = try await offLoop { () -> ControlSocketError? in
            do throws(ControlSocketError) {
                _ = try ControlClient.ask(path, "GET", "/v1/users")
                return nil
            } catch {
                return error
            }
        }
        #expect(gone?.isNobodyThere == true)
    }

    /// The client blocks: on a thread of its own.
    private func offLoop<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let start = Start { continuation.resume(with: Result { try body() }) }
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { pointer in
                    guard let pointer else { return nil }
                    Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue().body()
                    return nil
                }, Unmanaged.passRetained(start).toOpaque())
            pthread_detach(thread)
        }
    }

    private final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
