/// The rooms of `MartletStore`: which folder may name the types of which other.
enum FolderRules {
    /// Everybody may name these two, and they may name each other.
    static let bottom: Set<String> = ["API", "Environment"]

    static let allowed: [String: Set<String>] = [
        "API": [],
        "Environment": [],
        "Log": [],
        "Memtable": [],
        "Cache": [],
        "Table": ["Cache"],
        "Manifest": ["Log"],
        "Read": ["Memtable", "Table", "Cache", "Manifest"],
        "Flush": ["Memtable", "Table", "Cache", "Manifest", "Read"],
        "Compaction": ["Table", "Cache", "Read", "Manifest"],
        "Write": ["Log", "Memtable"],
    ]

    private static let module = "Sources/MartletStore/"

    /// The folder of a file of the engine; `Shell` for the files in `API/` that put the rooms
    /// together: they may name all, and only they may name each other.
    static func folder(_ path: String) -> String? {
        guard path.hasPrefix(module) else { return nil }
        let parts = path.dropFirst(module.count).split(separator: "/")
        guard parts.count >= 2 else { return "" }
        let values = ["StoreError", "StoreOptions", "StoreStatistics"]
        let isShell =
            parts[0] == "API" && parts[1].hasPrefix("Store")
            && !values.contains { parts[1].hasPrefix($0) }
        return isShell ? "Shell" : String(parts[0])
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
        guard let folder = folder(file.path), folder != "Shell" else { return [] }
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
