import MartletChat

/// A request to the door whose answer is owed. While a poll is parked, this is all there is of it.
final class OpenRequest {
    var call: CallMachine?
    var poll: PollMachine?
    let verb: VerbClass
    let keepsAlive: Bool
    /// What tickets of this request start with, so that late outcomes of earlier ones are known.
    let number: UInt32
    /// The place among all polls of the process: a newer one ends an older one.
    let serial: UInt64
    /// Where the hub tells it events.
    var registered: UserID?

    init(
        _ request: DoorRequest, epoch: UInt32, keepsAlive: Bool, number: UInt32, serial: UInt64
    ) {
        switch request {
        case .call(let frame, let token):
            call = CallMachine(frame, token: token, epoch: epoch)
            verb = frame.request.verbClass
        case .poll(let request):
            poll = PollMachine(request, epoch: epoch)
            verb = .page
        }
        self.keepsAlive = keepsAlive
        self.number = number
        self.serial = serial
    }

    /// The token of a poll.
    var token: String? { poll?.request.token }

    private static let ticketBits: UInt32 = 4

    func ticket(_ own: UInt32) -> UInt32 {
        number << Self.ticketBits | own & (1 << Self.ticketBits - 1)
    }

    /// The machine's ticket, if the hub's is one of this request.
    func ownTicket(_ ticket: UInt32) -> UInt32? {
        let mask: UInt32 = 1 << Self.ticketBits - 1
        return self.ticket(ticket & mask) == ticket ? ticket & mask : nil
    }
}
