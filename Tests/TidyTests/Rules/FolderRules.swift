/// The rooms of `MartletStore`: which folder may name the types of which other.
enum FolderRules {
    /// Everybody may name these two, and they may name each other.
    static let bottom: Set<String> = ["API", "Environment"]

    static let allowed: [String: Set<String>] = [
        // `Scanner` is a reader in the caller's hands.
        "API": ["Read"],
        "Environment": [],
        "Log": [],
        "Memtable": [],
        "Cache": [],
        "Table": ["Cache"],
        "Shipping": ["Log"],
        "Frames": [],
        "Journal": ["Frames"],
        "Manifest": ["Log", "Shipping", "Frames"],
        // Of the shell these two know a tree's view and its table handles, and no more.
        "Read": ["Memtable", "Table", "Cache", "Manifest", shell],
        "Compaction": ["Table", "Cache", "Read", "Manifest", "Frames", shell],
        "Write": ["Log", "Memtable", "Shipping"],
    ]

    private static let module = "Sources/MartletStore/"

    /// The folder that puts the rooms together: it may name all.
    private static let shell = "Engine"

    /// The folder of a file of the engine.
    static func folder(_ path: String) -> String? {
        guard path.hasPrefix(module) else { return nil }
        let parts = path.dropFirst(module.count).split(separator: "/")
        return parts.count >= 2 ? String(parts[0]) : ""
    }

    static func check(_ files: [SwiftText]) -> [Finding] {
        var owners: [String: String] = [:]
        for file in files {
            guard let folder = folder(file.path) else { continue }
            for name in NameRules.moduleWide(file) { owners[name] = folder }
        }
        return files.flatMap { file in check(file, owners) }
    }

    private static func check(_ file: SwiftText, _ owners: [String: String]) -> [Finding] {
        guard let folder = folder(file.path), folder != shell else { return [] }
        guard let named = allowed[folder] else {
            return [Finding(path: file.path, line: 1, message: "`\(folder)` is not in the table")]
        }
        let open = named.union(bottom).union([folder])
        return file.words.compactMap { word in
            guard let owner = owners[word.text], !open.contains(owner),
                file.byte(before: word.range.lowerBound) != UInt8(ascii: ".")
            else { return nil }
            return Finding(
                path: file.path, line: word.line,
                message: "\(folder) may not name \(word.text) of \(owner)")
        }
    }
}
