# SPDX-License-Identifier: BSD-2-Clause
"""A headless Chromium, driven over WebDriver (W3C), with nothing but the standard library."""

import base64
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
         "--force-prefers-reduced-motion"]
KEYS = {"tab": "\ue004", "enter": "\ue007", "escape": "\ue00c", "space": " ", "left": "\ue012",
        "shift": "\ue008", "end": "\ue010"}


class Browser:
    """Started by its constructor; quit() ends it, whatever state it is in."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="filterd-browser-")
        self.driver = None
        self.path = None
        try:
            self.port = self.start_driver()
            self.path = "/session/" + self.start_session()
        except Exception:
            self.quit()
            raise

    def start_driver(self):
        """On a port that it chooses itself; it says which."""
        path = os.path.join(self.folder, "driver.log")
        with open(path, "wb") as log:
            self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.driver.poll() is None:
            with open(path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    if "started successfully on port" in line:
                        return int(line.rsplit(" ", 1)[1].strip().rstrip("."))
            time.sleep(0.05)
        raise RuntimeError("chromedriver does not start")

    def start_session(self):
        flags = [*FLAGS, f"--user-data-dir={self.folder}/profile"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": flags},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 60000, "pageLoad": 60000},
            "unhandledPromptBehavior": "ignore",
        }
        answer = self.send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        return answer["sessionId"]

    def send(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            text = None if method != "POST" else json.dumps(body or {})
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise RuntimeError(f"{answer['error']}: {answer['message']}")
        return answer

    def command(self, name, **body):
        return self.send("POST", f"{self.path}/{name}", body)

    def chrome(self, name, **parameters):
        """A command of the browser's own protocol."""
        return self.command("goog/cdp/execute", cmd=name, params=parameters)

    def open(self, address):
        self.command("url", url=address)

    def run(self, script, *arguments):
        """What the body of a function returns in the page."""
        return self.command("execute/sync", script=script, args=list(arguments))

    def await_that(self, script, *arguments, seconds=30):
        """Until the expression is true; its value."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(f"return {script}", *arguments)
            if value:
                return value
            if time.monotonic() > end:
                what = f"{script} {arguments}\n{self.text('body')}"
                raise AssertionError(f"not in {seconds} s: {what}")
            time.sleep(0.05)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? null", selector)

    def element(self, selector):
        return self.command("element", using="css selector", value=selector)[ELEMENT]

    def click(self, selector):
        self.command(f"element/{self.element(selector)}/click")

    def type(self, selector, text):
        element = self.element(selector)
        self.command(f"element/{element}/clear")
        self.command(f"element/{element}/value", text=text)

    def press(self, *names, shift=False):
        """Keys, one after the other, by their names above."""
        actions = [{"type": kind, "value": KEYS.get(name, name)}
                   for name in names for kind in ("keyDown", "keyUp")]
        if shift:
            actions = [{"type": "keyDown", "value": KEYS["shift"]}, *actions,
                       {"type": "keyUp", "value": KEYS["shift"]}]
        self.command("actions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def size(self, width, height=800):
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height,
                    deviceScaleFactor=1, mobile=width < 600)

    def scheme(self, name):
        """What the system prefers: light or dark."""
        self.chrome("Emulation.setEmulatedMedia",
                    features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.send("GET", f"{self.path}/screenshot")))

    def complaints(self):
        """What the browser has said since the last call: errors, violations of the policy."""
        return self.command("se/log", type="browser")

    def quit(self):
        if self.path:
            try:
                self.send("DELETE", self.path)
            except (OSError, RuntimeError, ValueError, http.client.HTTPException):
                pass	# the driver is ended below, and the browser with it
        if self.driver:
            self.driver.terminate()
            try:
                self.driver.wait(20)
            except subprocess.TimeoutExpired:
                self.driver.kill()
                self.driver.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
