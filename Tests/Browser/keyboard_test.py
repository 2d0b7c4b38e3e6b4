from people import BrowserTest, until

from selenium.webdriver.common.keys import Keys


class KeyboardTest(BrowserTest):
    def focused(self, one):
        return one.run("return document.activeElement.id || document.activeElement.className")

    def test_everything_has_a_key(self):
        ann, bea = self.pair()
        cid = self.person("cid").register()
        ann.find(cid.name)
        ann.say("hello cid")
        self.assertEqual(self.focused(ann), "composer-text")

        ann.press(Keys.ARROW_DOWN, held=[Keys.ALT])
        until(lambda: ann.text("#thread-name") == bea.name, "Alt+Down opens the next")
        ann.press(Keys.ARROW_UP, held=[Keys.ALT])
        until(lambda: ann.text("#thread-name") == cid.name, "Alt+Up opens the one before")
        bea.say("unread for ann")
        until(lambda: ann.unread(bea.name) == 1, "one is unread")
        ann.press(Keys.ARROW_UP, held=[Keys.ALT, Keys.SHIFT])
        until(lambda: ann.text("#thread-name") == bea.name, "Alt+Shift+Up opens the unread one")

        ann.press("line one")
        ann.press(Keys.ENTER, held=[Keys.SHIFT])
        ann.press("line two", Keys.ENTER)
        ann.sees("line one\nline two")
        ann.press(Keys.ARROW_UP)
        until(lambda: ann.text("#about-title") == "Edit message", "Up edits the last message")
        ann.press(Keys.ESCAPE)
        until(lambda: not ann.shows("#composer-about"), "Escape gives the edit up")

        ann.press("/", held=[Keys.CONTROL])
        until(lambda: "Keyboard shortcuts" in ann.text("dialog h2"), "Ctrl+/ shows the keys")
        ann.press(Keys.ESCAPE)
        until(lambda: not ann.shows("dialog"), "Escape closes the dialog")
        until(lambda: self.focused(ann) == "composer-text", "the focus is back")

    def test_the_list_and_the_messages_are_walked_with_arrows(self):
        ann, bea = self.pair()
        cid = self.person("cid").register()
        ann.find(cid.name)
        ann.say("hello cid")
        ann.run("document.querySelector('#list .row[tabindex=\"0\"]').focus()")
        ann.press(Keys.ARROW_DOWN, Keys.ENTER)
        until(lambda: ann.text("#thread-name") == bea.name, "Down and Enter open the next row")
        self.assertEqual(ann.run("return document.querySelectorAll('#list .row[tabindex=\"0\"]').length"), 1)

        ann.press("second", Keys.ENTER)
        ann.sees("second")
        ann.run("document.querySelector('#messages .message[tabindex=\"0\"]').focus()")
        ann.press(Keys.ARROW_UP, Keys.ENTER)
        until(lambda: ann.shows(".menu"), "Enter opens the menu of a message")
        ann.press(Keys.ENTER)
        until(lambda: ann.shows("#composer-about"), "and Enter again replies")
