import ArgumentParser
import MartletCompaction
import MartletStore

/// `martlet compactd status`: which daemons are attached, and what they do.
struct CompactdStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show attached daemons and their jobs.",
        discussion: """
            Exit status: 0 a daemon is attached; 1 there is no server, or it cannot be asked; \
            2 no daemon is attached.
            """)

    @OptionGroup var place: CompactionPlace

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let config = try place.config()
        let data = config.text("server.data")
        let status: CompactionStatus
        do {
            let store = try ManifestReader.read(Environment.system.fileSystem, directory: data)
                .state.storeID
            status = try StatusQuestion.ask(
                try place.socket(config), store: store,
                build: MartletCommand.configuration.version)
        } catch let error as StoreError {
            throw OpenData.explain(error, data)
        } catch {
            throw Complaint(description: "\(error)")
        }
        print(json ? CompactionText.json(status) : CompactionText.lines(status))
        if status.daemons.isEmpty { throw ExitCode(2) }
    }
}
