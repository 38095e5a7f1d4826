# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, driven over its debugging pipe, where it is installed."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HEADLESS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"]
PATIENCE = 60  # seconds, for an answer
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}  # what a key event needs besides the name


class browser:
    """One page of a browser of its own. `size`: width and height of what is seen, in CSS pixels."""

    def __init__(self, size=(1280, 900), dark=False, phone=False):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.replies, self.number, self.session, self.rest = {}, 0, None, b""
        self.start()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=2 if phone else 1,
                 mobile=phone)
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def start(self):
        """Chromium reads commands from the descriptor 3 and writes to 4."""
        commands, self.writer = os.pipe()
        self.reader, answers = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$@" 3<&%d 4>&%d' % (commands, answers), "bash", PROGRAM, *HEADLESS, "--remote-debugging-pipe",
             "--user-data-dir=" + self.folder.name],
            env=os.environ | {"TMPDIR": self.folder.name},  # where it would leave its sockets when it is killed
            pass_fds=(commands, answers), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.writer)
        os.close(self.reader)
        self.folder.cleanup()

    def ask(self, method, **parameters):
        """What the browser answers to a method of its protocol."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        reply = self.reply_to(self.number, time.monotonic() + PATIENCE)
        if "error" in reply:
            raise AssertionError("%s: %s" % (method, reply["error"]["message"]))
        return reply["result"]

    def reply_to(self, number, end):
        while number not in self.replies:
            if not select.select([self.reader], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError("Chromium has not answered within %d s" % PATIENCE)
            chunk = os.read(self.reader, 1 << 20)
            if not chunk:
                raise AssertionError("Chromium has ended")
            *messages, self.rest = (self.rest + chunk).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:  # else an event, which nobody waits for
                    self.replies[message["id"]] = message
        return self.replies.pop(number)

    def open(self, address):
        if "errorText" in (found := self.ask("Page.navigate", url=address)):
            raise AssertionError(found["errorText"])

    def run(self, script):
        """What the script returns; it is the body of an async function of the page."""
        reply = self.ask("Runtime.evaluate", expression="(async () => { %s })()" % script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in reply:
            raise AssertionError(reply["exceptionDetails"].get("exception", {}).get("description", "the script failed"))
        return reply["result"].get("value")

    def press(self, key, shift=False):
        """Presses a key as a person does: what has the focus gets it."""
        event = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": 8 if shift else 0}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **event, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **event)

    def take_picture(self, file):
        """Writes a PNG of the whole page, also of what has to be scrolled to."""
        whole = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=dict(whole, scale=1))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))
