package import MartletStore

extension FrameFormat {
    /// Frames of daemons are short, even with a table's rows in them.
    package static let ofDaemons = FrameFormat(countMax: 256 << 10)
    /// A server's may be a job with thousands of tables.
    package static let ofServer = FrameFormat(countMax: 8 << 20)
}
