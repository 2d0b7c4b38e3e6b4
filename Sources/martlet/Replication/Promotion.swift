import MartletReplication
import MartletServer
import MartletStore
import NIOSSL

/// A promotion as an operator asks for it: of a follower that is stopped, or of one that runs.
struct Promotion: Sendable {
    /// How many other followers must have promised first.
    var fence = 0
    /// Where they connect to for that.
    var listen: HostPort?
    /// Seconds to wait for them.
    var wait = 60
    /// Whatever may be missing; clients begin afresh.
    var force = false
    /// A directory with the fence's certificates, and their name.
    var certificates: String?
    var name: String?

    /// What has become of the store.
    struct Outcome: Sendable {
        /// Of the term that it writes now.
        var epoch: UInt32
        /// Where the log of others ends.
        var sequence: UInt64
        /// Whether clients go on from the cursors that they have.
        var keepsCursors: Bool
        /// The only epoch of cursors that hold; `nil` if a process of an older version did it.
        var cursorEpoch: UInt32?

        init(_ term: Term, _ store: Store) {
            epoch = term.epoch
            sequence = term.firstSequence - 1
            keepsCursors = term.keepsCursors
            cursorEpoch = store.cursorEpoch
        }

        init?(_ answer: JSONValue) {
            guard let epoch = answer["epoch"]?.integer, let sequence = answer["sequence"]?.integer
            else { return nil }
            self.epoch = UInt32(clamping: epoch)
            self.sequence = UInt64(clamping: sequence)
            keepsCursors = answer["keepsCursors"] == .bool(true)
            cursorEpoch = answer["cursorEpoch"]?.integer.map { UInt32(clamping: $0) }
        }

        /// For the control socket.
        var json: ControlAnswer {
            .json { writer in
                writer.key("epoch")
                writer.integer(UInt64(epoch))
                writer.key("sequence")
                writer.integer(sequence)
                writer.key("keepsCursors")
                writer.bool(keepsCursors)
                guard let cursorEpoch else { return }
                writer.key("cursorEpoch")
                writer.integer(UInt64(cursorEpoch))
            }
        }

        /// For whoever asked.
        var text: String {
            let cursors = cursorEpoch.map {
                (keepsCursors ? "\nclients keep their cursors, of" : "\nclients begin afresh, in")
                    + " epoch \($0)"
            }
            return "promoted to epoch \(epoch), behind sequence \(sequence)" + (cursors ?? "")
        }
    }

    /// Promotes the store, which follows nobody any more.
    ///
    /// - Throws: `Complaint` where somebody else is to be promoted, or has promised otherwise;
    ///   `StoreError`. The store is a follower's as before then.
    func run(_ storage: StoreFollower, _ directory: String) async throws -> Outcome {
        guard let store = storage.store else {
            throw Complaint(description: "\(directory): there is no store")
        }
        var above: UInt32 = 0
        if fence > 0 && !force { above = try await runFence(storage).epoch }
        do {
            let term = try store.promote(
                above: above, keepsCursors: !force && storage.holdsWhatWasSeen)
            return Outcome(term, store)
        } catch {
            throw OpenData.explain(error, directory)
        }
    }

    private func runFence(_ storage: StoreFollower) async throws -> TermID {
        guard let listen else { throw Complaint(description: "--fence needs --listen") }
        var tls: NIOSSLContext?
        if let certificates {
            tls = try TLSSetup.server(
                ReplicationCertificates(in: certificates, name: name ?? ""))
        }
        let service = FenceService(
            storage: storage, needed: fence, host: listen.host, port: listen.port, tls: tls,
            environment: .system)
        switch try await service.run(seconds: wait) {
        case .won: return service.term
        case .waiting(let missing):
            throw Complaint(
                description: "\(missing) of \(fence) followers have not promised in \(wait) s")
        case .behind(let answer):
            throw Complaint(
                description: "another follower has more, up to sequence"
                    + " \(answer.lastSequence) of term \(answer.history.currentID):"
                    + " promote that one")
        case .outbid(let term):
            throw Complaint(
                description: "term \(term) was promised to another one; run this again to go"
                    + " above it")
        }
    }
}

/// As a request on the follower's control socket.
extension Promotion {
    var body: [UInt8] {
        ControlAnswer.json { writer in
            writer.key("fence")
            writer.integer(UInt64(max(0, fence)))
            writer.key("wait")
            writer.integer(UInt64(max(0, wait)))
            writer.key("force")
            writer.bool(force)
            let texts: [(StaticString, String?)] = [
                ("listen", listen?.text), ("certificates", certificates), ("name", name),
            ]
            for (key, text) in texts {
                guard let text else { continue }
                writer.key(key)
                writer.string(text)
            }
        }.body
    }

    init(_ request: ControlRequest) throws(ControlFault) {
        for (key, value) in try request.fields() {
            switch (key, value) {
            case ("fence", .integer(let number)) where 0...1_000 ~= number: fence = Int(number)
            case ("wait", .integer(let number)) where 1...86_400 ~= number: wait = Int(number)
            case ("force", .bool(let isForced)): force = isForced
            case ("certificates", .string(let text)): certificates = text
            case ("name", .string(let text)): name = text
            case ("listen", .string(let text)):
                guard let address = HostPort(argument: text) else { fallthrough }
                listen = address
            default: throw .badRequest("\(key): not as it must be")
            }
        }
    }
}
