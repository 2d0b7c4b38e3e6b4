import MartletReplication
import MartletStore

extension FuzzTarget {
    private static var streams: [StreamCheck] {
        [
            StreamCheck(FrameLane.followerToShipper.format, FollowerFrame.self),
            StreamCheck(FrameLane.shipperToFollower.format, ShipperFrame.self),
            StreamCheck(FrameLane.serverToShipper.format, ServerFrame.self),
            StreamCheck(FrameLane.shipperToServer.format, LinkReport.self),
        ]
    }

    /// The first byte selects the lane, the second how many bytes come at a time.
    static let replication = FuzzTarget(
        name: "replication", summary: "bytes on a lane of the replication protocol",
        lengthMax: 4_096,
        seeds: {
            let frames = [
                try ReplicationSamples.followerFrames().map { $0.frame() },
                try ReplicationSamples.shipperFrames().map { $0.frame() },
                try ReplicationSamples.serverFrames().map { $0.frame() },
                ReplicationSamples.reports().map { $0.frame() },
            ]
            return frames.enumerated().flatMap { lane, frames in
                let format = streams[lane].format
                let all = frames.enumerated().flatMap {
                    $1.encoded(format, number: UInt64($0))
                }
                let single = frames.map { $0.encoded(format, number: 0) }
                return (single + [all]).map { [UInt8(lane), 12] + $0 }
            }
        },
        finding: { bytes in
            guard bytes.count > 2 else { return nil }
            return streams[Int(bytes[0] & 3)].finding(bytes[2...], piece: Int(bytes[1]) + 1)
        })
}
