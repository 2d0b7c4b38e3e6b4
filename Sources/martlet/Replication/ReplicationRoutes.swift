import MartletReplication
import MartletServer
import MartletStore

/// What a shipper and a follower tell on their control sockets.
enum ReplicationRoutes {
    static func shipper(_ service: ShipperService) -> [ControlRoute] {
        [
            ControlRoute("GET", "/v1/replication") { _, reply in
                Task {
                    guard let (primary, followers) = try? await service.status() else {
                        return reply(stopping)
                    }
                    reply(answer(primary, followers))
                }
            },
            ControlRoute("GET", "/metrics") { _, reply in
                Task {
                    guard let (primary, followers) = try? await service.status() else {
                        return reply(stopping)
                    }
                    reply(
                        .text(
                            ReplicationText.metrics(primary, followers),
                            contentType: "text/plain; version=0.0.4; charset=utf-8"))
                }
            },
        ]
    }

    static func follower(
        _ following: Following, stopping signal: StopSignal
    ) -> [ControlRoute] {
        [
            ControlRoute("GET", "/v1/replication") { _, reply in
                Task {
                    guard let status = try? await following.status() else {
                        return reply(stopping)
                    }
                    reply(answer(status))
                }
            },
            ControlRoute("POST", "/v1/stop") { _, reply in
                reply(
                    .json { writer in
                        writer.key("stopping")
                        writer.bool(true)
                    })
                signal.stop()
            },
        ]
    }

    /// Of a follower that serves reads: it can be promoted while it runs.
    static func reads(
        _ following: Following, _ reads: FollowerReads, stopping signal: StopSignal
    ) -> [ControlRoute] {
        [
            ControlRoute("POST", "/v1/promote") { request, reply throws(ControlFault) in
                let promotion = try Promotion(request)
                Task {
                    do {
                        reply(try await following.promote(promotion).json)
                        signal.stop()
                    } catch {
                        reply(ControlAnswer(ControlFault(409, "conflict", "\(error)")))
                    }
                }
            },
            ControlRoute("GET", "/metrics") { _, reply in
                Task {
                    guard let status = try? await following.status() else {
                        return reply(stopping)
                    }
                    let own = ReplicationText.metrics(status, isServing: reads.isServing)
                    reply(
                        .text(
                            own + reads.metrics,
                            contentType: "text/plain; version=0.0.4; charset=utf-8"))
                }
            },
        ]
    }

    private static var stopping: ControlAnswer {
        ControlAnswer(ControlFault(503, "closed", "the process stops"))
    }

    private static func answer(
        _ primary: PrimaryState, _ followers: [FollowerStatus]
    ) -> ControlAnswer {
        .json { writer in
            writer.key("role")
            writer.string("shipper")
            writer.key("term")
            writer.string("\(primary.history.currentID)")
            writer.key("sequence")
            writer.integer(primary.lastSequence)
            writer.key("deposed")
            writer.bool(primary.isDeposed)
            writer.key("followers")
            writer.beginArray()
            for follower in followers {
                writer.beginObject()
                writer.key("name")
                writer.string(follower.name)
                writer.key("state")
                writer.string(follower.state)
                let numbers: [(StaticString, UInt64)] = [
                    ("durable", follower.durable), ("visible", follower.visible),
                    ("lagRecords", follower.lagRecords), ("lagBytes", follower.lagBytes),
                    ("lagMilliseconds", UInt64(follower.lagSeconds * 1_000)),
                    ("seeds", UInt64(follower.seeds)),
                ]
                for (name, value) in numbers {
                    writer.key(name)
                    writer.integer(value)
                }
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private static func answer(_ status: FollowerService.Status) -> ControlAnswer {
        .json { writer in
            writer.key("role")
            writer.string("follower")
            writer.key("state")
            writer.string(status.state)
            writer.key("term")
            writer.string("\(status.follower.history.currentID)")
            writer.key("promise")
            writer.string("\(status.follower.promise)")
            let last = status.primary?.lastSequence ?? 0
            let durable = status.follower.lastSequence
            let numbers: [(StaticString, UInt64)] = [
                ("durable", durable), ("visible", status.follower.visible),
                ("primary", last), ("lagRecords", last > durable ? last - durable : 0),
                ("seeds", UInt64(status.seeds)),
            ]
            for (name, value) in numbers {
                writer.key(name)
                writer.integer(value)
            }
        }
    }
}
