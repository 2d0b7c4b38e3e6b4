import Glibc
import MartletStore

/// Compares a store with another one, or with its digest: also beside processes that write.
struct ComparisonRun {
    private let data: String
    private let comparison: StoreComparison
    /// What was moved under a reader's hands is there at another try, after a pause.
    private static let attempts = 5
    private static let pause = Duration.milliseconds(300)

    init(_ data: String, rangeCells: Int) {
        self.data = data
        comparison = StoreComparison(cellsPerRange: rangeCells, environment: .system)
    }

    /// - Parameter other: a data directory, or a digest's file.
    /// - Throws: what `StoreComparison` throws, if it does so again and again.
    func run(against other: String) async throws(StoreError) -> StoreComparison.Report {
        let fileSystem = Environment.system.fileSystem
        if Self.isDirectory(other) {
            return try await attempt { () throws(StoreError) in try comparison.compare(data, other)
            }
        }
        let file = try DigestFile.read(other, fileSystem)
        return try await attempt { () throws(StoreError) in try comparison.compare(data, with: file)
        }
    }

    func writeDigest(to path: String) async throws(StoreError) -> DigestFile {
        let file = try await attempt { () throws(StoreError) in try comparison.digest(of: data) }
        try file.write(to: path, Environment.system.fileSystem)
        return file
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func attempt<Value>(
        _ body: () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try body()
            } catch {
                let isFinal = [.invalidArgument, .unsupported].contains(error.code)
                if isFinal || attempt == Self.attempts { throw error }
                attempt += 1
                try? await Task.sleep(for: Self.pause)
            }
        }
    }
}
