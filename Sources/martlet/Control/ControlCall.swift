import ArgumentParser
import MartletChat
import MartletServer
import MartletStore

/// Where a command finds the server that it is about.
struct ControlOptions: ParsableArguments {
    @Option(help: "The data directory.")
    var data: String?

    @OptionGroup var configuration: ConfigOptions

    func call() throws -> ControlCall {
        let config = try configuration.load(data.map { [("data", $0)] } ?? [])
        return ControlCall(config)
    }
}

/// One question to the server of a data directory; where none runs, to the store itself, by the
/// same routes.
struct ControlCall {
    let data: String
    let socket: String
    private let config: Config

    init(_ config: Config) {
        self.config = config
        data = config.text("server.data")
        socket = ControlCall.socket(config)
    }

    /// Where the server of `config` has its control socket.
    static func socket(_ config: Config) -> String {
        let path = config.text("control.socket")
        return path.isEmpty ? config.text("server.data") + "/control.sock" : path
    }

    /// The answer's body. Throws what the answer refuses, in its words.
    func ask(_ method: String, _ target: String, body: [UInt8] = []) throws -> [UInt8] {
        let answer = try answer(method, target, body)
        guard (200..<300).contains(answer.status) else {
            let fault = (try? JSONValue(answer.body))?["error"]
            let code = fault?["code"]?.text ?? "status \(answer.status)"
            throw Complaint(description: "\(code): \(fault?["message"]?.text ?? "refused")")
        }
        return answer.body
    }

    /// Nothing is driven again but what is asked for.
    private var chatOptions: ChatOptions {
        var options = ServeSettings.chat(config)
        options.drivesFailed = false
        return options
    }

    private func answer(
        _ method: String, _ target: String, _ body: [UInt8]
    ) throws -> ControlAnswer {
        do throws(ControlSocketError) {
            return try ControlClient.ask(socket, method, target, body: body)
        } catch {
            guard error.isNobodyThere else { throw Complaint(description: error.description) }
        }
        guard let request = ControlRequest(method: method, target: target, body: body) else {
            throw Complaint(description: "cannot ask for \(target)")
        }
        var options = StoreOptions()
        options.createIfMissing = false
        let store = try OpenData.open(at: data, options: options)
        let chat = try ChatService.open(store, options: chatOptions)
        let routes = ServerRoutes(
            version: MartletCommand.configuration.version, directory: data, store: store,
            registry: MetricRegistry(), isReady: { false }, background: { $0() })
        let router = ControlRouter(
            routes.all + AdminRoutes.all(AdminPort(chat)) + FailedRoutes.all(chat)
                + PushRoutes(chat).all)
        let answer = OneAnswer()
        router.answer(request) { answer.set($0) }
        let result = answer.wait()
        chat.close()
        try store.close()
        return result
    }
}

/// Hands one answer from any thread to the one that waits.
///
/// `@unchecked Sendable`: `answer` is read and written under `monitor` only, which is the one
/// thing that both threads share.
private final class OneAnswer: @unchecked Sendable {
    private let monitor = Monitor()
    private var answer: ControlAnswer?

    func set(_ value: ControlAnswer) {
        monitor.withLock {
            answer = value
            monitor.broadcast()
        }
    }

    func wait() -> ControlAnswer {
        monitor.withLock {
            while true {
                if let answer { return answer }
                monitor.wait()
            }
        }
    }
}
