import Foundation

/// The results of a run as tables.
struct ChatReport: Codable {
    var machine: Machine
    var options: [String: String] = [:]
    var results: [ChatResult] = []

    var text: String {
        let idle = results.filter { $0.workload == "idle" }
        let rest = results.filter { $0.workload != "idle" || $0.delivered != nil }
        let storms = results.filter { $0.back != nil }
        return [Self.messages(rest), Self.idle(idle), Self.storms(storms)].filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private static func messages(_ results: [ChatResult]) -> String {
        if results.isEmpty { return "" }
        var rows = [
            [
                "workload", "rate", "server", "msg/s", "ack p50", "p99", "p99.9", "deliver p50",
                "p99", "p99.9", "CPU us/msg", "syncs/msg", "RSS MiB", "client us", "late p99",
                "other", "",
            ]
        ]
        for result in results {
            rows.append(
                [
                    result.workload, short(result.rate), result.server,
                    short(result.deliveredPerSecond), short(result.acknowledged?.p50),
                    short(result.acknowledged?.p99), short(result.acknowledged?.p999),
                    short(result.delivered?.p50), short(result.delivered?.p99),
                    short(result.delivered?.p999), short(result.serverMicroseconds),
                    short(result.syncsPerMessage), short(Double(result.residentBytes) / 1_048_576),
                    short(result.generatorMicroseconds), short(result.lateness?.p99),
                    String(format: "%.2f", result.otherCPU), verdict(result),
                ])
        }
        return TextTable.align(rows, left: 3)
    }

    private static func idle(_ results: [ChatResult]) -> String {
        if results.isEmpty { return "" }
        var rows = [
            [
                "idle", "connections", "KiB each", "CPU us/s each", "RSS MiB", "logins/s",
                "CPU us/login", "other", "",
            ]
        ]
        for result in results {
            rows.append(
                [
                    result.server, String(result.connections),
                    short(result.bytesPerConnection.map { $0 / 1024 }),
                    short(result.idleMicroseconds),
                    short(Double(result.residentBytes) / 1_048_576),
                    short(result.connectsPerSecond), short(result.connectMicroseconds),
                    String(format: "%.2f", result.otherCPU), verdict(result),
                ])
        }
        return TextTable.align(rows, left: 1)
    }

    private static func storms(_ results: [ChatResult]) -> String {
        if results.isEmpty { return "" }
        var rows = [["storm", "connections", "back p50 s", "p99", "all", "put off"]]
        for result in results {
            rows.append(
                [
                    result.server, String(result.connections),
                    short(result.back.map { $0.p50 / 1e6 }),
                    short(result.back.map { $0.p99 / 1e6 }), short(result.backSeconds),
                    result.putOff.map { String($0) } ?? "-",
                ])
        }
        return TextTable.align(rows, left: 1)
    }

    private static func verdict(_ result: ChatResult) -> String {
        if result.isClean { return "" }
        var parts: [String] = []
        if result.missing > 0 { parts.append("\(result.missing) missing") }
        if result.unanswered > 0 { parts.append("\(result.unanswered) unanswered") }
        if result.doubled > 0 { parts.append("\(result.doubled) doubled") }
        if result.disorders > 0 { parts.append("\(result.disorders) out of order") }
        parts += result.problems.map { "\($1) x \($0)" }.sorted()
        return parts.joined(separator: ", ")
    }

    private static func short(_ value: Double?) -> String { TextTable.short(value) }
}
