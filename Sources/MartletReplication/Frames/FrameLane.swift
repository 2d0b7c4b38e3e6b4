package import MartletStore

/// One direction of one kind of connection. Its number goes into every checksum, so that a frame
/// of another lane does not verify.
package enum FrameLane: UInt64, Sendable {
    case followerToShipper = 1
    case shipperToFollower = 2
    case serverToShipper = 3
    case shipperToServer = 4

    /// The longest body. A frame that ships one batch must take the largest one, 64 MiB.
    package var bodyMax: Int {
        switch self {
        case .followerToShipper, .serverToShipper, .shipperToServer: 64 << 10
        case .shipperToFollower: 72 << 20
        }
    }

    package var format: FrameFormat { FrameFormat(lane: rawValue, bodyMax: bodyMax) }
}

extension FrameReader {
    package init(_ lane: FrameLane) { self.init(lane.format) }
}

extension Frame {
    /// The bytes of the frame that is number `number`, counted from 0, of its lane's connection.
    ///
    /// - Precondition: the body is not longer than the lane takes.
    package func encoded(_ lane: FrameLane, number: UInt64) -> [UInt8] {
        precondition(body.count <= lane.bodyMax, "a body of \(body.count) bytes")
        return encoded(lane.format, number: number)
    }
}
