import Testing

@testable import MartletServer

@Suite("Metrics") struct MetricTests {
    private func lines(_ registry: MetricRegistry, _ name: String) -> [String] {
        registry.text().split(separator: "\n").map(String.init).filter { $0.contains(name) }
    }

    @Test("are the sum over all writers")
    func sums() {
        let registry = MetricRegistry()
        let (one, two) = (registry.makeSheet(), registry.makeSheet())
        one.add(registry.metrics.sockets, by: 3)
        two.add(registry.metrics.sockets)
        two.add(registry.metrics.sockets, by: -2)
        registry.shared.add(registry.metrics.sockets, 0, by: 10)
        #expect(lines(registry, "martlet_sockets ").contains("martlet_sockets 12"))
    }

    @Test("with a label have one series for each of its values, and no others")
    func labels() {
        let registry = MetricRegistry()
        let sheet = registry.makeSheet()
        sheet.add(registry.metrics.frames, ServerMetrics.index(ofVerb: "send"))
        sheet.add(registry.metrics.frames, ServerMetrics.index(ofVerb: "no such verb"), by: 2)
        sheet.add(registry.metrics.frames, -1)
        sheet.add(registry.metrics.frames, 1_000)
        let found = lines(registry, "martlet_frames_received_total{")
        #expect(found.count == ServerMetrics.verbs.count)
        #expect(found.contains("martlet_frames_received_total{verb=\"send\"} 1"))
        #expect(found.contains("martlet_frames_received_total{verb=\"other\"} 2"))
        #expect(Set(ServerMetrics.verbs).count == ServerMetrics.verbs.count)
    }

    @Test("of time fall into the bucket whose bound they do not pass, cumulated")
    func buckets() {
        var layout = MetricLayout()
        let histogram = layout.histogram("h", "a", first: 1, last: 3, decimals: 0)
        for (value, bucket) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3)] {
            #expect(histogram.bucket(of: UInt64(value)) == bucket, "\(value)")
        }
        #expect(histogram.bucket(of: .max) == 3)
        let registry = MetricRegistry()
        let sheet = registry.makeSheet()
        for value in [1, 16, 17, 1 << 30] {
            sheet.record(
                registry.metrics.latency, ServerMetrics.LatencyStage.commit.index, UInt64(value))
        }
        let found = lines(registry, "stage=\"commit\"")
        #expect(found.first == "martlet_latency_seconds_bucket{stage=\"commit\",le=\"0.000016\"} 2")
        #expect(
            found.contains("martlet_latency_seconds_bucket{stage=\"commit\",le=\"0.000032\"} 3"))
        #expect(found.contains("martlet_latency_seconds_bucket{stage=\"commit\",le=\"+Inf\"} 4"))
        #expect(found.contains("martlet_latency_seconds_count{stage=\"commit\"} 4"))
        #expect(found.contains("martlet_latency_seconds_sum{stage=\"commit\"} 1073.741858"))
    }

    @Test("are told in a form that Prometheus reads")
    func form() throws {
        let text = MetricRegistry().text()
        var typed: Set<Substring> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# TYPE ") {
                let parts = line.split(separator: " ")
                try #require(parts.count == 4)
                #expect(typed.insert(parts[2]).inserted, "\(line)")
                #expect(["counter", "gauge", "histogram"].contains(parts[3]))
            } else if !line.hasPrefix("# HELP ") {
                let sample =
                    #/([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+/#
                let match = try #require(line.wholeMatch(of: sample), "\(line)")
                let name = match.output.1
                let isKnown = typed.contains { name == $0 || name.hasPrefix($0 + "_") }
                #expect(isKnown && name.hasPrefix("martlet_"), "\(line)")
            }
        }
        var escaped = MetricText()
        escaped.sample("a", ("b", "c\"\\\n"), 1)
        #expect(escaped.text == "a{b=\"c\\\"\\\\\\n\"} 1\n")
    }
}
