/// Whether a socket's other end still lives. Seconds are those of the loop's wheel.
package struct KeepAlive {
    package enum Step: Equatable { case wait, ping, dead }

    private var lastHeard: Int
    private var pingedAt: Int?

    package init(second: Int) {
        lastHeard = second
    }

    /// Bytes of any kind arrived.
    package mutating func heard(at second: Int) {
        lastHeard = second
        pingedAt = nil
    }

    /// What is due now, and the second of the next look.
    package mutating func step(at second: Int, _ facts: ServerFacts) -> (Step, next: Int) {
        if let pingedAt {
            let due = pingedAt + facts.pongSeconds
            return second >= due ? (.dead, second) : (.wait, due)
        }
        let due = lastHeard + facts.pingSeconds
        if second < due { return (.wait, due) }
        pingedAt = second
        return (.ping, second + facts.pongSeconds)
    }
}
