import Glibc

/// What a program that could not be run is worth.
struct ProgramError: Error {
    var message: String
}

/// The built `martlet-dump`, run as a process of its own.
enum DumpProgram {
    struct Outcome {
        /// The exit code, or the negated number of the signal that ended it.
        var status: Int32
        var output: String
        var complaints: String
    }

    /// Runs it in `directory`, so that transcripts have no path of one machine in them.
    static func run(_ arguments: [String], in directory: String) throws -> Outcome {
        try shell([path] + arguments, in: directory)
    }

    /// Runs `arguments[0]`, found on the path.
    static func shell(_ arguments: [String], in directory: String) throws -> Outcome {
        let base = directory + "/run-\(UInt64.random(in: 0 ... .max))"
        let (output, complaints) = (base + ".out", base + ".err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, complaints, O_WRONLY | O_CREAT, 0o600)
        let line = ["sh", "-c", "cd \"$0\" && exec \"$@\"", directory] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, line[0], &actions, nil, &argv, environ)
        guard code == 0 else {
            throw ProgramError(message: "\(arguments[0]): \(String(cString: strerror(code)))")
        }
        var raw: Int32 = 0
        while waitpid(child, &raw, 0) < 0, errno == EINTR {}
        defer {
            unlink(output)
            unlink(complaints)
        }
        return Outcome(
            status: raw & 0x7f == 0 ? (raw >> 8) & 0xff : -(raw & 0x7f),
            output: try text(of: output), complaints: try text(of: complaints))
    }

    /// It lies beside the program that runs the tests.
    static var path: String {
        get throws {
            var bytes = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/exe", &bytes, bytes.count)
            guard count > 0 else { throw ProgramError(message: "no /proc/self/exe") }
            let program = String(
                decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return program.split(separator: "/").dropLast().map { "/" + $0 }.joined()
                + "/martlet-dump"
        }
    }

    static func text(of path: String) throws -> String {
        String(decoding: try bytes(of: path), as: UTF8.self)
    }

    static func bytes(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw ProgramError(message: "no file \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw ProgramError(message: "no file \(path)") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw ProgramError(message: "cannot write \(path)")
        }
    }
}
