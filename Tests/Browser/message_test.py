from people import BrowserTest, until

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys


class MessageTest(BrowserTest):
    def test_an_edit_shows_everywhere(self):
        ann, bea = self.pair()
        ann.say("teh tower")
        bea.sees("teh tower")
        ann.menu("teh tower", "Edit")
        until(lambda: ann.shows("#composer-about"), "the editor is open")
        ann.write("the tower")
        ann.press(Keys.ENTER)
        for one in (ann, bea):
            one.sees("the tower")
            self.assertNotIn("teh tower", one.texts())
            self.assertIn("edited", one.message("the tower").text)
        bea.reload()
        bea.sees("the tower")

    def test_the_handle_beside_a_message_opens_its_menu(self):
        ann, bea = self.pair()
        ActionChains(ann.page).move_to_element(ann.message("hello")).perform()
        ann.click("#messages .handle")
        ann.click(".menu [role=menuitem]", "Reply")
        until(lambda: ann.shows("#composer-about"), "the reply begins")

    def test_a_deletion_for_all_and_one_for_me(self):
        ann, bea = self.pair()
        for text in ("one", "two", "three"):
            ann.say(text)
        bea.sees("three")
        ann.menu("two", "Delete")
        ann.click("dialog .danger", "for everyone")
        for one in (ann, bea):
            until(lambda: "two" not in one.texts() and "Message deleted" in one.texts(), f"{one.name} sees it no more")
        bea.menu("three", "Delete")
        bea.click("dialog .danger", "for me")
        until(lambda: "three" not in bea.texts(), "it is gone for bea")
        self.assertIn("three", ann.texts())
        bea.reload()
        bea.sees("one")
        self.assertNotIn("three", bea.texts())

    def test_a_reply_quotes_and_its_quote_leads_back(self):
        ann, bea = self.pair()
        ann.say("shall we meet at six?")
        bea.sees("shall we meet at six?")
        for number in range(30):
            ann.say(f"filler {number}")
        bea.sees("filler 29")
        bea.menu("shall we meet at six?", "Reply")
        until(lambda: bea.shows("#composer-about"), "the quote is above the box")
        bea.say("six it is")
        ann.sees("six it is")
        self.assertIn("shall we meet at six?", ann.message("six it is").find_element("css selector", ".quote").text)
        ann.click("#messages .quote")
        until(lambda: "called" in ann.message("shall we meet at six?").get_attribute("class"), "the quoted message is lit")

    def test_older_pages_load_without_a_jump(self):
        ann, bea = self.pair()
        for number in range(70):
            ann.run("""
              const box = document.querySelector("#composer-text");
              box.value = arguments[0];
              box.dispatchEvent(new Event("input", { bubbles: true }));
              document.querySelector("#composer").requestSubmit();""", f"row {number}")
        bea.sees("row 69", 60)
        bea.reload()
        bea.sees("row 69")
        moved = bea.run("""
          const scroll = document.querySelector("#scroll");
          const before = document.querySelectorAll("#messages .message").length;
          scroll.scrollTop = 40;
          const first = [...document.querySelectorAll("#messages .message")].find((one) => one.getBoundingClientRect().bottom > scroll.getBoundingClientRect().top);
          const top = first.getBoundingClientRect().top;
          return new Promise((resolve) => {
            const look = () => document.querySelectorAll("#messages .message").length > before
              ? resolve(Math.abs(first.getBoundingClientRect().top - top)) : setTimeout(look, 20);
            look();
          });""")
        self.assertLess(moved, 3)
        until(lambda: bea.shows("#jump"), "a button leads to the end")
        ann.say("one more")
        until(lambda: bea.text("#jump-count") == "1", "it counts what is new below")
        bea.click("#jump")
        bea.sees("one more")

    def test_a_long_thread_stays_in_line_with_the_box(self):
        ann, bea = self.pair()
        edges = """
          const bubble = [...document.querySelectorAll("#messages .own .bubble")].at(-1).getBoundingClientRect();
          return bubble.right - document.querySelector(".composer-box").getBoundingClientRect().right;"""
        ann.say("short")
        self.assertLess(abs(ann.run(edges)), 1)
        ann.say("long " * 1_500 + "end")
        until(lambda: ann.run("const box = document.querySelector('#scroll'); return box.scrollHeight > box.clientHeight"), "it scrolls")
        self.assertLess(abs(ann.run(edges)), 1)

    def test_emoji_alone_are_large_and_flags_too(self):
        ann, bea = self.pair()
        for text, is_large in (("\U0001f600", True), ("\U0001f1e9\U0001f1ea", True), ("\U0001f600 yes", False), ("plain", False)):
            ann.run("""
              const box = document.querySelector("#composer-text");
              box.value = arguments[0];
              box.dispatchEvent(new Event("input", { bubbles: true }));
              document.querySelector("#composer").requestSubmit();""", text)
            bea.sees(text)
            self.assertEqual("emoji" in bea.message(text).get_attribute("class").split(), is_large, text)
