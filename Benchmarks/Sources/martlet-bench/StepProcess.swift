import ArgumentParser
import Foundation

/// One step in a process of its own, so that its memory and CPU are those of a whole process.
struct StepProcess {
    /// The command that does it.
    var verb: String
    /// What is said when it fails.
    var name: String
    /// Where its files lie.
    var root: String
    /// The cores that it has, as taskset calls them; `nil` for all.
    var cores: String?

    /// Runs this program again, with a task for it, and waits for its result.
    func run<Outcome: Decodable>(_ task: some Encodable) throws -> Outcome {
        let input = URL(fileURLWithPath: root + "/task.json")
        let output = URL(fileURLWithPath: root + "/result.json")
        try JSONEncoder().encode(task).write(to: input)
        // Nobody's dirty pages are left to be written in somebody else's time.
        sync()
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let words = [own, verb, "--task", input.path, "--result", output.path]
        let command = (cores.map { ["/usr/bin/taskset", "-c", $0] } ?? []) + words
        let child = Process()
        child.executableURL = URL(fileURLWithPath: command[0])
        child.arguments = Array(command.dropFirst())
        try child.run()
        child.waitUntilExit()
        guard child.terminationReason == .exit, child.terminationStatus == 0 else {
            throw BenchError("\(name) failed")
        }
        return try JSONDecoder().decode(Outcome.self, from: Data(contentsOf: output))
    }
}

/// What a step's process is told.
struct StepArguments: ParsableArguments {
    @Option(help: "The task, JSON.")
    var task: String

    @Option(help: "Where the result goes, JSON.")
    var result: String

    func read<Task: Decodable>() throws -> Task {
        try JSONDecoder().decode(Task.self, from: Data(contentsOf: URL(fileURLWithPath: task)))
    }

    func write(_ outcome: some Encodable) throws {
        try JSONEncoder().encode(outcome).write(to: URL(fileURLWithPath: result))
    }
}
