import Foundation

/// Medians by case.
enum ReplicationTable {
    private struct Column: Sendable {
        var name: String
        var value: @Sendable (ReplicationResult) -> Double?
    }

    private static let columns = [
        Column(name: "messages/s") { $0.rate },
        Column(name: "p50 us") { $0.latency?.p50 },
        Column(name: "p99") { $0.latency?.p99 },
        Column(name: "log B/msg") { $0.perMessage(Double($0.logBytes)) },
        Column(name: "shipped B/msg") { $0.perMessage(Double($0.shippedBytes)) },
        Column(name: "primary CPU us/msg") { $0.perMessage($0.primaryCPU * 1e6) },
        Column(name: "shipper") { $0.perMessage($0.shipperCPU * 1e6) },
        Column(name: "each follower") { result in
            guard !result.followerCPU.isEmpty else { return nil }
            let all = result.followerCPU.reduce(0, +) / Double(result.followerCPU.count)
            return result.perMessage(all * 1e6)
        },
        Column(name: "behind s") { $0.followerCPU.isEmpty ? nil : $0.behindSeconds },
        Column(name: "other CPU") { $0.otherCPU },
    ]

    static func text(_ results: [ReplicationResult]) -> String {
        let names = ["durability", "followers", "writers"] + columns.map(\.name)
        var lines = [names.joined(separator: ", ")]
        var done: Set<ReplicationCase> = []
        for asked in results.map(\.asked) where done.insert(asked).inserted {
            let own = results.filter { $0.asked == asked }
            let values = columns.map { column in
                let sorted = own.compactMap(column.value).sorted()
                return sorted.isEmpty ? "-" : String(format: "%.2f", sorted[sorted.count / 2])
            }
            let head = "\(asked.durability.rawValue), \(asked.followers), \(asked.writers), "
            lines.append(head + values.joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
            + "\nmedians; CPU of the appends and of catching up; shipped: to all; behind: "
            + "from the last append until all followers have everything on their disks\n"
    }
}
