/// A fault that begins, lasts, and ends.
enum ChaosFault: Hashable, CustomStringConvertible {
    /// SIGKILL, and started again.
    case kill(Part, of: String)
    /// SIGSTOP until SIGCONT.
    case pause(Part, of: String)
    /// Nothing comes from the one to the other.
    case cut(from: String, to: String)
    /// Nothing comes through between the two.
    case apart(String, String)
    /// Every fourth frame from the one to the other is lost.
    case lossy(from: String, to: String)
    /// What goes to it is late, in another order and not always there, or comes slowly.
    case held(String)

    /// What is said of it in a summary; `primary` is the machine that leads.
    func name(primary: String) -> String {
        func side(_ machine: String) -> String {
            if machine == primary { return "primary" }
            return machine == Namespaces.clients ? "clients" : "follower"
        }
        switch self {
        case .kill(let part, _): return "kill \(part.rawValue)"
        case .pause(let part, _): return "pause \(part.rawValue)"
        case .cut(let from, let to): return "one-way \(side(from))>\(side(to))"
        case .apart(let one, let other): return "partition \(side(one))|\(side(other))"
        case .lossy(let from, let to): return "loss \(side(from))>\(side(to))"
        case .held(let machine): return "delay \(side(machine))"
        }
    }

    /// What it occupies: of each of these there is one fault at a time.
    var place: String {
        switch self {
        case .kill(let part, let machine), .pause(let part, let machine):
            "\(part.rawValue) of \(machine)"
        case .held(let machine): "cable of \(machine)"
        case .cut(let one, let other), .apart(let one, let other), .lossy(let one, let other):
            [one, other].sorted().joined(separator: " and ")
        }
    }

    var description: String {
        switch self {
        case .kill, .pause, .held: "\(name(primary: "")) at \(place)"
        case .cut(let from, let to), .lossy(let from, let to):
            "\(name(primary: "")) from \(from) to \(to)"
        case .apart: "partition between \(place)"
        }
    }
}
