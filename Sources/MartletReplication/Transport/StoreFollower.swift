package import MartletStore

/// A follower's store behind the machine's door. It is closed and opened again where its log is cut
/// or a seed takes its place.
///
/// `@unchecked Sendable`: what changes is touched under `monitor` only, which is held over each
/// work: there is one at a time.
package final class StoreFollower: FollowerStorage, @unchecked Sendable {
    private let directory: String
    private let options: StoreOptions
    private let environment: Environment
    private let takesOver: Bool
    private let incoming: IncomingSeed
    private let use: StoreUse
    private let monitor = Monitor()
    private var identity: FollowerIdentity
    private var opened: Store?
    /// How the store stood when it was last open: between a cut or a seed and the opening behind it
    /// the disk may fail, and what is there is not nothing then.
    private var known = FollowerState.nothing

    /// Opens what is there: a follower's store, a deposed or stopped primary's, which becomes a
    /// follower, or nothing.
    ///
    /// - Parameters:
    ///   - takesOver: whether a primary's directory may become a follower's.
    ///   - use: who else looks at the store.
    /// - Throws: `.locked`, `.corruption`, `.io`.
    package init(
        _ directory: String, options: StoreOptions, takesOver: Bool = true,
        use: StoreUse = .nobody, environment: Environment
    ) throws(StoreError) {
        self.use = use
        self.directory = directory
        self.options = options
        self.environment = environment
        self.takesOver = takesOver
        incoming = IncomingSeed(directory + ".incoming", environment.fileSystem)
        identity = try FollowerIdentity.open(besides: directory, environment)
        try Store.finishInstall(
            from: incoming.directory, at: directory, environment: environment)
        // Of the directory's time as a primary: they hold the room of tables that are gone.
        if takesOver { IncomingSeed.discardAll(in: "\(directory)/seeds", environment.fileSystem) }
        try open()
    }

    /// The number that was made for it.
    package var follower: UInt64 { monitor.withLock { identity.follower } }

    /// The store; `nil` where there is none yet.
    package var store: Store? { monitor.withLock { opened } }

    package var holdsWhatWasSeen: Bool { monitor.withLock { identity.holdsWhatWasSeen } }

    package func note(holdsWhatWasSeen: Bool) {
        monitor.withLock {
            // What cannot be kept is not held: it is only ever a hint in favour.
            do throws(StoreError) {
                try keep(holdsWhatWasSeen: holdsWhatWasSeen)
            } catch {
                identity.holdsWhatWasSeen = false
            }
        }
    }

    package func state() -> FollowerState { monitor.withLock { current() } }

    package func close() throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            try opened?.close()
            opened = nil
        }
    }

    /// The store is the caller's from now on, to be used and closed; there is none here any more.
    package func handOver() -> Store? {
        monitor.withLock {
            defer { opened = nil }
            return opened
        }
    }

    package func perform(_ work: FollowerWork) -> FollowerOutcome {
        monitor.withLock {
            do throws(StoreError) {
                return try run(work)
            } catch {
                return .failed(error)
            }
        }
    }

    // MARK: Holding the monitor

    private func open() throws(StoreError) {
        guard environment.fileSystem.exists("\(directory)/CURRENT") else { return }
        if takesOver {
            // What was told to the follower that this was before it was a primary is long over.
            let role = try ManifestReader.read(environment.fileSystem, directory: directory)
                .state.role
            if role != .follower { try keep(holdsWhatWasSeen: false) }
            try Store.becomeFollower(at: directory, environment: environment)
        }
        var options = options
        options.createIfMissing = false
        let store = try Store.open(at: directory, options: options, environment: environment)
        opened = store
        use.opened(store)
    }

    private func current() -> FollowerState {
        if let store = opened {
            known = FollowerState(
                storeID: store.id, history: store.terms, lastSequence: store.lastLogged,
                visible: store.lastLogged, promise: store.promise,
                nextTree: UInt32(store.shippedCatalog.entries.count))
        }
        var state = known
        if identity.promise.epoch > state.promise.epoch { state.promise = identity.promise }
        state.seed = incoming.id
        return state
    }

    private func requireStore() throws(StoreError) -> Store {
        guard let opened else {
            throw StoreError(.notFound, "there is no store yet", path: directory)
        }
        return opened
    }

    private func run(_ work: FollowerWork) throws(StoreError) -> FollowerOutcome {
        switch work {
        case .openSeed, .writeSeed, .installSeed: break
        // Closed for a cut or a seed, and not opened again since.
        default:
            if opened == nil {
                try Store.finishInstall(
                    from: incoming.directory, at: directory, environment: environment)
                try open()
            }
        }
        switch work {
        case .promise(let history): try promise(history)
        case .begin(let term): try begin(term)
        case .catalog(let edit):
            let store = try requireStore()
            try store.adoptCatalog(ShippedCatalog(edit))
            use.opened(store)
        case .append(let records):
            let store = try requireStore()
            guard let term = store.terms.current else {
                throw StoreError(.corruption, "a store without a term", path: directory)
            }
            _ = try store.appendShipped(records, after: store.lastLogged, in: term.id)
            use.applied(records)
        case .truncate(let sequence): return try cut(after: sequence)
        case .openSeed(let offer): return .seedOpened(try incoming.open(offer))
        case .writeSeed(let data):
            try incoming.write(data)
            return .seedWritten
        case .installSeed(let offer): return try install(offer)
        }
        return .done(current())
    }

    private func keep(holdsWhatWasSeen: Bool) throws(StoreError) {
        guard identity.holdsWhatWasSeen != holdsWhatWasSeen else { return }
        var next = identity
        next.holdsWhatWasSeen = holdsWhatWasSeen
        try next.write(besides: directory, environment.fileSystem)
        identity = next
    }

    /// Without a store the file beside it keeps the promise. Holds N1.
    private func promise(_ history: TermHistory) throws(StoreError) {
        // The primary of another term has its own way with readers, and has said nothing of it yet.
        // First, so that no crash leaves the old one's word beside the new promise.
        if history.currentID != current().promise { try keep(holdsWhatWasSeen: false) }
        if let opened { return try opened.promise(to: history) }
        guard identity.promise == .zero || identity.promise.allows(history) else {
            throw StoreError(.fenced, "epoch \(identity.promise.epoch) was promised")
        }
        var next = identity
        next.promise = history.currentID
        try next.write(besides: directory, environment.fileSystem)
        identity = next
    }

    /// A term that breaks with the one before has cursors of its own.
    private func begin(_ term: Term) throws(StoreError) {
        let store = try requireStore()
        if term.keepsCursors { return try store.beginTerm(term) }
        use.closing()
        defer { use.opened(store) }
        try store.beginTerm(term)
    }

    private func cut(after sequence: UInt64) throws(StoreError) -> FollowerOutcome {
        let store = try requireStore()
        use.closing()
        // Also where it cannot be closed in order: it takes nothing any more then.
        opened = nil
        try store.close()
        do throws(StoreError) {
            _ = try Store.cut(at: directory, after: sequence, environment: environment)
        } catch {
            try open()
            guard error.code == .gone else { throw error }
            return .needsSeed(current())
        }
        try open()
        return .done(current())
    }

    private func install(_ offer: SeedOffer) throws(StoreError) -> FollowerOutcome {
        if let message = try incoming.finish(offer) {
            try incoming.discard()
            return .seedDamaged(message)
        }
        let promise = current().promise
        let store = opened
        use.closing()
        opened = nil
        try store?.close()
        do throws(StoreError) {
            try Store.installSeed(
                from: incoming.directory, at: directory,
                promise: promise == .zero ? nil : promise, environment: environment)
        } catch {
            try Store.finishInstall(
                from: incoming.directory, at: directory, environment: environment)
            try open()
            guard error.code == .corruption else { throw error }
            try incoming.discard()
            return .seedDamaged(error.message)
        }
        try open()
        return .done(current())
    }
}

extension ShippedCatalog {
    /// The families that `edit` makes.
    init(_ edit: ManifestEdit) {
        self.init(
            edit.fields.compactMap { field in
                guard case .createFamily(let tree, let table, let schema) = field else {
                    return nil
                }
                return Entry(tree: tree, table: table, schema: schema)
            })
    }
}
