import MartletServer

extension FuzzTarget {
    /// The short way of reading a send must say what the long one says.
    static let chat = FuzzTarget(
        name: "chat", summary: "a text message of a chat client: JSON, verb, fields",
        lengthMax: 1_024,
        seeds: { chatFrames.map { Array($0.utf8) } },
        finding: { bytes in
            bytes.withUnsafeBytes { bytes in
                let taken = Result { () throws(FrameFault) in try ClientFrame(parsing: bytes) }
                guard String(validating: bytes, as: UTF8.self) != nil else {
                    if case .success = taken { return "bytes that are no UTF-8 were taken" }
                    return nil
                }
                let long = Result { () throws(FrameFault) in try ClientFrame(parsingAny: bytes) }
                return taken == long ? nil : "the short way says \(taken), the long one \(long)"
            }
        })

    /// One of nearly every verb.
    static let chatFrames: [String] = [
        #"{"id":"1","hi":{"version":1,"agent":"web","token":"dG9rZW4"}}"#,
        #"{"id":"2","register":{"name":"ann","password":"correct horse","device":"phone"}}"#,
        #"{"id":"3","auth":{"token":"dG9rZW4"}}"#,
        #"{"id":"4","send":{"conversation":"00000000000000a1","clientMessageID":"m-1","#
            + #""text":"Grüße, 你好 \ud83d\ude00 \"quoted\""}}"#,
        #"{"send":{"text":"hi","clientMessageID":"c","conversation":"00000000000000a1"},"id":"5"}"#,
        #"{"id":"6","send":{"conversation":"00000000000000a1","clientMessageID":"m","text":"x","#
            + #""replyTo":7}}"#,
        #"{"id":"7","sync":{"epoch":4294967295,"seq":18446744073709551615,"limit":50}}"#,
        #"{"id":"8","history":{"conversation":"00000000000000a1","before":10,"limit":20}}"#,
        #"{"id":"9","read":{"conversation":"00000000000000a1","upTo":4}}"#,
        #"{"id":"10","edit":{"conversation":"00000000000000a1","number":4,"text":"better"}}"#,
        #"{"id":"11","delete":{"conversation":"00000000000000a1","number":4,"for":"all"}}"#,
        #"{"id":"12","create":{"name":"nest","clientMessageID":"g","#
            + #""members":["00000000000000a1","00000000000000b2"]}}"#,
        #"{"id":"13","link":{"conversation":"00000000000000c3","seconds":60,"revoke":false}}"#,
        #"{"id":"14","settings":{"receipts":false,"presence":"nobody","x":[1,{"y":-2e3}]}}"#,
        #"{"id":"15","watch":{"users":["00000000000000a1"],"conversations":[]}}"#,
        #"{"id":"16","devices":{}}"#, #"{"id":"17","start":{"conversations":5}}"#, #"{"ping":{}}"#,
    ]
}
