import MartletSimulation
import Testing

@testable import MartletStore

extension StoreScenario {
    /// Verifies the copy at `path` file by file, opens it and compares it with the model of the
    /// moment that it says to be of.
    func checkCopy(at path: String, since: UInt64, _ place: String) throws {
        let report = try StoreVerifier.run(directory: path, environment: simulation.environment)
        try #require(report.isSound, "seed \(seed), \(place): \(report.errors)")
        try #require(report.warnings.isEmpty, "seed \(seed), \(place): \(report.warnings)")
        let copy = try Store.open(
            at: path, options: options, environment: simulation.environment)
        let last = copy.statistics().visibleSequence
        try #require(last >= since, "seed \(seed), \(place): \(last) is before \(since)")
        try #require(batchEnds.contains(last), "seed \(seed), \(place): half a batch, \(last)")
        try #require(copy.recovery.wasClosed, "seed \(seed), \(place)")
        try #require(copy.epoch > store.epoch, "seed \(seed), \(place)")
        for index in schemas.indices {
            let family = try copy.table("t").family("f\(index)")
            let expected = model(index).read(snapshot: last, now: simulation.clock.now())
            let found = try Self.everything(copy, family)
            // Compared outside of the expectation, which would print both.
            let isSame = found == expected
            try #require(isSame, "seed \(seed), \(place), family \(index)")
        }
        try copy.compact()
        try copy.close()
        simulation.executor.runAll()
    }

    static func everything(_ store: Store, _ family: Family) throws -> [ModelFamily.Version] {
        var scan = Scan()
        scan.maxVersions = .max
        var found: [ModelFamily.Version] = []
        let scanner = try store.scan(family, scan)
        while let row = try scanner.next() {
            for cell in row.cells {
                found.append(
                    ModelFamily.Version(
                        row: row.key, qualifier: cell.qualifier, timestamp: cell.timestamp,
                        value: cell.value))
            }
        }
        return found
    }
}
