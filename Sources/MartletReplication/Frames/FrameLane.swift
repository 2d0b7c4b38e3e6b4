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
}
