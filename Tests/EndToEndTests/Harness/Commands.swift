import Foundation
import MartletHarness

extension ServedStore {
    /// Runs `martlet` on this directory's data; its status and what it printed.
    func command(_ arguments: String...) throws -> (code: Int32, output: String) {
        let log = directory + "/" + UUID().uuidString
        let process = try ChildProcess(
            [Self.program] + arguments + ["--data", directory + "/data"], log: log)
        let code = process.wait()
        return (code, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// The same with `--json`.
    func ask(_ arguments: String...) throws -> JSON {
        let log = directory + "/" + UUID().uuidString
        let process = try ChildProcess(
            [Self.program] + arguments + ["--json", "--data", directory + "/data"], log: log)
        _ = process.wait()
        return try JSON.parse((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }
}
