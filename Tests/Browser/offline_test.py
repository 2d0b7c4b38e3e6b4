from people import BrowserTest, until


class OfflineTest(BrowserTest):
    def test_what_is_written_offline_arrives_once_and_in_order(self):
        ann, bea = self.pair()
        ann.network.cut()
        until(lambda: ann.shows("#banner"), "the page says that there is no connection")
        wanted = [f"offline {number}" for number in range(4)]
        for text in wanted:
            ann.say(text)
        self.assertEqual({ann.state(text) for text in wanted}, {"Sending"})
        bea.say("meanwhile")
        ann.screenshot("offline")

        ann.network.restore()
        ann.sees("meanwhile", 45)
        for text in wanted:
            ann.has_state(text, "Read")
        until(lambda: not ann.shows("#banner"), "the banner is gone")
        for one in (ann, bea):
            self.assertEqual([text for text in one.texts() if text.startswith("offline")], wanted)

    def test_a_cut_in_the_middle_of_sending_doubles_nothing(self):
        ann, bea = self.pair()
        wanted = []
        for number in range(12):
            wanted.append(f"cut {number}")
            ann.say(wanted[-1])
            if number % 4 == 2:
                ann.network.cut()
                ann.network.restore()
        until(lambda: [text for text in bea.texts() if text.startswith("cut")] == wanted, "bea has each once, in order", 60)
        until(lambda: [text for text in ann.texts() if text.startswith("cut")] == wanted, "ann too")
