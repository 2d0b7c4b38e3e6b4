import Foundation
import MartletStore

@testable import MartletChat

/// The read-only chat in a copy of a fixture's store, and what a shipper does for it.
///
/// `@unchecked Sendable`: nothing changes but in the store.
final class FollowerChat: @unchecked Sendable {
    let directory: String
    let store: Store
    let chat: ChatService
    private let source: ChatFixture

    init(of source: ChatFixture) throws {
        self.source = source
        directory = source.directory + "-copy"
        let seed = source.directory + "-seed"
        _ = try source.store.checkpoint(at: seed)
        try Store.installSeed(from: seed, at: directory, promise: nil)
        store = try Store.open(at: directory)
        var options = source.options
        options.isReadOnly = true
        chat = try ChatService.open(store, options: options)
    }

    deinit {
        chat.close()
        try? store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Applies all that the source has logged and this lacks, and tells the chat.
    func ship() throws {
        let tail = LogTail(
            Environment.system.fileSystem, directory: source.directory + "/log",
            storeID: store.id, next: store.lastLogged + 1)
        while store.lastLogged < source.store.lastLogged {
            let records = try tail.read(upTo: nil, bytes: 1 << 20)
            guard let term = store.terms.current, !records.isEmpty else { return }
            _ = try store.appendShipped(records, after: store.lastLogged, in: term.id)
            try chat.applied(records)
        }
    }
}
