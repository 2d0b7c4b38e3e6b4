import MartletHarness
import MartletSimulation

/// A client that nobody has told of a failover: it goes on writing to the server that it knows, and
/// reads nothing. What it is told is stored must be there in the end.
final class StrayClient {
    private let user: UInt64
    private let peer: UInt64
    private let token: String
    private let history: ChatHistory
    private let name: String
    private var transport: SocketTransport?
    private var epoch: UInt64 = 0
    private var isLive = false
    private var nextAt: UInt64 = 0
    private var open: [String: ClientSend] = [:]
    private(set) var tried = 0
    private(set) var acknowledged = 0

    init(_ device: ProbeDevice, to peer: UInt64, _ name: String, _ history: ChatHistory) {
        user = device.user
        token = device.token
        self.peer = peer
        self.name = name
        self.history = history
    }

    func connect(to server: Endpoint, source: UInt32) {
        transport = try? SocketTransport(to: server, source: source)
    }

    func close() { transport?.close() }

    func advance() throws {
        for arrival in try transport?.advance() ?? [] {
            switch arrival {
            case .opened:
                transport?.send([
                    "id": "hi",
                    "hi": ["version": 1, "agent": "martlet-probe/1", "token": .string(token)],
                ])
            case .frame(let frame): try take(frame)
            case .closed:
                transport?.close()
                isLive = false
            }
        }
        let now = monotonicNow()
        guard isLive, now >= nextAt else { return }
        nextAt = now + milliseconds(50)
        sendOne()
    }

    private func sendOne() {
        tried += 1
        let id = "\(name).\(tried)"
        let send = ClientSend(
            DeviceKey(user, 8), .between(user, peer), clientMessageID: id, content: id)
        open[id] = send
        history.record(.sendAsked(send))
        transport?.send([
            "id": .string(id),
            "send": [
                "conversation": Wire.hex(peer), "text": .string(id), "clientMessageID": .string(id),
            ],
        ])
    }

    private func take(_ frame: JSON) throws {
        if let hi = frame["hi"] {
            epoch = UInt64(hi["epoch"]?.integer ?? 0)
            isLive = hi["session"] != nil
        }
        guard let id = frame["id"]?.string, let send = open.removeValue(forKey: id) else { return }
        switch try Wire(user: user).answer(frame, epoch: epoch) {
        case .sent(let answer):
            acknowledged += 1
            history.record(.sendAnswered(send, answer))
        case .failed(isFinal: true): history.record(.sendRefused(send))
        default: break
        }
    }
}
