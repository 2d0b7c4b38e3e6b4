import Foundation

/// The files of the project, found from this file upward.
struct SourceTree {
    /// The directory that holds `Package.swift`.
    let root: String
    /// Paths of all files relative to `root`, sorted, without what builds and runs leave behind.
    let paths: [String]

    static let shared = SourceTree()

    private static let skipped: Set<String> = [
        ".build", ".git", ".swiftpm", "martlet-data", "node_modules", "__pycache__",
    ]

    private init() {
        var directory = URL(fileURLWithPath: #filePath)
        repeat {
            directory.deleteLastPathComponent()
        } while !FileManager.default.fileExists(atPath: directory.path + "/Package.swift")
            && directory.path != "/"
        root = directory.path
        paths = Self.list(root, "").sorted()
    }

    private static func list(_ root: String, _ folder: String) -> [String] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
        return names.filter { !skipped.contains($0) }.flatMap { name in
            let path = folder.isEmpty ? name : folder + "/" + name
            var isDirectory: ObjCBool = false
            let found = FileManager.default.fileExists(
                atPath: root + "/" + path, isDirectory: &isDirectory)
            if !found { return [String]() }
            return isDirectory.boolValue ? list(root, path) : [path]
        }
    }

    func text(_ path: String) -> String {
        (try? Data(contentsOf: URL(fileURLWithPath: root + "/" + path)))
            .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root + "/" + path)
    }

    func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: root + "/" + path)
    }

    /// Every Swift file, parsed once.
    static let swiftFiles: [SwiftText] = shared.paths
        .filter { $0.hasSuffix(".swift") }
        .map { SwiftText(path: $0, text: shared.text($0)) }

    /// The Markdown files.
    var markdown: [String] { paths.filter { $0.hasSuffix(".md") } }

    /// The files that people write and read.
    var prose: [String] {
        let kinds = [
            "swift", "md", "c", "h", "js", "css", "html", "json", "yml", "sh", "modulemap",
        ]
        return paths.filter { path in
            kinds.contains { path.hasSuffix("." + $0) } || scripts.contains(path)
        }
    }

    /// The scripts: files directly in `tools/`, and what CI runs.
    var scripts: [String] {
        paths.filter { path in
            let parts = path.split(separator: "/")
            return path.hasPrefix(".ci/") || (parts.count == 2 && parts[0] == "tools")
        }
    }
}
