import ArgumentParser
import Glibc

/// The flags by which every command that needs the configuration finds it.
struct ConfigOptions: ParsableArguments {
    @Option(help: "A configuration file (YAML); also MARTLET_CONFIG.")
    var config: String?

    @Option(help: ArgumentHelp("Set any key of the configuration.", valueName: "key=value"))
    var set: [String] = []

    /// The configuration of file, environment and flags, in this order.
    ///
    /// - Parameter flags: the command's own, by the flag's name without dashes.
    func load(
        _ flags: [(flag: String, value: String)] = [],
        environment: [String: String] = ConfigOptions.environment()
    ) throws -> Config {
        var found: [Config.Setting] = []
        var problems: [String] = []
        do throws(ConfigProblems) {
            if let path = config ?? environment[ConfigKey.fileVariable], !path.isEmpty {
                found += try ConfigFile.read(path)
            }
        } catch {
            problems += error.lines
        }
        do throws(ConfigProblems) {
            found += try settings(flags, environment)
        } catch {
            problems += error.lines
        }
        do throws(ConfigProblems) {
            let config = try Config(found)
            if problems.isEmpty { return config }
        } catch {
            problems += error.lines
        }
        throw ConfigProblems(problems)
    }

    /// What the environment and the flags say, weakest first.
    func settings(
        _ flags: [(flag: String, value: String)], _ environment: [String: String]
    ) throws(ConfigProblems) -> [Config.Setting] {
        var problems: [String] = []
        var settings = variables(environment, &problems)
        for assignment in set {
            let parts = assignment.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                problems.append("--set \(assignment): write --set key=value")
                continue
            }
            settings.append(
                .init(
                    name: String(parts[0]), text: String(parts[1]),
                    origin: .flag("--set \(parts[0])")))
        }
        for (flag, value) in flags {
            guard let key = ConfigKeys.all.first(where: { $0.flag == flag }) else { continue }
            settings.append(.init(name: key.name, text: value, origin: .flag("--\(flag)")))
        }
        if !problems.isEmpty { throw ConfigProblems(problems) }
        return settings
    }

    private func variables(
        _ environment: [String: String], _ problems: inout [String]
    ) -> [Config.Setting] {
        var names: [String: String] = [:]
        for key in ConfigKeys.all { names[key.variable] = key.name }
        var settings: [Config.Setting] = []
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where variable.hasPrefix(ConfigKey.prefix) && variable != ConfigKey.fileVariable
            && !variable.hasPrefix(ConfigKey.testPrefix)
        {
            if let name = names[variable] {
                settings.append(.init(name: name, text: value, origin: .environment(variable)))
            } else {
                problems.append("environment \(variable): no key has this name")
            }
        }
        return settings
    }

    static func environment() -> [String: String] {
        var result: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let parts = text.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return result
    }
}
