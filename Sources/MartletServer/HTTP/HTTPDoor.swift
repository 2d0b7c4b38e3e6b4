import MartletChat
import NIOCore
import NIOHTTP1

/// `/v1/call` and `/v1/poll`: the machines' actions on this connection.
extension HTTPHandler {
    private var hub: Hub { site.hub }

    func serve(_ path: DoorRequest.Path, _ body: ByteBuffer, _ head: HTTPRequestHead) {
        let keepsAlive = keepsAlive(head)
        if head.method == .OPTIONS { return answerPreflight(keepsAlive: keepsAlive) }
        let request: DoorRequest
        do throws(FrameFault) {
            request = try DoorRequest(path, body, authorization: head.headers["authorization"])
            hub.meter.received(request)
        } catch {
            hub.meter.received(.failure(error))
            if hub.isDraining { return refuseDraining(error.id) }
            let wait = hub.gate.admit(.other, nil, peer)
            let refusal = wait.map { ErrorFrame.tooMany($0) } ?? ErrorFrame(error)
            return answer(.init(error.id, .error(refusal)), keepsAlive: keepsAlive)
        }
        if hub.isDraining { return refuseDraining(request.id) }
        requests &+= 1
        let open = OpenRequest(
            request, epoch: hub.port.epoch, keepsAlive: keepsAlive, number: requests,
            serial: hub.gate.nextSerial())
        if let wait = hub.gate.admit(open.verb, nil, peer) {
            return answer(.init(request.id, .error(.tooMany(wait))), keepsAlive: keepsAlive)
        }
        self.open = open
        hub.began(self)
        if open.call != nil { handle(open, CallMachine.Event.start) }
        if open.poll != nil { handle(open, PollMachine.Event.start) }
    }

    private func refuseDraining(_ id: String?) {
        answer(.init(id, .error(.draining)), keepsAlive: false)
    }

    // MARK: Events

    /// A call of the domain is over.
    func finish(_ ticket: UInt32, _ outcome: ChatOutcome) {
        guard let open, let own = open.ownTicket(ticket) else { return }
        if open.call != nil { handle(open, CallMachine.Event.outcome(own, outcome)) }
        if open.poll != nil { handle(open, PollMachine.Event.outcome(outcome)) }
    }

    /// An event of a poll, if one is open here.
    func handlePoll(_ event: PollMachine.Event) {
        if let open, open.poll != nil { handle(open, event) }
    }

    /// The next look at an open request.
    func tick(_ open: OpenRequest, at second: Int) -> Int {
        handlePoll(.tick)
        return self.open?.poll?.deadline ?? deadline
    }

    private func handle(_ open: OpenRequest, _ event: CallMachine.Event) {
        for action in open.call?.handle(event, at: hub.moment) ?? [] {
            switch action {
            case .call(let ticket, let call):
                hub.perform(
                    call, key, ticket: open.ticket(ticket), peer, for: peer.request)
            case .admit(let user):
                let wait = hub.gate.admit(open.verb, user, peer)
                handle(open, CallMachine.Event.admitted(wait: wait))
            case .revoke(let user, let token):
                hub.postToAll(.revoke(user, token: token))
            case .answer(let answer):
                close(open, answer)
            }
        }
    }

    private func handle(_ open: OpenRequest, _ event: PollMachine.Event) {
        for action in open.poll?.handle(event, at: hub.moment) ?? [] {
            switch action {
            case .call(let call):
                hub.perform(call, key, ticket: open.ticket(0), peer, for: peer.request)
            case .admit(let user):
                let wait = hub.gate.admit(open.verb, user, peer)
                handle(open, PollMachine.Event.admitted(wait: wait))
            case .register(let user):
                open.registered = user
                hub.register(self, open, user)
            case .answer(let frame):
                close(open, Answer(nil, frame, position: open.poll?.position))
            }
        }
        guard self.open === open, let due = open.poll?.deadline else { return }
        if due < nextCheck { hub.schedule(key, self, at: due) }
        removeCodec()
    }

    /// Forgets the open request; its outcomes lead nowhere.
    func dropOpenRequest() {
        guard let old = open else { return }
        open = nil
        if let user = old.registered { hub.unregister(self, user) }
        hub.finished(self)
    }

    private func close(_ open: OpenRequest, _ answer: Answer) {
        guard self.open === open else { return }
        dropOpenRequest()
        self.answer(answer, keepsAlive: open.keepsAlive)
    }

    // MARK: Answers

    /// What a browser asks before it lets a page of another origin post here.
    private func answerPreflight(keepsAlive: Bool) {
        var headers = site.guards
        for (name, value) in CrossOrigin.preflight { headers.add(name: name, value: value) }
        write(.noContent, headers, nil, keepAlive: keepsAlive)
    }

    private func answer(_ answer: Answer, keepsAlive: Bool) {
        hub.meter.answered(answer.frame)
        var json = JSONWriter()
        answer.write(to: &json, facts: hub.settings.facts)
        var headers = site.guards
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Content-Type", value: "application/json")
        var status = HTTPResponseStatus.ok
        if case .error(let error) = answer.frame {
            status = HTTPResponseStatus(statusCode: error.status)
            if let retryAfter = error.retryAfter, [429, 503, 504].contains(error.status) {
                headers.add(name: "Retry-After", value: String((retryAfter + 999) / 1000))
            }
            if error.status == 401 { headers.add(name: "WWW-Authenticate", value: "Bearer") }
        }
        write(status, headers, json.finish(), keepAlive: keepsAlive)
    }
}

extension DoorRequest {
    /// Of a call's frame.
    fileprivate var id: String? {
        if case .call(let frame, _) = self { return frame.id }
        return nil
    }
}
