import MartletSimulation
import MartletStore

@testable import MartletChat

/// What one server process has said so far and the network has not taken up yet. With the process
/// the mailbox goes.
///
/// `@unchecked Sendable`: the list is read and written under `monitor` only, and what is handed out
/// is a copy.
final class Mailbox: @unchecked Sendable {
    enum Letter {
        case answer(connection: Int, id: Int, ClientAnswer)
        case push(Delivery)
    }

    private let monitor = Monitor()
    private var letters: [Letter] = []

    func add(_ letter: Letter) { monitor.withLock { letters.append(letter) } }

    func takeAll() -> [Letter] {
        monitor.withLock {
            defer { letters.removeAll() }
            return letters
        }
    }
}
