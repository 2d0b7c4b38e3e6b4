/// How types are named, and which are declared where.
enum NameRules {
    static let banned = ["Manager", "Helper", "Util", "Impl"]
    private static let starters: Set<String> = [
        "class", "struct", "enum", "actor", "protocol", "typealias",
    ]

    static func types(_ file: SwiftText) -> [Finding] {
        declarations(file).compactMap { word in
            guard let name = banned.first(where: { isPart($0, of: word.text) }) else { return nil }
            return Finding(
                path: file.path, line: word.line, message: "\(word.text): \(name) says nothing")
        }
    }

    /// The names of the types that `file` declares, nested ones too.
    static func declarations(_ file: SwiftText) -> [SwiftText.Word] {
        zip(file.words, file.words.dropFirst()).compactMap { starter, name in
            let isName = name.text.first?.isUppercase ?? false
            return starters.contains(starter.text) && isName ? name : nil
        }
    }

    /// The names that `file` declares for the whole module: neither nested nor private.
    static func moduleWide(_ file: SwiftText) -> Set<String> {
        let lines = file.codeLines
        return Set(
            declarations(file).filter { word in
                let line = lines[word.line - 1]
                return !line.hasPrefix(" ") && !line.contains("private ")
            }.map(\.text))
    }

    /// Whether `part` is a word of its own in a camel-case `name`, as in UtilStore, not Utility.
    private static func isPart(_ part: String, of name: String) -> Bool {
        guard let found = name.firstRange(of: part) else { return false }
        let next = name[found.upperBound...].drop { $0 == "s" }.first
        return next.map { $0.isUppercase || $0.isNumber || $0 == "_" } ?? true
    }
}
