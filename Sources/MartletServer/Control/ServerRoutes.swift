package import MartletStore

/// What the control socket tells of the server, and has it do.
package struct ServerRoutes: Sendable {
    /// The version and where the data is.
    package var version: String
    package var directory: String
    package var store: Store
    package var registry: MetricRegistry
    /// Whether new connections are taken.
    package var isReady: @Sendable () -> Bool
    /// What new connections wait for; `nil` for nothing.
    package var waitsFor: @Sendable () -> String?
    /// Runs what blocks.
    package var background: @Sendable (@escaping @Sendable () -> Void) -> Void

    package init(
        version: String, directory: String, store: Store, registry: MetricRegistry,
        isReady: @escaping @Sendable () -> Bool,
        waitsFor: @escaping @Sendable () -> String? = { nil },
        background: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.version = version
        self.directory = directory
        self.store = store
        self.registry = registry
        self.isReady = isReady
        self.waitsFor = waitsFor
        self.background = background
    }

    package var all: [ControlRoute] {
        [
            ControlRoute("GET", "/v1/status") { _, reply in reply(status()) },
            ControlRoute("POST", "/v1/backup") { request, reply throws(ControlFault) in
                try backup(request, reply)
            },
            ControlRoute("GET", "/metrics") { _, reply in
                // Statistics take the store's locks, which a commit may hold for a moment.
                background {
                    var text = registry.text()
                    var numbers = MetricText()
                    numbers.add(
                        store.statistics(), isPoisoned: store.failure != nil, epoch: store.epoch)
                    numbers.add(store.desk.status())
                    text += numbers.text
                    reply(.text(text, contentType: MetricText.contentType))
                }
            },
        ]
    }

    private func status() -> ControlAnswer {
        let failure = store.failure
        return .json { writer in
            writer.key("version")
            writer.string(version)
            writer.key("data")
            writer.string(directory)
            writer.key("epoch")
            writer.integer(UInt64(store.epoch))
            writer.key("ready")
            writer.bool(failure == nil && isReady())
            if let failure {
                writer.key("failure")
                writer.string("\(failure)")
            }
            if let reason = waitsFor() {
                writer.key("waitsFor")
                writer.string(reason)
            }
        }
    }

    /// A checkpoint; the caller verifies it.
    private func backup(
        _ request: ControlRequest, _ reply: @escaping ControlRouter.Reply
    ) throws(ControlFault) {
        guard case .string(let target)? = try request.fields()["to"], target.hasPrefix("/") else {
            throw .badRequest("to: an absolute path")
        }
        background {
            do throws(StoreError) {
                let report = try store.checkpoint(at: target)
                reply(Self.answer(report, target))
            } catch {
                reply(ControlAnswer(ControlFault(error)))
            }
        }
    }

    private static func answer(_ report: CheckpointReport, _ target: String) -> ControlAnswer {
        .json { writer in
            writer.key("to")
            writer.string(target)
            writer.key("epoch")
            writer.integer(UInt64(report.epoch))
            writer.key("sequence")
            writer.integer(report.sequence)
            writer.key("tables")
            writer.integer(UInt64(report.tables))
            writer.key("linked")
            writer.integer(UInt64(report.linkedTables))
            writer.key("copiedBytes")
            writer.integer(report.copiedBytes)
        }
    }
}

extension ControlFault {
    /// The store's code, and the like HTTP status.
    package init(_ error: StoreError) {
        let status =
            switch error.code {
            case .invalidArgument: 400
            case .notFound: 404
            case .alreadyExists, .locked: 409
            case .busy: 429
            case .noSpace: 507
            case .closed, .poisoned: 503
            default: 500
            }
        self.init(status, error.code.description, error.messageAndPlace)
    }
}
