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

    static func path(_ name: String, _ rest: String = "") -> String {
        "/v1/users/\(PercentCoding.encode(name))\(rest)"
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

    @Argument var name: String
    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("GET", AdminOptions.path(name), AdminText.user)
    }
}

struct UsersDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "End a user's sessions and refuse new ones.")

    @Argument var name: String
    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("POST", AdminOptions.path(name, "/disable")) { _ in
            ["\(name) is disabled"]
        }
    }
}

struct UsersEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Let a disabled user log in again.")

    @Argument var name: String
    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("POST", AdminOptions.path(name, "/enable")) { _ in
            ["\(name) is enabled"]
        }
    }
}

struct UsersDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a user with all data. There is no way back.")

    @Argument var name: String

    @Flag(help: "Do not ask; without it nothing is deleted.")
    var yes = false

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard yes else {
            throw ValidationError("deleting \(name) cannot be undone: say --yes")
        }
    }

    func run() throws {
        try options.ask("DELETE", AdminOptions.path(name)) { _ in ["\(name) is deleted"] }
    }
}

struct SessionsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List a user's logins.")

    @Argument var name: String
    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("GET", AdminOptions.path(name, "/sessions"), AdminText.sessions)
    }
}

struct SessionsRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End one login of a user, or all of them.")

    @Argument var name: String
    @Argument(help: "The session's id; all of them without one.")
    var id: String?
    @OptionGroup var options: AdminOptions

    func run() throws {
        let session = id.map { "/\(PercentCoding.encode($0))" } ?? ""
        try options.ask("DELETE", AdminOptions.path(name, "/sessions\(session)")) { answer in
            ["\(answer["revoked"]?.integer ?? 0) ended"]
        }
    }
}
