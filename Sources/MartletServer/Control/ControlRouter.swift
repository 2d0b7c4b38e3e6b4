/// Who answers which control request. The server asks it for what comes over the socket; a command
/// that finds no server asks one of its own, on a store that it has opened itself.
package struct ControlRouter: Sendable {
    package typealias Reply = @Sendable (ControlAnswer) -> Void

    private var routes: [ControlRoute]
    private let later: @Sendable () throws(ControlFault) -> [ControlRoute]

    /// - Parameter later: further routes, asked for with each request that the first have no path
    ///   for; throws what is answered while they are not there.
    package init(
        _ routes: [ControlRoute],
        later: @escaping @Sendable () throws(ControlFault) -> [ControlRoute] = { [] }
    ) {
        self.routes = routes
        self.later = later
    }

    package mutating func add(_ more: [ControlRoute]) { routes += more }

    /// The routes at `path` and no others.
    package func only(_ path: String) -> ControlRouter {
        let parts = path.split(separator: "/").map(String.init)
        return ControlRouter(routes.filter { $0.match(parts) != nil })
    }

    private static func matches(
        _ routes: [ControlRoute], _ request: ControlRequest
    ) -> [(ControlRoute, [String: String])] {
        routes.compactMap { route in route.match(request.path).map { (route, $0) } }
    }

    /// Answers, later and on any thread. A handler must not block.
    package func answer(_ request: ControlRequest, _ reply: @escaping Reply) {
        var matches = Self.matches(routes, request)
        if matches.isEmpty {
            do throws(ControlFault) {
                matches = Self.matches(try later(), request)
            } catch {
                return reply(ControlAnswer(error))
            }
        }
        guard !matches.isEmpty else {
            return reply(ControlAnswer(.notFound("no such path")))
        }
        guard let (route, parameters) = matches.first(where: { $0.0.method == request.method })
        else {
            let methods = matches.map(\.0.method).joined(separator: ", ")
            return reply(ControlAnswer(ControlFault(405, "bad_method", "use \(methods)")))
        }
        var request = request
        request.parameters = parameters
        do throws(ControlFault) {
            try route.handle(request, reply)
        } catch {
            reply(ControlAnswer(error))
        }
    }
}

/// A method, a path and who answers.
package struct ControlRoute: Sendable {
    package typealias Handler =
        @Sendable (ControlRequest, @escaping ControlRouter.Reply) throws(ControlFault) -> Void

    let method: String
    private let pattern: [String]
    let handle: Handler

    /// - Parameters:
    ///   - pattern: such as `/v1/users/:name`; a part behind a colon takes any text.
    ///   - handle: throws to refuse, or replies once, at any time.
    package init(_ method: String, _ pattern: String, _ handle: @escaping Handler) {
        self.method = method
        self.pattern = pattern.split(separator: "/").map(String.init)
        self.handle = handle
    }

    /// The parameters in `path`; `nil` if it is not this route's.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, expected) in zip(path, pattern) {
            if expected.hasPrefix(":") {
                parameters[String(expected.dropFirst())] = part
            } else if part != expected {
                return nil
            }
        }
        return parameters
    }
}
