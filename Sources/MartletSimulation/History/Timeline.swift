/// A number that only grows, with the places in a history at which it grew.
struct Timeline {
    private var steps: [(place: Int, value: UInt64)] = []

    /// The number now, and where it was learned.
    var value: UInt64 { steps.last?.value ?? 0 }

    /// At `place`, which is behind all places before, the number is known to be at least `value`.
    mutating func reach(_ value: UInt64, at place: Int) {
        if value > self.value { steps.append((place, value)) }
    }

    /// What was known before `place`, and where that was learned.
    func known(before place: Int) -> (value: UInt64, place: Int) {
        var low = 0
        var high = steps.count
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].place < place { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return (0, place) }
        return (steps[low - 1].value, steps[low - 1].place)
    }
}
