from people import BrowserTest, until

KEPT = "Kept by the server, not stored yet"


class KeptTest(BrowserTest):
    def test_what_the_store_cannot_take_is_shown_as_kept_and_arrives_once(self):
        ann, bea = self.pair()
        if not self.server.is_ours:
            self.skipTest("only a server of one's own can be started with a full disk")
        # No disk has so much left: the store takes nothing.
        self.server.restart("--set", "store.disk_reserve=1024GiB")
        try:
            ann.say("for later")
            until(lambda: ann.state("for later") == KEPT, "the message is kept", 60)
            self.assertIn("Kept by the server", ann.message("for later").text)
            ann.screenshot("kept")
            ann.reload()
            ann.sees("for later")
            until(lambda: ann.state("for later") == KEPT, "it is so after a reload", 60)
            self.assertNotIn("for later", bea.texts())
        finally:
            self.server.restart()
        bea.sees("for later", 60)
        until(lambda: ann.state("for later") == "Read", "it is a message like others", 60)
        for one in (ann, bea):
            self.assertEqual(one.texts().count("for later"), 1)
        self.assertNotIn("Kept by the server", ann.message("for later").text)
