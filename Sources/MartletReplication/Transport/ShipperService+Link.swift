import MartletStore
import NIOCore
import NIOPosix

extension ShipperService {
    /// Connects to the server beside; again each second where there is none.
    func connectLink() {
        guard let path = configuration.socket, !isStopped else { return }
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = FrameHandler(
                        reads: .serverToShipper, writes: .shipperToServer, isSecure: false
                    ) { event in self.handleLink(event, channel) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(unixDomainSocketPath: path)
            .whenFailure { _ in self.connectLater() }
    }

    private func connectLater() {
        loop.scheduleTask(in: .seconds(1)) { self.connectLink() }
    }

    private func handleLink(_ event: FrameHandler.Event, _ channel: any Channel) {
        switch event {
        case .ready:
            link = channel
            notice("the server is there")
            perform(machine.linked())
        case .frame(let frame):
            do throws(FrameError) {
                perform(machine.receive(try ServerFrame(frame), now: now, wallTime: wallTime))
            } catch {
                notice("the server's frame was refused: \(error)")
                channel.close(promise: nil)
            }
        case .bad(let error):
            notice("the server's bytes were refused: \(error)")
            channel.close(promise: nil)
        case .closed:
            guard !isStopped else { return }
            if link === channel {
                link = nil
                notice("the server is gone")
                perform(machine.unlinked(now: now))
                connectLater()
            }
        }
    }
}
