import MartletChat
import MartletServer
import NIOCore

/// Drives a `SessionStateMachine` by hand and records what it does as lines of text.
struct SessionScript {
    var machine = SessionStateMachine(epoch: 3, second: 0)
    var second = 0
    var wall: UInt64 = 1_000_000
    private(set) var calls: [(ticket: UInt32, call: ChatCall)] = []

    var lastCall: ChatCall? { calls.last?.call }

    /// A text frame of the client.
    mutating func client(_ text: String) -> [String] {
        handle(.frame(Self.parse(text)))
    }

    /// The oldest open call ends.
    mutating func reply(_ outcome: ChatOutcome) -> [String] {
        guard !calls.isEmpty else { return ["no open call"] }
        return handle(.outcome(calls.removeFirst().ticket, outcome))
    }

    mutating func handle(_ event: SessionStateMachine.Event) -> [String] {
        machine.handle(event, at: .init(second: second, wall: wall)).compactMap { action in
            switch action {
            case .write(let answer):
                return Self.text(answer)
            case .call(let ticket, let call):
                calls.append((ticket, call))
                return nil
            case .attach(let user, _): return "attach \(user)"
            case .detach: return "detach"
            case .revoke(let user, let token): return "revoke \(user) \(token)"
            case .close(let code): return "close \(code.number)"
            }
        }
    }

    /// A script whose `hi` and `auth` are done: user 1, token "t", expiry at `expiresAt`.
    static func authenticated(expiresAt: UInt64 = .max >> 11) -> SessionScript {
        var script = SessionScript()
        _ = script.client(#"{"hi":{"version":1,"agent":"test"}}"#)
        _ = script.client(#"{"auth":{"token":"t"}}"#)
        _ = script.reply(.session(session(expiresAt: expiresAt)))
        return script
    }

    static func session(_ user: UInt64 = 1, token: String? = nil, expiresAt: UInt64) -> Session {
        Session(user: UserID(rawValue: user), name: "ann", token: token, expiresAt: expiresAt)
    }

    static func message(_ number: UInt64, _ text: String = "x") -> Message {
        Message(
            conversation: ConversationID(rawValue: 2), number: number,
            sender: UserID(rawValue: 2), clientMessageID: nil, sentAt: 5, text: text)
    }

    static func parse(_ text: String) -> Result<ClientFrame, FrameFault> {
        parse(Array(text.utf8))
    }

    static func parse(_ bytes: [UInt8]) -> Result<ClientFrame, FrameFault> {
        bytes.withUnsafeBytes { bytes in
            do throws(FrameFault) {
                return .success(try ClientFrame(parsing: bytes))
            } catch {
                return .failure(error)
            }
        }
    }

    private static func text(_ answer: Answer) -> String {
        var json = JSONWriter()
        answer.write(to: &json, facts: ServerFacts(build: "b"))
        return String(buffer: json.finish())
    }
}

let hiAnswer =
    #""hi":{"version":1,"build":"b","epoch":3,"limits":{"frameBytes":65536,"answerBytes":262144,"#
    + #""textBytes":16384,"clientMessageIDBytes":64,"idBytes":64,"depth":16,"#
    + #""openRequests":32,"page":100},"#
    + #""pingSeconds":25,"heartbeat":{"ping":25,"pong":8},"#
    + #""push":{"web":false,"apns":false,"fcm":false},"windows":{}"#
let peerID = "0000000000000002"
let unauthorizedText =
    #""error":{"code":"unauthorized","status":401,"message":"not authenticated"}"#
