import MartletSimulation
import MartletStore

@testable import MartletChat

/// The network between clients and server, and the end of a run.
extension ClientWorld {
    func connectOne() {
        let free = clients.indices.filter { links[$0] == nil }
        if let index = free.randomElement(using: &random) { connect(index) }
    }

    func connect(_ index: Int) {
        linksMade += 1
        links[index] = Link(id: linksMade)
        send(clients[index].connect(), of: index)
    }

    func cut(_ index: Int) {
        guard links[index] != nil else { return }
        links[index] = nil
        clients[index].cut()
        counts.cuts += 1
    }

    func send(_ calls: [ClientCall], of index: Int) {
        links[index]?.toServer += calls
    }

    private func happens(_ rate: Int) -> Bool { Int.random(in: 0..<1_000, using: &random) < rate }

    /// Takes up what the server has said.
    func collect() {
        let epoch = UInt64(server.chat.epoch)
        for letter in server.mailbox.takeAll() {
            switch letter {
            case .answer(let connection, let id, let answer):
                guard let index = links.firstIndex(where: { $0?.id == connection }) else {
                    continue
                }
                links[index]?.toClient.append(.answer(id: id, answer))
            case .push(let delivery):
                let user = delivery.user
                let frame = Frame.push(epoch: epoch, SeenEvent(delivery.event, of: user))
                for index in clients.indices where clients[index].device.user == user.rawValue {
                    links[index]?.toClient.append(frame)
                }
            }
        }
    }

    /// One frame of a random connection arrives, or is lost, or comes twice or too early.
    func deliver() {
        let busy = links.indices.filter { index in
            links[index].map { !$0.toServer.isEmpty || !$0.toClient.isEmpty } ?? false
        }
        guard let index = busy.randomElement(using: &random), let link = links[index] else {
            _ = simulation.executor.runOne()
            return
        }
        let isUp = link.toClient.isEmpty || (!link.toServer.isEmpty && Bool.random(using: &random))
        let count = isUp ? link.toServer.count : link.toClient.count
        var place = 0
        if count > 1, happens(faults.reordered) {
            place = Int.random(in: 1..<count, using: &random)
            counts.reordered += 1
        }
        let isDuplicated = happens(faults.duplicated)
        let isDropped = !isDuplicated && happens(faults.dropped)
        if isDuplicated { counts.duplicated += 1 }
        if isDropped { counts.dropped += 1 }
        if isUp {
            let call = link.toServer[place]
            if !isDuplicated { links[index]?.toServer.remove(at: place) }
            if !isDropped { server.serve(call, of: clients[index].device, on: link.id) }
        } else {
            let frame = link.toClient[place]
            if !isDuplicated { links[index]?.toClient.remove(at: place) }
            if !isDropped { take(frame, index) }
        }
    }

    private func take(_ frame: Frame, _ index: Int) {
        switch frame {
        case .answer(let id, let answer):
            if case .noticed(let group, _) = answer, groups[group] == nil {
                groups[group] = clients[index].device.user
            }
            send(clients[index].receive(answer, for: id), of: index)
        case .push(let epoch, let event):
            send(clients[index].receive(event, epoch: epoch, connection: nil), of: index)
        }
    }

    // MARK: The end

    /// Nothing fails any more: everybody connects anew, sends what is unsent and reads what is
    /// unread.
    func settle() throws {
        history.record(.note("peace"))
        try crash()
        for index in clients.indices { connect(index) }
        try rest()
    }

    /// Delivers, in order, until all are at rest.
    private func rest() throws {
        for round in 0..<20_000 {
            simulation.executor.runAll()
            collect()
            let busy = links.indices.filter { links[$0].map { !$0.toClient.isEmpty } ?? false }
            for index in busy {
                let frames = links[index]?.toClient ?? []
                links[index]?.toClient.removeAll()
                for frame in frames { take(frame, index) }
            }
            let asked = links.indices.filter { links[$0].map { !$0.toServer.isEmpty } ?? false }
            for index in asked {
                guard let link = links[index] else { continue }
                links[index]?.toServer.removeAll()
                for call in link.toServer {
                    server.serve(call, of: clients[index].device, on: link.id)
                }
            }
            guard busy.isEmpty, asked.isEmpty, simulation.executor.waiting == 0 else { continue }
            if clients.allSatisfy(\.isAtRest) { return }
            // An overloaded server has refused something: ask again.
            if round % 2 == 1 {
                for index in clients.indices { send(clients[index].retry(), of: index) }
            }
        }
        throw WorldError("seed \(seed): the clients do not come to rest")
    }

    /// A new device of every user reads the whole inbox, every conversation and the list of them.
    func audit() throws {
        let epoch = UInt64(server.chat.epoch)
        for user in users {
            clients.append(
                ChatClient(
                    DeviceKey(user.rawValue, 9), history, pageLimit: 50,
                    cursor: SeenCursor(epoch: epoch, seq: 0)))
            links.append(nil)
            connect(clients.count - 1)
        }
        try rest()
        for index in clients.indices.suffix(users.count) {
            let own = clients[index].device.user
            send(clients[index].askForSummaries(), of: index)
            let pairs = users.map { ConversationKey.between(own, $0.rawValue) }
            for key in pairs + groups.keys.sorted(by: { "\($0)" < "\($1)" }) {
                send(clients[index].ask(key, .newest, limit: 1_000), of: index)
                send(clients[index].ask(key, .after(0), limit: 1_000), of: index)
            }
        }
        try rest()
        for client in clients {
            let auditor = clients.last { $0.device.user == client.device.user }
            if client.cursor != auditor?.cursor {
                throw WorldError("seed \(seed): \(client.device) stands at \(client.cursor)")
            }
        }
        var verifier = try ChatVerifier(server.store)
        let report = try verifier.run()
        if let error = report.errors.first { throw WorldError("seed \(seed): \(error)") }
    }
}

struct WorldError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
