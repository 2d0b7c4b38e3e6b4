/// What the `config` commands print.
enum ConfigText {
    /// Every key with its value and where that comes from.
    static func effective(_ config: Config, keys: [ConfigKey] = ConfigKeys.all) -> [String] {
        let width = keys.map(\.name.count).max() ?? 0
        return keys.compactMap { key in
            guard let entry = config.entries[key.name] else { return nil }
            let name = key.name + String(repeating: " ", count: width - key.name.count)
            let text = entry.value.text(key.kind)
            return "\(name)  \(text.isEmpty ? "-" : text)  (\(entry.origin))"
        }
    }

    /// A file with every key at its default, commented out, and its documentation.
    static func file(_ keys: [ConfigKey] = ConfigKeys.all) -> [String] {
        var lines = [
            "# Martlet's configuration. Every key is at its default; remove a # to set it."
        ]
        var section: Substring = ""
        for key in keys {
            if key.section != section {
                section = key.section
                lines += ["", "#\(section):"]
            }
            let name = key.name.split(separator: ".").last ?? ""
            lines.append("#  # \(key.doc)")
            lines.append("#  # \(key.kind.summary)")
            lines.append("#  \(name): \(written(key))")
        }
        return lines
    }

    /// The rows of the documentation's table.
    static func rows(_ keys: [ConfigKey] = ConfigKeys.all) -> [String] {
        keys.map { key in
            let fallback = key.fallback.isEmpty ? "none" : "`\(key.fallback)`"
            let flag = key.flag.map { " (`--\($0)`)" } ?? ""
            return "| `\(key.name)`\(flag) | \(key.kind.summary) | \(fallback) | \(key.doc) |"
        }
    }

    private static func written(_ key: ConfigKey) -> String {
        switch key.kind {
        case .list: "[\(key.fallback)]"
        case .text, .path: "\"\(key.fallback)\""
        default: key.fallback
        }
    }
}
