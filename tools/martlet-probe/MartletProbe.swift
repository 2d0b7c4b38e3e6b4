import ArgumentParser

/// `martlet-probe`: real processes that are killed again and again, and what must hold of them.
@main
struct MartletProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-probe",
        abstract: "Kill Martlet's processes at random moments and look whether anything is lost.",
        subcommands: [
            ProbeCommand.self, CompactdProbe.self, StoreLoad.self, ChaosCommand.self,
            FiguresCommand.self, StoreFill.self,
        ],
        defaultSubcommand: ProbeCommand.self)
}
