/// The effective configuration: for each key the value of the strongest source that names it. A
/// flag is stronger than the environment, that than the file, and that than the default.
struct Config: Sendable {
    /// Where a value comes from.
    enum Origin: Sendable, Equatable, CustomStringConvertible {
        case fallback
        case file(String, line: Int)
        case environment(String)
        case flag(String)

        var description: String {
            switch self {
            case .fallback: "default"
            case .file(let path, let line): "\(path):\(line)"
            case .environment(let name): "environment \(name)"
            case .flag(let name): name
            }
        }
    }

    /// One value somewhere, not yet checked.
    struct Setting: Sendable {
        var name: String
        var text: String
        var origin: Origin
    }

    struct Entry: Sendable {
        var value: ConfigValue
        var origin: Origin
    }

    private(set) var entries: [String: Entry] = [:]

    /// - Parameter settings: weakest first; of two for one key the later counts.
    /// - Throws: everything that is wrong, at once.
    init(_ settings: [Setting], keys: [ConfigKey] = ConfigKeys.all) throws(ConfigProblems) {
        var problems: [String] = []
        var known: [String: ConfigKey] = [:]
        for key in keys { known[key.name] = key }
        let defaults = keys.map { Setting(name: $0.name, text: $0.fallback, origin: .fallback) }
        for setting in defaults + settings {
            guard let key = known[setting.name] else {
                problems.append("\(setting.origin): unknown key \(setting.name)")
                continue
            }
            do throws(ConfigFault) {
                let value = try key.kind.parse(setting.text)
                entries[key.name] = Entry(value: value, origin: setting.origin)
            } catch {
                problems.append("\(setting.origin): \(setting.name): \(error.message)")
            }
        }
        if !problems.isEmpty { throw ConfigProblems(problems) }
    }

    private func entry(_ name: String) -> Entry {
        guard let entry = entries[name] else {
            preconditionFailure("\(name) is not among the configuration's keys")
        }
        return entry
    }

    func bool(_ name: String) -> Bool {
        guard case .bool(let value) = entry(name).value else {
            preconditionFailure("\(name) is not a switch")
        }
        return value
    }

    /// Numbers and bytes.
    func integer(_ name: String) -> Int {
        guard case .integer(let value) = entry(name).value else {
            preconditionFailure("\(name) is not a number")
        }
        return value
    }

    /// `nil` for `unlimited`.
    func milliseconds(_ name: String) -> Int? {
        guard case .milliseconds(let value) = entry(name).value else {
            preconditionFailure("\(name) is not a time")
        }
        return value
    }

    /// Texts, choices and paths; empty where unset.
    func text(_ name: String) -> String {
        guard case .text(let value) = entry(name).value else {
            preconditionFailure("\(name) is not text")
        }
        return value
    }

    func list(_ name: String) -> [String] {
        guard case .list(let value) = entry(name).value else {
            preconditionFailure("\(name) is not a list")
        }
        return value
    }
}

/// Everything that is wrong with a configuration, a line each.
struct ConfigProblems: Error, CustomStringConvertible {
    var lines: [String]

    init(_ lines: [String]) { self.lines = lines }

    var description: String { lines.joined(separator: "\n") }
}
