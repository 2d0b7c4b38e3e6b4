/// Why a daemon's word about a job is not taken. Raw values are part of the protocol.
package enum JobRefusal: UInt8, Error, Sendable, CaseIterable {
    /// There is no such job (any more).
    case unknownJob = 1
    /// The job is another's, or nobody's: the claim was released.
    case staleClaim = 2
    /// The table told is not the next one of the job, or not within its rows.
    case wrongTable = 3
    /// What the daemon wrote before did not stand the server's check.
    case distrusted = 4
}
