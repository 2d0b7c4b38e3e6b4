import Foundation

/// What the figures were measured on.
struct Machine: Codable, Sendable {
    var cpu: String
    var cores: Int
    var memoryBytes: UInt64
    var kernel: String
    var system: String
    var swift: String
    var date: String

    /// This machine, now.
    static func current() -> Machine {
        let cpu = ProcessProbe.text("/proc/cpuinfo").split(separator: "\n")
            .first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        let kernel = ProcessProbe.text("/proc/sys/kernel/osrelease")
        let system = ProcessProbe.text("/etc/os-release").split(separator: "\n")
            .first { $0.hasPrefix("PRETTY_NAME=") }?
            .dropFirst("PRETTY_NAME=".count).replacingOccurrences(of: "\"", with: "")
        return Machine(
            cpu: cpu ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory,
            kernel: kernel.trimmingCharacters(in: .whitespacesAndNewlines),
            system: system ?? "unknown", swift: swiftVersion,
            date: ISO8601DateFormatter().string(from: Date()))
    }

    /// For the report's head.
    var lines: [String] {
        [
            "\(cores) x \(cpu), \(memoryBytes >> 30) GiB, Linux \(kernel), \(system)",
            "Swift \(swift), \(date)",
        ]
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
            ">= 6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
