import Histogram

/// Everything measured in one step of one engine.
struct StepResult: Codable, Sendable {
    var engine: EngineName
    var step: Step
    var repetition: Int
    /// Messages, reads or rows done.
    var operations: UInt64 = 0
    /// Seconds of the foreground loop, without settling.
    var seconds: Double = 0
    /// Seconds from the end of the loop until the store was settled.
    var settleSeconds: Double = 0
    /// Microseconds; absent for scans.
    var latency: Latency?
    /// CPU seconds of the process from the loop's start until settled, generator included.
    var cpuSeconds: Double = 0
    /// Block-layer bytes from the loop's start until settled.
    var writtenBytes: UInt64 = 0
    /// Key and value bytes handed to the engine.
    var userBytes: UInt64 = 0
    /// File bytes after settling and closing, and the part of them that is log.
    var diskBytes = 0
    var logBytes = 0
    /// Peak resident memory, and what the process had before the store was opened.
    var peakBytes = 0
    var baselineBytes = 0
    /// CPU seconds per second burnt by other processes meanwhile; 0 is quiet.
    var otherCPU: Double = 0
    /// Of the rows read, or (for writes) of all rows in the store afterwards.
    var digest = Digest()

    /// Operations per second of the foreground loop.
    var rate: Double { Double(operations) / max(seconds, 1e-9) }
    /// CPU microseconds per operation, background work included.
    var cpuPerOperation: Double { cpuSeconds * 1e6 / Double(max(operations, 1)) }
    /// Bytes written per user byte; nil where nothing was written.
    var writeAmplification: Double? {
        userBytes == 0 ? nil : Double(writtenBytes) / Double(userBytes)
    }
}

/// Percentiles of single operations, microseconds.
struct Latency: Codable, Sendable {
    var p50: Double
    var p99: Double
    var p999: Double
    var max: Double

    init(_ histogram: Histogram<UInt64>) {
        func at(_ percentile: Double) -> Double {
            Double(histogram.valueAtPercentile(percentile)) / 1000
        }
        p50 = at(50)
        p99 = at(99)
        p999 = at(99.9)
        max = at(100)
    }

    /// An empty histogram of nanoseconds, to 60 s with three digits.
    static func histogram() -> Histogram<UInt64> {
        Histogram(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
    }
}
