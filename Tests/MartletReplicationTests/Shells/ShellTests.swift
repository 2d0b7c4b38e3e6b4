import MartletStore
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import MartletReplication

@Suite("Shipper and follower on real sockets") struct ShellTests {
    @Test("what is written comes over, before and while the follower is there")
    func streams() async throws {
        let primary = try MemoryNode.primary()
        primary.write(50)
        let fixture = try await ShellFixture(primary)
        let node = MemoryNode.follower(of: primary)
        let follower = fixture.follow(node)
        #expect(try await ShellFixture.wait { node.with { $0.synced } == 50 })
        primary.write(1_000)
        #expect(try await ShellFixture.wait { node.with { $0.synced } == 1_050 })
        #expect(node.with { $0.entries } == primary.with { $0.entries })
        #expect(
            try await ShellFixture.wait {
                try await fixture.shipper.status().1.first?.durable == 1_050
            })
        let status = try await fixture.shipper.status().1
        #expect(status.first?.name == "nest-2")
        #expect(status.first?.state == "streaming")
        await follower.stop()
        await fixture.shipper.stop()
    }

    @Test("two ends with certificates of one authority find each other over TLS 1.3")
    func tls() async throws {
        let primary = try MemoryNode.primary()
        primary.write(20)
        let server = try TLSSetup.server(try ShellFixture.files(TestCertificates.shipper))
        let fixture = try await ShellFixture(primary, tls: server)
        let node = MemoryNode.follower(of: primary)
        let client = try TLSSetup.client(try ShellFixture.files(TestCertificates.follower))
        let follower = fixture.follow(node, tls: client)
        #expect(try await ShellFixture.wait { node.with { $0.synced } == 20 })
        await follower.stop()
        await fixture.shipper.stop()
    }

    @Test("strangers, expired certificates and false names get nothing; others go on")
    func refused() async throws {
        let primary = try MemoryNode.primary()
        primary.write(20)
        let server = try TLSSetup.server(try ShellFixture.files(TestCertificates.shipper))
        let fixture = try await ShellFixture(primary, tls: server)
        var followers: [(MemoryNode, FollowerService)] = []
        let bad: [(TestCertificates.Pair, String)] = [
            (TestCertificates.stranger, "stranger"), (TestCertificates.expired, "late"),
            (TestCertificates.follower, "nest-3"),
        ]
        for (index, (pair, name)) in bad.enumerated() {
            let node = MemoryNode.follower(of: primary)
            let tls = try TLSSetup.client(try ShellFixture.files(pair))
            followers.append(
                (node, fixture.follow(node, name: name, id: UInt64(10 + index), tls: tls)))
        }
        let node = MemoryNode.follower(of: primary)
        let client = try TLSSetup.client(try ShellFixture.files(TestCertificates.follower))
        followers.append((node, fixture.follow(node, tls: client)))
        #expect(try await ShellFixture.wait { node.with { $0.synced } == 20 })
        #expect(
            try await ShellFixture.wait {
                fixture.notices.contain("'nest-3' is not the certificate's name")
            })
        for (node, _) in followers.dropLast() { #expect(node.with { $0.synced } == 0) }
        for (_, service) in followers { await service.stop() }
        await fixture.shipper.stop()
    }

    @Test("a follower does not believe a shipper of another authority")
    func falseShipper() async throws {
        let primary = try MemoryNode.primary()
        primary.write(20)
        let server = try TLSSetup.server(
            try ShellFixture.files(
                TestCertificates.stranger, authority: TestCertificates.authority))
        let fixture = try await ShellFixture(primary, tls: server)
        let node = MemoryNode.follower(of: primary)
        let client = try TLSSetup.client(try ShellFixture.files(TestCertificates.follower))
        let follower = fixture.follow(node, tls: client)
        try await Task.sleep(for: .milliseconds(500))
        #expect(try await follower.status().state == "searching")
        #expect(node.with { $0.synced } == 0)
        await follower.stop()
        await fixture.shipper.stop()
    }

    @Test("garbage is refused, and costs the other connections nothing")
    func garbage() async throws {
        let primary = try MemoryNode.primary()
        primary.write(20)
        let fixture = try await ShellFixture(primary)
        let node = MemoryNode.follower(of: primary)
        let follower = fixture.follow(node)
        #expect(try await ShellFixture.wait { node.with { $0.synced } == 20 })
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        for size in [1, 11, 12, 100, 70_000] {
            let channel = try await ClientBootstrap(group: group)
                .connect(host: "127.0.0.1", port: fixture.port).get()
            let bytes = ByteBuffer(repeating: 0xa5, count: size)
            // The shipper may have closed before all of it was taken.
            try? await channel.writeAndFlush(bytes).get()
            if size >= 12 {
                try await channel.closeFuture.get()
            } else {
                try? await channel.close().get()
            }
        }
        primary.write(5)
        #expect(try await ShellFixture.wait { node.with { $0.synced } == 25 })
        #expect(fixture.notices.contain("oversized"))
        await follower.stop()
        await fixture.shipper.stop()
        try await group.shutdownGracefully()
    }

    @Test("the certificate's common name is read from its bytes")
    func names() throws {
        for (pair, name) in [
            (TestCertificates.shipper, "shipper"), (TestCertificates.follower, "nest-2"),
            (TestCertificates.expired, "late"),
        ] {
            let files = try ShellFixture.files(pair)
            let certificate = try #require(
                try TLSSetup.certificates(files.certificate).first)
            #expect(TLSSetup.commonName(certificate) == name)
            let bytes = try certificate.toDERBytes()
            // Cut anywhere it is no name, and no crash.
            for count in 0..<bytes.count {
                _ = SubjectName.commonName(certificate: Array(bytes.prefix(count)))
            }
        }
    }
}
