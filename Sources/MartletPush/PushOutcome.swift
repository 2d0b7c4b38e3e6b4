/// What became of one push.
public enum PushOutcome: Sendable, Hashable {
    /// The service took it.
    case accepted
}
