from people import BrowserTest, until


class PollTest(BrowserTest):
    def test_without_sockets_the_page_polls(self):
        ann = self.person("ann")
        ann.network.has_sockets = False
        ann.register()
        bea = self.person("bea").register()
        bea.find(ann.name)
        bea.say("by post")
        until(lambda: ann.unread(bea.name) == 1, "it has come without a socket", 30)
        ann.open(bea.name)
        ann.sees("by post")
        ann.say("answer by post")
        bea.sees("answer by post")
        bea.has_state("by post", "Read")
        ann.has_state("answer by post", "Read")
        self.assertFalse(ann.shows("#banner"))

    def test_a_socket_that_stops_opening_is_replaced_by_polls(self):
        ann, bea = self.pair()
        ann.network.has_sockets = False
        ann.network.cut()
        ann.network.restore()
        ann.say("changed horses")
        bea.sees("changed horses", 60)
        bea.say("midstream")
        ann.sees("midstream")
