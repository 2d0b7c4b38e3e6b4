"""People who use Martlet in real browsers. What a test reads is what the page shows."""

import os
import time
import unittest
import uuid

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from server import Network, Server

DESKTOP = (1280, 800)
PHONE = (390, 844)
PASSWORD = "correct horse"


def until(condition, what, seconds=15):
    """Waits for a condition; what the page does not show yet is not an error."""
    end = time.monotonic() + seconds
    trouble = None
    while time.monotonic() < end:
        try:
            value = condition()
            if value:
                return value
        except WebDriverException as error:
            trouble = error
        time.sleep(0.04)
    raise AssertionError(f"it never came true: {what}" + (f" ({trouble})" if trouble else ""))


class Person:
    """One person in a browser of their own, behind a network of their own."""

    def __init__(self, name, port, size=DESKTOP, is_dark=False, is_touch=False, url=None):
        self.name = f"{name}-{uuid.uuid4().hex[:8]}"
        self.network = Network(port)
        self.url = url or self.network.url
        options = webdriver.ChromeOptions()
        options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"):
            options.add_argument(argument)
        if not is_touch:
            # Without a display the browser believes that there is no mouse.
            options.add_argument("--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver")
        self.page = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
        width, height = size
        self.page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_touch})
        if is_touch:
            self.page.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        self.colours(is_dark)

    def colours(self, is_dark):
        self.page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def close(self):
        self.page.quit()
        self.network.close()

    # The page

    def one(self, selector):
        return self.page.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.page.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script, *arguments):
        return self.page.execute_script(script, *arguments)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def shows(self, selector):
        return any(element.is_displayed() for element in self.all(selector))

    def click(self, selector, text=None):
        """Clicks the shown element, with `text` the one that has it."""
        def find():
            for element in self.all(selector):
                if element.is_displayed() and (text is None or text in element.text):
                    return element
        until(find, f"{self.name} sees {selector} {text or ''}").click()

    def fill(self, selector, text):
        until(lambda: self.one(selector).is_displayed(), f"{self.name} sees {selector}")
        element = self.one(selector)
        element.clear()
        element.send_keys(text)

    def press(self, *keys, held=()):
        chain = ActionChains(self.page)
        for key in held:
            chain.key_down(key)
        chain.send_keys(*keys)
        for key in reversed(held):
            chain.key_up(key)
        chain.perform()

    def complaints(self):
        """What the browser's console complains about, but for the network."""
        known = ("net::ERR_", "WebSocket connection to", "status of 404", "status of 401", "status of 403")
        return [entry["message"] for entry in self.page.get_log("browser")
                if entry["level"] == "SEVERE" and not any(part in entry["message"] for part in known)]

    # Accounts

    def visit(self, fragment=""):
        self.page.get(self.url + fragment)

    def register(self, fragment=""):
        self.visit(fragment)
        self.click("#tab-register")
        self.enter("Create account")
        return self

    def log_in(self):
        self.visit()
        self.enter("Log in")
        return self

    def enter(self, button, password=PASSWORD):
        self.fill("#login-name", self.name)
        self.fill("#login-password", password)
        self.click("#login-submit", button)
        until(lambda: self.shows("#app"), f"{self.name} is in")
        until(self.is_settled, f"{self.name} has the list")

    def is_settled(self):
        return self.shows("#list .row") or self.shows("#list-empty")

    def reload(self):
        self.page.refresh()
        until(self.is_settled, f"{self.name} has the list after a reload")

    # Talk

    def open(self, name):
        """Opens the conversation with this name from the list."""
        if self.shows("#thread-back"):
            self.click("#thread-back")
        self.click("#list .row", name)
        until(lambda: self.text("#thread-name").startswith(name), f"{self.name} has opened {name}")

    def find(self, name):
        """Starts a chat with somebody by the exact name."""
        self.press("k", held=[Keys.CONTROL])
        until(lambda: self.shows("dialog input"), "the search is open")
        self.press(name)
        self.click("dialog .entry", name)
        until(lambda: self.text("#thread-name") == name, f"{self.name} has opened {name}")

    def write(self, text):
        self.fill("#composer-text", text)

    def say(self, text):
        self.write(text)
        self.press(Keys.ENTER)
        self.sees(text)

    def thread(self):
        """What the thread shows, as [(text, "own" or "other", state)]."""
        return [tuple(entry) for entry in self.run("""
            return [...document.querySelectorAll("#messages .message")].map((message) => {
              const body = message.querySelector(".body").cloneNode(true);
              body.querySelector(".foot").remove();
              const state = message.querySelector(".foot .state")?.getAttribute("aria-label") ?? "";
              return [body.textContent, message.classList.contains("own") ? "own" : "other", state];
            });""")]

    def texts(self):
        return [text for text, _, _ in self.thread()]

    def notices(self):
        return self.run("""return [...document.querySelectorAll("#messages .notice")].map((one) => one.textContent.replace(/[\\u2068\\u2069]/g, ""))""")

    def sees(self, text, seconds=15):
        until(lambda: text in self.texts(), f"{self.name} sees “{text}”", seconds)

    def state(self, text):
        return next((state for one, _, state in self.thread() if one == text), None)

    def has_state(self, text, state):
        until(lambda: self.state(text) == state, f"“{text}” of {self.name} is {state}")

    def message(self, text):
        return next(one for one in self.all("#messages .message") if text in one.find_element(By.CSS_SELECTOR, ".body").text)

    def menu(self, text, item):
        """Chooses from a message's menu."""
        self.run("arguments[0].dispatchEvent(new MouseEvent('contextmenu', "
                 "{ bubbles: true, cancelable: true, clientX: 500, clientY: 300, detail: 1 }))",
                 self.message(text).find_element(By.CSS_SELECTOR, ".body"))
        self.click(".menu [role=menuitem]", item)

    def unread(self, name):
        for row in self.all("#list .row"):
            if name in row.text:
                pill = row.find_elements(By.CSS_SELECTOR, ".pill")
                return int(pill[0].text) if pill and pill[0].is_displayed() else 0
        return None

    def screenshot(self, name):
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.page.save_screenshot(os.path.join(folder, name + ".png"))


class BrowserTest(unittest.TestCase):
    """A test with people. All tests of a run share one server; nobody shares a name."""

    server = None

    @classmethod
    def setUpClass(cls):
        if BrowserTest.server is None:
            BrowserTest.server = Server()

    def person(self, name, **look):
        one = Person(name, BrowserTest.server.port, **look)
        self.addCleanup(one.close)
        self.addCleanup(lambda: self.assertEqual(one.complaints(), []))
        return one

    def pair(self):
        """Two people who have each other's conversation in the list."""
        ann = self.person("ann").register()
        bea = self.person("bea").register()
        ann.find(bea.name)
        ann.say("hello")
        bea.open(ann.name)
        bea.sees("hello")
        return ann, bea
