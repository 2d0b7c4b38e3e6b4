from people import BrowserTest, until


class LogInTest(BrowserTest):
    def test_an_account_is_made_left_and_entered_again(self):
        ann = self.person("ann")
        ann.visit()
        until(lambda: ann.shows("#login-form"), "the form is there")
        ann.screenshot("log-in")
        ann.register()
        self.assertTrue(ann.shows("#list-empty"))
        ann.reload()
        self.assertEqual(ann.text("#me-name"), ann.name)

        ann.click("#settings")
        ann.click("dialog .line", "Log out")
        until(lambda: ann.shows("#login-form"), "the form is back")
        ann.fill("#login-name", ann.name)
        ann.fill("#login-password", "wrong horse")
        ann.click("#login-submit")
        until(lambda: "wrong" in ann.text("#login-error"), "the password is refused")
        ann.enter("Log in")

    def test_a_taken_name_is_refused(self):
        ann = self.person("ann").register()
        other = self.person("other")
        other.name = ann.name
        other.visit()
        other.click("#tab-register")
        other.fill("#login-name", ann.name)
        other.fill("#login-password", "correct horse")
        other.click("#login-submit")
        until(lambda: "taken" in other.text("#login-error"), "the name is refused")

    def test_the_words_of_both_tabs_stand_in_their_middle(self):
        ann = self.person("ann")
        ann.visit()
        until(lambda: ann.shows("#login-form"), "the form is there")
        for tab in ("#tab-login", "#tab-register"):
            off = ann.run("""
              const tab = document.querySelector(arguments[0]);
              const words = document.createRange();
              words.selectNodeContents(tab);
              const [inner, outer] = [words.getBoundingClientRect(), tab.getBoundingClientRect()];
              return Math.abs((inner.left + inner.right) - (outer.left + outer.right)) / 2;""", tab)
            self.assertLess(off, 2, tab)
