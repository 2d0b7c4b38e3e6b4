import Foundation
import MartletHarness
import MartletServer
import NIOCore
import NIOSSL
import Testing

@Suite(.serialized, .timeLimit(.minutes(1))) struct TLSTests {
    private let health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

    private func der(_ pair: TestCertificates.Pair) throws -> [UInt8] {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(pair.certificate.utf8))
        return try #require(certificates.first).toDERBytes()
    }

    @Test("over TLS every answer tells browsers to stay with it")
    func served() async throws {
        let fixture = try ServerFixture { configuration, directory in
            configuration.tls = try ServerFixture.write(TestCertificates.one, directory)
        }
        let client = try await SecureClient(port: try await fixture.start())
        let answer = try await client.ask(health, until: "ok\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Strict-Transport-Security: max-age=31536000\r\n"))
        #expect(client.certificate == (try der(TestCertificates.one)))
        try await fixture.stop()
    }

    @Test("what is older than TLS 1.2 is not spoken, and plain HTTP not answered")
    func old() async throws {
        let fixture = try ServerFixture { configuration, directory in
            configuration.tls = try ServerFixture.write(TestCertificates.one, directory)
        }
        let port = try await fixture.start()
        let answer = try? await SecureClient(port: port, upTo: .tlsv11).ask(health, until: "ok\n")
        #expect(answer?.contains("200 OK") != true)
        let new = try await SecureClient(port: port, upTo: .tlsv12).ask(health, until: "ok\n")
        #expect(new.contains("200 OK"))
        try await fixture.stop()
    }

    @Test("a new certificate is for new connections, and open ones stay")
    func reload() async throws {
        let fixture = try ServerFixture { configuration, directory in
            configuration.tls = try ServerFixture.write(TestCertificates.one, directory)
        }
        let port = try await fixture.start()
        let old = try await SecureClient(port: port)
        _ = try await old.ask(health, until: "ok\n")
        _ = try ServerFixture.write(TestCertificates.two, fixture.directory)
        fixture.server.reloadCertificate()
        let new = try await SecureClient(port: port)
        #expect(try await new.ask(health, until: "ok\n").contains("200 OK"))
        #expect(new.certificate == (try der(TestCertificates.two)))
        #expect(try await old.ask(health, until: "ok\n").contains("200 OK"))
        #expect(old.certificate == (try der(TestCertificates.one)))
        try await fixture.stop()
    }

    @Test("a replaced file is noticed without a word, and half a pair changes nothing")
    func watched() async throws {
        let fixture = try ServerFixture { configuration, directory in
            configuration.tls = try ServerFixture.write(TestCertificates.one, directory)
            configuration.certificateSeconds = 1
        }
        let port = try await fixture.start()
        let half = TestCertificates.Pair(
            certificate: TestCertificates.two.certificate, key: TestCertificates.one.key)
        _ = try ServerFixture.write(half, fixture.directory)
        #expect(try await SecureClient(port: port).ask(health, until: "ok\n").contains("200 OK"))
        _ = try ServerFixture.write(TestCertificates.two, fixture.directory)
        #expect(try await isServed(TestCertificates.two, port))
        try await fixture.stop()
    }

    /// Whether a new connection sees this certificate at last.
    private func isServed(_ pair: TestCertificates.Pair, _ port: Int) async throws -> Bool {
        for _ in 0..<200 {
            let client = try await SecureClient(port: port)
            _ = try await client.ask(health, until: "ok\n")
            if client.certificate == (try der(pair)) { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test("a process that gets SIGHUP reads its certificate again, and stays")
    func hangup() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-hangup-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let files = try ServerFixture.write(TestCertificates.one, directory)
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("martlet").path
        let log = directory + "/log"
        let process = try ChildProcess(
            [
                program, "serve", "--data", directory + "/data", "--port", "0",
                "--tls-certificate", files.certificateChain, "--tls-key", files.privateKey,
            ], log: log)
        var port: Int?
        for _ in 0..<600 where port == nil && process.poll() == nil {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            port = text.firstMatch(of: #/https://127\.0\.0\.1:([0-9]+)/#)
                .flatMap { Int($0.output.1) }
            if port == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        let served = try #require(port)
        #expect(try await isServed(TestCertificates.one, served))
        _ = try ServerFixture.write(TestCertificates.two, directory)
        process.send(SIGHUP)
        #expect(try await isServed(TestCertificates.two, served))
        process.send(SIGTERM)
        #expect(process.wait() == 0)
        let lines = try String(contentsOfFile: log, encoding: .utf8)
        #expect(lines.contains("certificate reloaded"))
    }

    @Test("files that belong to no certificate are refused, and the old one stays in use")
    func broken() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let files = try ServerFixture.write(TestCertificates.one, directory)
        let certificate = try ServerCertificate(files)
        #expect(try !certificate.reloadIfChanged())
        let other = TestCertificates.Pair(
            certificate: TestCertificates.one.certificate, key: TestCertificates.two.key)
        _ = try ServerFixture.write(other, directory)
        let refusal = #expect(throws: ConfigurationError.self) {
            try certificate.reloadIfChanged()
        }
        #expect(refusal?.reason == .certificate)
        _ = certificate.makeHandler()
        _ = try ServerFixture.write(TestCertificates.two, directory)
        #expect(try certificate.reloadIfChanged())
        #expect(try !certificate.reloadIfChanged())
        let nothing = TLSFiles(certificateChain: directory + "/none", privateKey: directory)
        #expect(throws: ConfigurationError.self) { try ServerCertificate(nothing) }
    }

    @Test("plain HTTP is refused where other machines could reach it")
    func exposed() async throws {
        let fixture = try ServerFixture { configuration, _ in configuration.host = "0.0.0.0" }
        let refusal = await #expect(throws: ConfigurationError.self) {
            try await fixture.server.run()
        }
        #expect(refusal?.reason == .insecureAddress)
    }

    @Test("a trusted proxy that is no address is refused")
    func proxies() async throws {
        let fixture = try ServerFixture { configuration, _ in
            configuration.trustedProxies = ["proxy.example"]
        }
        let refusal = await #expect(throws: ConfigurationError.self) {
            try await fixture.server.run()
        }
        #expect(refusal?.reason == .proxyAddress)
    }
}
