/// The directories in which daemons write: `jobs/JOB/CLAIM/`, each name 16 hexadecimal digits.
///
/// Every claim has a directory of its own, so that a claimant which was given up and lives on never
/// writes into a file of the next one. The server makes the directory of a job and removes it: a
/// claimant that comes too late finds no place to write.
package struct JobFiles: Sendable {
    let directory: String
    let fileSystem: any FileSystem

    /// - Parameter store: the store's directory.
    package init(store: String, _ fileSystem: any FileSystem) {
        directory = "\(store)/\(FileName.jobDirectory)"
        self.fileSystem = fileSystem
    }

    package static func name(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    package func claimDirectory(_ job: UInt64, _ token: UInt64) -> String {
        "\(directory)/\(Self.name(job))/\(Self.name(token))"
    }

    func path(_ output: JobBoard.Output, of job: UInt64) -> String {
        "\(claimDirectory(job, output.token))/\(FileName.table(output.table.number))"
    }

    /// Makes the places for a plan's jobs. They need not survive a crash.
    func create(_ jobs: [CompactionJob]) throws(StoreError) {
        try fileSystem.createDirectory(directory)
        for job in jobs {
            try fileSystem.createDirectory("\(directory)/\(Self.name(job.id))")
        }
    }

    /// Removes all that is there. What cannot be removed (a daemon that was given up writes on) is
    /// left for the next time.
    ///
    /// - Returns: the files removed.
    @discardableResult
    func removeAll() -> Int {
        guard fileSystem.exists(directory) else { return 0 }
        let removed = empty(directory, depth: 2)
        try? fileSystem.removeDirectory(directory)
        return removed
    }

    /// Whether there is nothing. False if that cannot be told.
    var isEmpty: Bool { !fileSystem.exists(directory) }

    private func empty(_ directory: String, depth: Int) -> Int {
        var removed = 0
        for name in (try? fileSystem.list(directory)) ?? [] {
            let path = "\(directory)/\(name)"
            if depth > 0 {
                removed += empty(path, depth: depth - 1)
                if (try? fileSystem.removeDirectory(path)) != nil { continue }
            }
            if (try? fileSystem.remove(path)) != nil { removed += 1 }
        }
        return removed
    }
}
