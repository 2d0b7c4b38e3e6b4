import Foundation

/// Medians by case.
enum ReplicationTable {
    private static let table = MedianTable<ReplicationResult>(
        heads: ["durability", "followers", "writers"],
        head: {
            [$0.asked.durability.rawValue, "\($0.asked.followers)", "\($0.asked.writers)"]
        },
        measures: [
            Measure(name: "messages/s") { $0.rate },
            Measure(name: "p50 us") { $0.latency?.p50 },
            Measure(name: "p99") { $0.latency?.p99 },
            Measure(name: "log B/msg") { $0.perMessage(Double($0.logBytes)) },
            Measure(name: "shipped B/msg") { $0.perMessage(Double($0.shippedBytes)) },
            Measure(name: "primary CPU us/msg") { $0.perMessage($0.primaryCPU * 1e6) },
            Measure(name: "shipper") { $0.perMessage($0.shipperCPU * 1e6) },
            Measure(name: "each follower") { result in
                result.eachFollowerCPU.map { result.perMessage($0 * 1e6) }
            },
            Measure(name: "behind s") { $0.eachFollowerCPU == nil ? nil : $0.behindSeconds },
            Measure(name: "other CPU") { $0.otherCPU },
        ])

    static func text(_ results: [ReplicationResult]) -> String {
        table.text(results)
            + "medians; CPU of the appends and of catching up; shipped: to all; behind: "
            + "from the last append until all followers have everything on their disks\n"
    }
}
