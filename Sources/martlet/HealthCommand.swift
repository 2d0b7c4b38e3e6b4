import ArgumentParser
import MartletServer

/// `martlet health`: for container engines and scripts.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Say whether the server of a data directory is ready.",
        discussion: "Exit status: 0 ready; 1 not ready, or not there.")

    @OptionGroup var control: ControlOptions

    func run() throws {
        let socket = try control.call().socket
        let answer: ControlAnswer
        do throws(ControlSocketError) {
            answer = try ControlClient.ask(socket, "GET", "/v1/status", seconds: 5)
        } catch {
            guard error.isNobodyThere else { throw Complaint(description: error.description) }
            throw Complaint(description: "no server runs here: nobody listens at \(socket)")
        }
        let status = try JSONValue(answer.body)
        guard answer.status == 200, status["ready"]?.isTrue == true else {
            let why = status["failure"]?.text ?? status["waitsFor"]?.text
            print("not ready\(why.map { ": " + $0 } ?? "")")
            throw ExitCode(1)
        }
        print("ready")
    }
}
