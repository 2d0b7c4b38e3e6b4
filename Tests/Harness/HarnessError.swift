/// What the harness could not do, in words.
package struct HarnessError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
