import ArgumentParser
import MartletServer

/// `martlet admin …`
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Look after accounts.",
        discussion: """
            Asks the running server over its control socket. Where none runs, the store is opened \
            for the one question.
            """,
        subcommands: [AdminUsersCommand.self, AdminSessionsCommand.self])
}

/// `martlet admin users …`
struct AdminUsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "List, show, disable, enable or delete users.",
        subcommands: [
            UsersListCommand.self, UsersShowCommand.self, UsersDisableCommand.self,
            UsersEnableCommand.self, UsersDeleteCommand.self,
        ])
}

/// `martlet admin sessions …`
struct AdminSessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List or end a user's logins.",
        subcommands: [SessionsListCommand.self, SessionsRevokeCommand.self])
}

/// What the admin commands share.
struct AdminOptions: ParsableArguments {
    @Flag(help: "Print the server's answer: one JSON object.")
    var json = false

    @OptionGroup var control: ControlOptions

    func ask(
        _ method: String, _ target: String, _ lines: (JSONValue) -> [String]
    ) throws {
        let body = try control.call().ask(method, target)
        if json {
            print(String(decoding: body, as: UTF8.self), terminator: "")
        } else {
            print(lines(try JSONValue(body)).joined(separator: "\n"))
        }
    }
}

/// What those share that are about one user.
struct NamedUser: ParsableArguments {
    @Argument var name: String
    @OptionGroup var options: AdminOptions

    /// - Parameter rest: of the path behind the user's.
    func ask(
        _ method: String, _ rest: String = "", _ lines: (JSONValue) -> [String]
    ) throws {
        try options.ask(method, "/v1/users/\(PercentCoding.encode(name))\(rest)", lines)
    }
}

struct UsersListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List users in the order of their names.")

    @Option(help: "Only names behind this one.")
    var after: String?

    @Option(help: "At most so many, 1 to 1000.")
    var limit = 100

    @OptionGroup var options: AdminOptions

    func run() throws {
        let after = after.map { "&after=\(PercentCoding.encode($0))" } ?? ""
        try options.ask("GET", "/v1/users?limit=\(limit)\(after)", AdminText.users)
    }
}

struct UsersShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one user.")

    @OptionGroup var user: NamedUser

    func run() throws {
        try user.ask("GET", "", AdminText.user)
    }
}

struct UsersDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "End a user's sessions and refuse new ones.")

    @OptionGroup var user: NamedUser

    func run() throws {
        try user.ask("POST", "/disable") { _ in ["\(user.name) is disabled"] }
    }
}

struct UsersEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Let a disabled user log in again.")

    @OptionGroup var user: NamedUser

    func run() throws {
        try user.ask("POST", "/enable") { _ in ["\(user.name) is enabled"] }
    }
}

struct UsersDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a user with all data. There is no way back.")

    @OptionGroup var user: NamedUser

    @Flag(help: "Do not ask; without it nothing is deleted.")
    var yes = false

    func validate() throws {
        guard yes else {
            throw ValidationError("deleting \(user.name) cannot be undone: say --yes")
        }
    }

    func run() throws {
        try user.ask("DELETE") { _ in ["\(user.name) is deleted"] }
    }
}

struct SessionsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List a user's logins.")

    @OptionGroup var user: NamedUser

    func run() throws {
        try user.ask("GET", "/sessions", AdminText.sessions)
    }
}

struct SessionsRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End one login of a user, or all of them.")

    @OptionGroup var user: NamedUser
    @Argument(help: "The session's id; all of them without one.")
    var id: String?

    func run() throws {
        let session = id.map { "/\(PercentCoding.encode($0))" } ?? ""
        try user.ask("DELETE", "/sessions\(session)") { answer in
            ["\(answer["revoked"]?.integer ?? 0) ended"]
        }
    }
}
