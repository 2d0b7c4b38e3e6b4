/// The arrows between modules: who may import what. Arrows point down only.
enum ImportRules {
    static let allowed: [String: Set<String>] = [
        "Sources/MartletStore": ["Glibc", "Synchronization", "CMartlet", "CLZ4", "CZstd"],
        "Sources/MartletSimulation": ["Glibc", "Synchronization", "MartletStore"],
        "Sources/MartletChat": [
            "Glibc", "Synchronization", "MartletStore", "Crypto", "CryptoExtras",
        ],
        "Sources/MartletPush": [
            "Glibc", "Synchronization", "FoundationEssentials", "AsyncHTTPClient", "Crypto",
            "CryptoExtras", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL",
        ],
        "Sources/MartletReplication": [
            "Glibc", "Synchronization", "CLZ4", "MartletStore", "NIOCore", "NIOPosix", "NIOSSL",
            "NIOTLS",
        ],
        "Sources/MartletServer": [
            "Glibc", "Synchronization", "CZlib", "MartletChat", "MartletPush", "MartletStore",
            "Crypto", "Logging", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL",
            "NIOConcurrencyHelpers", "JWTKit",
            "ServiceLifecycle",
        ],
        "Sources/MartletCompaction": [
            "Glibc", "Synchronization", "MartletStore", "Logging", "NIOCore", "NIOPosix",
        ],
        "Sources/martlet": [
            "Glibc", "Synchronization", "MartletServer", "MartletChat", "MartletPush",
            "MartletCompaction",
            "MartletStore", "ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals",
            "Yams", "MartletReplication", "NIOSSL",
        ],
        "tools/martlet-probe": [
            "Glibc", "ArgumentParser", "MartletCompaction", "MartletHarness", "MartletSimulation",
            "MartletStore",
        ],
        "tools/martlet-dump": ["Glibc", "FoundationEssentials", "MartletStore", "ArgumentParser"],
    ]

    static func check(_ file: SwiftText) -> [Finding] {
        let isRoom = file.path.hasPrefix("Sources/") || file.path.hasPrefix("tools/")
        guard isRoom else { return [] }
        let target = file.path.split(separator: "/").prefix(2).joined(separator: "/")
        guard let modules = allowed[target] else {
            return [Finding(path: file.path, line: 1, message: "\(target) is not in the table")]
        }
        return imports(file).filter { !modules.contains($0.text) }.map {
            Finding(
                path: file.path, line: $0.line, message: "\(target) may not import \($0.text)")
        }
    }

    /// The modules that `file` imports.
    static func imports(_ file: SwiftText) -> [SwiftText.Word] {
        let kinds: Set<String> = [
            "struct", "class", "enum", "func", "var", "let", "protocol", "typealias",
        ]
        return file.words.indices.compactMap { index in
            guard file.words[index].text == "import" else { return nil }
            return file.words[(index + 1)...].first { !kinds.contains($0.text) }
        }
    }
}
