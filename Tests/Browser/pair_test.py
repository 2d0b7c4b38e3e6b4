import json

from people import BrowserTest, until
from server import Pair

# Keeps what the page says on its sockets.
LISTEN = """
window.said = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  window.said.push(data);
  return send.call(this, data);
};"""


class PairTest(BrowserTest):
    def said(self, person, verb):
        frames = [json.loads(frame) for frame in person.run("return window.said")]
        return [frame[verb] for frame in frames if verb in frame]

    def test_the_page_goes_on_at_the_server_that_took_over(self):
        pair = Pair()
        self.addCleanup(pair.stop)
        ann, bea = (self.person(name, url=pair.urls[0] + "/").register() for name in ("ann", "bea"))
        ann.find(bea.name)
        ann.say("hello")
        bea.open(ann.name)
        bea.sees("hello")
        ann.has_state("hello", "Read")
        for one in (ann, bea):
            one.run(LISTEN)

        pair.kill_primary()
        until(lambda: "Reading only" in ann.text("#banner-text") and ann.shows("#banner"), "ann reads at the other server", 60)
        ann.say("in between")
        self.assertEqual(ann.state("in between"), "Sending")
        ann.screenshot("reading")
        pair.promote()

        bea.sees("in between", 90)
        ann.has_state("in between", "Read")
        bea.say("welcome back")
        ann.sees("welcome back")
        wanted = ["hello", "in between", "welcome back"]
        for one in (ann, bea):
            until(lambda: not one.shows("#banner"), "the banner is gone", 30)
            self.assertEqual(one.texts(), wanted)
            # The cursor held: nobody began afresh.
            self.assertEqual(self.said(one, "start"), [])
            self.assertEqual(len({sync["epoch"] for sync in self.said(one, "sync")}), 1)
        sends = [send for send in self.said(ann, "send") if send["text"] == "in between"]
        self.assertEqual(len({send["clientMessageID"] for send in sends}), 1)

        # The server that the page came from is still gone.
        ann.reload()
        ann.open(bea.name)
        until(lambda: ann.texts() == wanted, "all is there after a reload")
        ann.say("and on")
        bea.sees("and on")
