import Testing

@testable import MartletChat

@Suite("Accounts")
struct AccountTests {
    @Test("scrypt gives the vectors of RFC 7914")
    func vectors() {
        func scrypt(_ password: String, _ salt: String, _ n: UInt8, _ r: UInt8, _ p: UInt8)
            -> String?
        {
            var cost = PasswordCost()
            (cost.logRounds, cost.blockSize, cost.parallelism) = (n, r, p)
            return PasswordHash.derive(
                Array(password.utf8), cost, Array(salt.utf8), count: 64
            ).map { HexDigits.print(bytes: $0) }
        }
        #expect(
            scrypt("password", "NaCl", 10, 8, 16)
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")
        #expect(
            scrypt("pleaseletmein", "SodiumChloride", 14, 8, 1)
                == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
    }

    @Test("a session lives from registration to log-out, over a reopening")
    func sessions() async throws {
        let fixture = try ChatFixture()
        func authenticate(_ token: String) async throws -> Session {
            try await value { [chat = fixture.chat] in
                chat.authenticate(token: token, completion: $0)
            }
        }
        let session: Session = try await value { [chat = fixture.chat] in
            chat.register(name: "Ann[m]", password: "correct horse", completion: $0)
        }
        let token = try #require(session.token)
        #expect(token.utf8.count == 43)
        #expect(try await authenticate(token).name == "Ann[m]")
        try fixture.reopen()
        #expect(try await authenticate(token).user == session.user)
        let login: Session = try await value { [chat = fixture.chat] in
            chat.logIn(name: "ANN[m]", password: "correct horse", completion: $0)
        }
        #expect(login.user == session.user && login.token != token)
        let _: Void = try await value { [chat = fixture.chat] in
            chat.logOut(token: token, completion: $0)
        }
        let gone = await code { [chat = fixture.chat] in
            chat.authenticate(token: token, completion: $0)
        }
        #expect(gone == .unauthorized)
        #expect(try await authenticate(login.token ?? "").user == session.user)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a wrong password and an unknown user get the same error")
    func wrongPassword() async throws {
        let fixture = try ChatFixture()
        let chat = fixture.chat
        let _: Session = try await value {
            chat.register(name: "ann", password: "correct horse", completion: $0)
        }
        _ = try fixture.users("imported")
        var errors: Set<ChatError> = []
        for (name, password) in [
            ("ann", "wrong horse"), ("nobody", "correct horse"), ("", ""), ("imported", ""),
        ] {
            do {
                let _: Session = try await value {
                    chat.logIn(name: name, password: password, completion: $0)
                }
                Issue.record("\(name) could log in")
            } catch let error as ChatError {
                errors.insert(error)
            }
        }
        #expect(errors.map(\.code) == [.unauthorized])
    }

    @Test("a name is taken once, whatever its case and however many want it at once")
    func names() async throws {
        let fixture = try ChatFixture { $0.hashThreads = 4 }
        let chat = fixture.chat
        let codes = await withTaskGroup(of: ChatError.Code?.self) { group in
            for name in ["bea", "BEA", "Bea", "bEa"] {
                group.addTask {
                    await code { (completion: @escaping ChatService.Completion<Session>) in
                        chat.register(
                            name: name, password: "correct horse", completion: completion)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 1)
        #expect(codes.count { $0 == .nameTaken } == 3)
        let found: FoundUser = try await value { chat.findUser(name: "BEA", completion: $0) }
        #expect(found.name.lowercased() == "bea")
    }

    @Test(
        "names outside the rules are refused",
        arguments: ["", "a b", "#x", "ä", "a\u{0}", "<a>"])
    func badNames(_ name: String) async throws {
        let fixture = try ChatFixture()
        let refused = await code { [chat = fixture.chat] in
            chat.register(name: name, password: "correct horse", completion: $0)
        }
        #expect(refused == .badRequest)
        #expect(AccountName.key("a-_.[]{}|^`\\Z9") == "a-_.[]{}|^`\\z9")
    }

    @Test("a full queue of passwords refuses with a delay")
    func fullQueue() async throws {
        let fixture = try ChatFixture { $0.hashQueue = 0 }
        do {
            let _: Session = try await value { [chat = fixture.chat] in
                chat.logIn(name: "ann", password: "correct horse", completion: $0)
            }
            Issue.record("it was not refused")
        } catch let error as ChatError {
            #expect(error.code == .tooMany && error.retryAfterMilliseconds != nil)
        }
    }
}
