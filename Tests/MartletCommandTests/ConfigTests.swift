import ArgumentParser
import MartletChat
import MartletServer
import MartletStore
import Testing

@testable import martlet

@Suite("The configuration") struct ConfigTests {
    private func load(
        _ file: String = "", _ environment: [String: String] = [:], set: [String] = [],
        flags: [(flag: String, value: String)] = []
    ) throws -> Config {
        let settings = try ConfigFile.parse(file, "m.yaml")
        var options = try ConfigOptions.parse([])
        options.set = set
        // The file's settings go in front, as `load` puts them.
        let rest = try options.settings(flags, environment)
        return try Config(settings + rest)
    }

    private func problems(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch {
            return (error as? ConfigProblems)?.lines ?? ["\(error)"]
        }
    }

    @Test("has a valid default for every key, under a name of its own")
    func defaults() throws {
        let config = try Config([])
        #expect(config.entries.count == ConfigKeys.all.count)
        #expect(Set(ConfigKeys.all.map(\.name)).count == ConfigKeys.all.count)
        #expect(Set(ConfigKeys.all.map(\.variable)).count == ConfigKeys.all.count)
        #expect(config.entries.values.allSatisfy { $0.origin == .fallback })
        #expect(config.integer("server.port") == 8080)
    }

    @Test("takes a flag before the environment, that before the file, that before the default")
    func order() throws {
        let file = "server:\n  port: 1\n  threads: 2\n  host: \"::1\"\n"
        let environment = [
            "MARTLET_SERVER_PORT": "11", "MARTLET_SERVER_THREADS": "12", "HOME": "/",
        ]
        let config = try load(file, environment, flags: [("port", "21")])
        #expect(config.integer("server.port") == 21)
        #expect(config.entries["server.port"]?.origin == .flag("--port"))
        #expect(config.integer("server.threads") == 12)
        #expect(
            config.entries["server.threads"]?.origin == .environment("MARTLET_SERVER_THREADS"))
        #expect(config.text("server.host") == "::1")
        #expect(config.entries["server.host"]?.origin == .file("m.yaml", line: 4))
        #expect(config.text("log.format") == "text")
        let set = try load(file, environment, set: ["server.port=31"])
        #expect(set.integer("server.port") == 31)
    }

    @Test("--no-limits lifts what one address and one user may, whatever the keys say")
    func noLimits() throws {
        let config = try load(set: ["limits.connections_per_address=3"])
        var settings = try ServeSettings.server(config)
        #expect(settings.limits.connectionsPerAddress == 3)
        try SecurityOptions.parse(["--no-limits"]).apply(to: &settings)
        #expect(settings.limits == .off)
        #expect(settings.limits.connectionsPerAddress == 0)
        #expect(settings.maxSockets == 100_000)
    }

    @Test("understands times, bytes, lists and their units")
    func units() throws {
        let config = try load(
            """
            heartbeat: {ping: 90s}
            server:
              drain: 2m
              allow_origins: [https://a.example, "https://b.example"]
            limits: {queue: 2MiB}
            messages: {edit_window: unlimited, delete_window: 0}
            """)
        #expect(config.milliseconds("heartbeat.ping") == 90_000)
        #expect(config.milliseconds("server.drain") == 120_000)
        #expect(config.integer("limits.queue") == 2 << 20)
        #expect(config.list("server.allow_origins") == ["https://a.example", "https://b.example"])
        #expect(config.milliseconds("messages.edit_window") == nil)
        #expect(config.milliseconds("messages.delete_window") == 0)
    }

    @Test("says everything that is wrong, with the line")
    func wrong() throws {
        let file = """
            server:
              prot: 8080
              port: 70000
              threads: "2"
            heartbeat:
              ping: 25
            tls:
              allow_plain: yes
            server.host: x
            """
        let form = problems { _ = try load(file) }
        #expect(form.contains { $0.hasPrefix("m.yaml:4: server.threads: number") })
        #expect(form.contains { $0.hasPrefix("m.yaml:9: ") })
        let values = problems {
            _ = try load(
                """
                server:
                  prot: 8080
                  port: 70000
                heartbeat:
                  ping: 25
                tls:
                  allow_plain: yes
                """)
        }
        #expect(
            values == [
                "m.yaml:2: unknown key server.prot",
                "m.yaml:3: server.port: 70000 is outside of: number, 0 to 65535",
                "m.yaml:5: heartbeat.ping: '25' is not: time, 5s to 1h",
                "m.yaml:7: tls.allow_plain: 'yes' is not: true or false",
            ])
        #expect(problems { _ = try load("a: [") }.first?.hasPrefix("m.yaml:") == true)
        #expect(problems { _ = try load("server:\n  port:\n") } != [])
        #expect(problems { _ = try load("server:\n  port: 1\n  port: 2\n") } != [])
        #expect(problems { _ = try load("- a\n- b\n") } != [])
        #expect(
            problems { _ = try load("", ["MARTLET_SERVER_PROT": "1"]) }
                == ["environment MARTLET_SERVER_PROT: no key has this name"])
    }

    @Test("prints a default file that reads as the default")
    func printedDefault() throws {
        let text = ConfigText.file().map { line in
            // Keys as a person would set them: without the leading #.
            line.hasPrefix("# M") ? line : String(line.drop { $0 == "#" })
        }.joined(separator: "\n")
        let config = try load(text)
        let plain = try Config([])
        #expect(config.entries.count == plain.entries.count)
        for (name, entry) in plain.entries {
            #expect(config.entries[name]?.value == entry.value, "\(name)")
            if case .file = config.entries[name]?.origin {} else { Issue.record("\(name)") }
        }
    }

    @Test("can be turned into what each part takes, with nothing but defaults")
    func settings() throws {
        let config = try Config([])
        #expect(ServeSettings.store(config).memoryBudget == 512 << 20)
        #expect(try ServeSettings.server(config).port == 8080)
        #expect(try ServeSettings.control(config).socket == "./martlet-data/control.sock")
        #expect(ServeSettings.chat(config).tokens.inactivity == 30 * 86_400_000_000)
        #expect(
            problems { _ = try ServeSettings.control(load("metrics: {listen: 0.0.0.0:1}")) } != [])
        let metrics = try ServeSettings.control(load("metrics: {listen: \"[::1]:9464\"}")).metrics
        #expect(metrics?.host == "::1" && metrics?.port == 9464)
    }
}
