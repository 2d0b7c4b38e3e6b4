import Testing

@testable import MartletChat

@Suite("Who may write, and who may see")
struct PeopleRulesTests {
    private let me = UserID(rawValue: 1)
    private let you = UserID(rawValue: 2)

    private func mayWrite(_ relation: Relation, _ audience: MessageAudience) -> Bool {
        var settings = SettingsValue()
        settings.messagesFrom = audience
        return PeopleRules.mayWrite(
            from: me, to: you, writerRow: relation.own, readerRow: relation.other,
            settings: settings)
    }

    private func maySee(_ relation: Relation, _ audience: PresenceAudience) -> Bool {
        var settings = SettingsValue()
        settings.presence = audience
        return PeopleRules.maySeePresence(
            of: you, by: me, viewerRow: relation.own, ownerRow: relation.other,
            settings: settings)
    }

    @Test("messages: everybody without a block, or contacts alone")
    func writing() {
        let blocks: Set<Relation> = [.blocking, .blockedBy, .blockingEachOther]
        for relation in Relation.allCases {
            #expect(mayWrite(relation, .everyone) == !blocks.contains(relation))
            #expect(mayWrite(relation, .contacts) == (relation == .contacts))
        }
    }

    @Test("presence: everybody without a block, contacts, or nobody")
    func seeing() {
        let blocks: Set<Relation> = [.blocking, .blockedBy, .blockingEachOther]
        for relation in Relation.allCases {
            #expect(maySee(relation, .everyone) == !blocks.contains(relation))
            #expect(maySee(relation, .contacts) == (relation == .contacts))
            #expect(!maySee(relation, .nobody))
        }
    }

    @Test("oneself may always")
    func oneself() {
        var settings = SettingsValue()
        settings.messagesFrom = .contacts
        settings.presence = .nobody
        settings.receipts = false
        let row = RelationValue()
        #expect(
            PeopleRules.mayWrite(
                from: me, to: me, writerRow: row, readerRow: row, settings: settings))
        #expect(
            PeopleRules.maySeePresence(
                of: me, by: me, viewerRow: row, ownerRow: row, settings: settings))
        #expect(
            PeopleRules.tellsReceipts(of: me, to: me, readerRow: row, settings: settings))
    }

    @Test("receipts: by the reader's switch, and never to whom the reader blocks")
    func receipts() {
        for receipts in [true, false] {
            var settings = SettingsValue()
            settings.receipts = receipts
            for relation in Relation.allCases {
                let tells = PeopleRules.tellsReceipts(
                    of: you, to: me, readerRow: relation.other, settings: settings)
                #expect(tells == (receipts && !relation.other.blocked))
            }
        }
    }

    @Test("settings survive their bytes; other versions and values are refused")
    func settingsBytes() {
        for receipts in [true, false] {
            for presence in PresenceAudience.allCases {
                for messages in MessageAudience.allCases {
                    let value = SettingsValue(
                        receipts: receipts, presence: presence, messagesFrom: messages)
                    #expect(SettingsValue(value.encoded()) == value)
                }
            }
        }
        #expect(SettingsValue().encoded() == [1, 1, 0, 0])
        let bad: [[UInt8]] = [[], [1], [2, 1, 0, 0], [1, 2, 0, 0], [1, 1, 3, 0], [1, 1, 0, 2]]
        for bytes in bad { #expect(SettingsValue(bytes) == nil) }
        #expect(RelationValue().encoded() == [1, 0, 0])
        let badRelations: [[UInt8]] = [[], [2, 0, 0], [1, 4, 0], [1, 0, 2], [1, 0, 0, 0]]
        for bytes in badRelations { #expect(RelationValue(bytes) == nil) }
    }
}
