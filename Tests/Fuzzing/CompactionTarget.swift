import MartletCompaction
import MartletStore

extension FuzzTarget {
    private static var streams: [StreamCheck] {
        [
            StreamCheck(.ofDaemons, DaemonFrame.self), StreamCheck(.ofServer, ServerFrame.self),
        ]
    }

    /// The first byte selects the side, the second how many bytes come at a time.
    static let compaction = FuzzTarget(
        name: "compaction", summary: "bytes on a connection of a compaction daemon",
        lengthMax: 4_096,
        seeds: {
            let frames = [
                CompactionSamples.daemon.map(\.encoded), CompactionSamples.server.map(\.encoded),
            ]
            return frames.enumerated().flatMap { side, frames in
                (frames + [frames.flatMap { $0 }]).map { [UInt8(side), 8] + $0 }
            }
        },
        finding: { bytes in
            guard bytes.count > 2 else { return nil }
            return streams[Int(bytes[0] & 1)].finding(bytes[2...], piece: Int(bytes[1]) + 1)
        })
}
