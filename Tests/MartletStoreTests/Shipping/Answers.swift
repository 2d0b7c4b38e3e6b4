@testable import MartletStore

/// What the completions of submitted writes said, in their order.
///
/// `@unchecked Sendable`: the list is touched under `monitor` only, by whichever thread completes
/// a write or looks.
final class Answers: @unchecked Sendable {
    private let monitor = Monitor()
    private var list: [Result<UInt64, StoreError>] = []

    var all: [Result<UInt64, StoreError>] { monitor.withLock { list } }
    var codes: [StoreError.Code] {
        all.compactMap { if case .failure(let error) = $0 { error.code } else { nil } }
    }

    func add(_ answer: Result<UInt64, StoreError>) {
        monitor.withLock {
            list.append(answer)
            monitor.broadcast()
        }
    }

    /// Blocks until there are `count`.
    func wait(for count: Int) {
        monitor.withLock {
            while list.count < count { monitor.wait() }
        }
    }
}
