extension TermID: CustomStringConvertible {
    /// `3/c0ffee`: the epoch, and the incarnation in hexadecimal digits.
    public var description: String { "\(epoch)/\(String(incarnation, radix: 16))" }
}
