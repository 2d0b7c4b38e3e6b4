import Glibc
import MartletChat

/// What one event loop counts: a line for each thing that happens there.
package final class HubMeter {
    package let metrics: ServerMetrics
    package let sheet: MetricSheet
    /// For threads that are not the loop's.
    let shared: SharedSheet

    package init(_ registry: MetricRegistry = MetricRegistry()) {
        metrics = registry.metrics
        sheet = registry.makeSheet()
        shared = registry.shared
    }

    /// Monotonic microseconds.
    @inline(__always)
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000 &+ UInt64(time.tv_nsec) / 1_000
    }

    func opened() {
        sheet.add(metrics.socketsOpened)
        sheet.add(metrics.sockets)
    }

    func closed() { sheet.add(metrics.sockets, by: -1) }

    func closing(_ code: CloseCode) {
        sheet.add(metrics.socketsClosed, ServerMetrics.index(ofClose: code.number))
    }

    func received(_ frame: Result<ClientFrame, FrameFault>) {
        if case .success(let frame) = frame {
            sheet.add(metrics.frames, ServerMetrics.index(ofVerb: frame.request.verb))
        } else {
            sheet.add(metrics.frames, ServerMetrics.verbs.count - 1)
        }
    }

    /// Over HTTP.
    func received(_ request: DoorRequest) {
        switch request {
        case .call(let frame, _): received(.success(frame))
        case .poll: sheet.add(metrics.frames, ServerMetrics.index(ofVerb: "poll"))
        }
    }

    func answered(_ frame: ServerFrame) {
        switch frame {
        case .error(let error):
            sheet.add(metrics.refusals, ServerMetrics.index(ofError: error.code))
        case .sent(let receipt, _, _):
            count(
                receipt.isDuplicate ? .repeated : receipt.conversation.isGroup ? .group : .direct)
        case .cursor: count(.receipt)
        case .action(_, .revised): count(.edited)
        case .action(_, .deleted): count(.deleted)
        default: break
        }
    }

    private func count(_ kind: ServerMetrics.MessageKind, by amount: Int = 1) {
        sheet.add(metrics.messages, kind.index, by: amount)
    }

    /// An event went to this many sockets.
    func pushed(to sockets: Int) {
        count(.event, by: sockets)
    }

    /// Something that they watch went to this many sockets.
    func told(_ sockets: Int) {
        sheet.add(metrics.presence, ServerMetrics.PresenceWork.pushed.index, by: sockets)
    }

    func wrote(_ bytes: Int) { sheet.add(metrics.bytesWritten, by: bytes) }

    func queued(_ bytes: Int) { sheet.set(metrics.queuedBytes, to: bytes) }

    func took(_ stage: ServerMetrics.LatencyStage, since start: UInt64) {
        sheet.record(metrics.latency, stage.index, Self.now() &- start)
    }
}

extension ClientRequest {
    /// The verb's name on the wire.
    package var verb: String {
        switch self {
        case .hi: "hi"
        case .register: "register"
        case .login: "login"
        case .auth: "auth"
        case .logout: "logout"
        case .find: "find"
        case .send: "send"
        case .history: "history"
        case .conversations: "conversations"
        case .sync: "sync"
        case .delivered: "delivered"
        case .read: "read"
        case .ping: "ping"
        case .devices: "devices"
        case .revoke: "revoke"
        case .password: "password"
        case .subscribe: "subscribe"
        case .unsubscribe: "unsubscribe"
        case .action(let action): "\(action.verb)"
        }
    }
}
