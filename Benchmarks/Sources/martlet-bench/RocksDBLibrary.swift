import Foundation

/// Which RocksDB this process runs with. The build matters more than most options do.
struct RocksDBLibrary: Codable, Sendable {
    /// The shared library's real path, as mapped into this process.
    var path: String
    /// From the file name, `7.8.3`.
    var version: String
    /// What the build script says about the build; nil for somebody else's build.
    var build: String?
    /// Whether the library can call the C assertion failure, that is, asserts are compiled in.
    var hasAssertions: Bool

    /// Finds the library in this process's memory map.
    static func loaded() -> RocksDBLibrary {
        let line = ProcessProbe.text("/proc/self/maps").split(separator: "\n")
            .first { $0.contains("librocksdb.so") }
        guard let line, let start = line.firstIndex(of: "/") else {
            return RocksDBLibrary(path: "not found", version: "?", build: nil, hasAssertions: true)
        }
        let path = String(line[start...])
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let directory = path.dropLast(name.count)
        let marker = ProcessProbe.text(directory + "../RELEASE_BUILD")
        let image = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        return RocksDBLibrary(
            path: path, version: name.replacingOccurrences(of: "librocksdb.so.", with: ""),
            build: marker.isEmpty ? nil : marker,
            hasAssertions: image?.range(of: Data("__assert_fail".utf8)) != nil)
    }

    /// Whether figures against this build say anything.
    var isRelease: Bool { build != nil && !hasAssertions }

    /// For the report's head; loud where the build is not a release.
    var lines: [String] {
        var lines = ["RocksDB \(version), \(isRelease ? "release build" : "NOT A RELEASE BUILD")"]
        lines.append("  \(path)")
        lines += (build ?? "").split(separator: "\n").map { "  \($0)" }
        if !isRelease {
            lines.append(
                "!!! This RocksDB is \(hasAssertions ? "built with live assertions" : "unknown"): "
                    + "it is slower than it should be, and beating it is NOT beating RocksDB. "
                    + "Run Benchmarks/peers/build-rocksdb. !!!")
        }
        return lines
    }
}
