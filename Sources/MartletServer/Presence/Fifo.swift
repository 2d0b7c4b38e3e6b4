/// A queue in one array: first in, first out, without moving the rest at each take.
struct Fifo<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var first: Element? { head < elements.count ? elements[head] : nil }

    mutating func append(_ element: Element) { elements.append(element) }
    mutating func append(contentsOf more: [Element]) { elements.append(contentsOf: more) }

    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= 1_024)
            head = 0
        } else if head >= 1_024, 2 * head >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }
}
