/// Calls `run` with 1, 2, 3 and so on: the number of the operation that is to fail, until it says
/// that it had fewer. Gives the number that it had not, so that a test can tell that the whole way
/// was walked.
package func forEachOperation(_ run: (UInt64) throws -> Bool) rethrows -> UInt64 {
    var number: UInt64 = 1
    while try run(number) { number += 1 }
    return number
}

extension SimulatedDisk {
    /// Does `work` with its `n`-th operation failing, counted from 1.
    ///
    /// - Returns: whether it came to that operation, and what `work` gave.
    package func failing<Result>(
        at n: UInt64, _ failure: DiskFailure, _ work: () throws -> Result
    ) rethrows -> (wasHit: Bool, result: Result) {
        let start = operations
        failOperation(at: start + n, failure)
        let result = try work()
        return (operations >= start + n, result)
    }
}
