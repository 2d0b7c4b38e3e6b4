/// What has happened to a write when it is acknowledged. Named in every benchmark line.
public struct Durability: Sendable, Hashable, CustomStringConvertible {
    enum Level: Hashable { case synced, written, skipLog, replicated(Int) }
    let level: Level

    /// On disk: survives a power cut. The default.
    public static let synced = Durability(level: .synced)
    /// In the kernel: survives the process, not a power cut.
    public static let written = Durability(level: .written)
    /// Only in memory until the next flush: survives nothing. For data that can be made again.
    public static let skipLog = Durability(level: .skipLog)
    /// On disk here and on `followers` other machines, and not visible before. Refused with
    /// `.unavailable`, with nothing written, while fewer are attached.
    public static func replicated(_ followers: Int) -> Durability {
        Durability(level: .replicated(followers))
    }

    /// The level's name.
    public var description: String {
        switch level {
        case .synced: "synced"
        case .written: "written"
        case .skipLog: "skipLog"
        case .replicated(let followers): "replicated(\(followers))"
        }
    }
}
