import MartletSimulation
import Testing

@testable import MartletChat

@Suite("A number guessed before its message is stored")
struct GuessedNumberTests {
    @Test("hides no later edit from anybody")
    func edit() throws {
        // The seed decides whether the guess is looked for before or after the message is stored.
        for seed: UInt64 in 0..<40 {
            let simulation = Simulation(seed: seed)
            var options = ChatOptions()
            options.passwordCost.logRounds = 2
            options.passwordCost.blockSize = 1
            var random = SeededGenerator(seed: seed)
            let server = try SimulatedServer(
                simulation, WorldFaults.storeOptions(&random), options, nil)
            let (ann, bea) = (try server.register("ann"), try server.register("bea"))
            let (toAnn, toBea) = (ConversationID(with: ann), ConversationID(with: bea))
            let chat = server.chat
            chat.send(from: ann, to: toBea, text: "a", clientMessageID: "1") { _ in }
            _ = simulation.executor.runOne()
            chat.edit(user: bea, conversation: toAnn, number: 1, text: "mine") { _ in }
            simulation.executor.runAll()
            let revision = try server.result {
                chat.edit(user: ann, conversation: toBea, number: 1, text: "b", completion: $0)
            }
            #expect(revision == 1, "seed \(seed)")
            for (user, conversation) in [(ann, toBea), (bea, toAnn)] {
                let page = try server.result {
                    chat.history(user: user, conversation: conversation, completion: $0)
                }
                #expect(page.messages.map(\.text) == ["b"], "seed \(seed)")
            }
            try server.close()
        }
    }
}
