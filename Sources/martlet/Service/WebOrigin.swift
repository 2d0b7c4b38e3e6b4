/// Where a web page or a server is, as a browser writes it: `https://chat.example.org:8443`.
struct WebOrigin: Equatable {
    let text: String

    /// `nil` for anything but `http` or `https`, a host, and a port where it is not the usual one.
    init?(_ text: String) {
        let lower = text.lowercased()
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: { lower.hasPrefix($0) }) else { return nil }
        let rest = lower.dropFirst(scheme.count)
        let allowed: (Character) -> Bool = { character in
            character.isASCII
                && (character.isLetter || character.isNumber || ".-_:[]".contains(character))
        }
        guard !rest.isEmpty, rest.allSatisfy(allowed) else { return nil }
        self.text = lower
    }
}
