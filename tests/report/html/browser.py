"""Debian's chromium, driven over a pipe by the DevTools protocol: no port, no driver program.

https://chromedevtools.github.io/devtools-protocol/: messages are JSON, each ended by a NUL.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from select import select
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE = 60
_KEYS = {
    "Enter": 13,
    "Backspace": 8,
    "Escape": 27,
    "Tab": 9,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}

# Chromium reads what it is told from 3 and answers on 4, which may be in use for something else.
_EXCHANGE = """
import os, sys
pipes = [os.dup(int(pipe)) for pipe in sys.argv[1:3]]
while min(pipes) < 5:
    pipes = [os.dup(pipe) for pipe in pipes]
for pipe, number in zip(pipes, (3, 4)):
    os.dup2(pipe, number, inheritable=True)
os.execvp(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """A running chromium with one page."""

    def __init__(self, source: int, sink: int) -> None:
        self._source, self._sink = source, sink
        self._buffer = b""
        self._last = 0
        self._session: str | None = None
        self.trouble: list[str] = []
        """What the page's console complains of, and exceptions."""
        self._requests: dict[str, str] = {}

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method and wait for its answer."""
        self._last += 1
        message: dict[str, object] = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._sink, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select([self._source], [], [], _PATIENCE)
            piece = os.read(self._source, 1 << 20) if ready else b""
            if not piece:
                raise RuntimeError("chromium does not answer")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, event: str | None, facts: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self._requests[facts["requestId"]] = facts["request"]["url"]
        elif event == "Network.loadingFailed" and facts.get("blockedReason") == "csp":
            del self._requests[facts["requestId"]]
        elif event == "Log.entryAdded" and facts["entry"]["level"] in ("error", "warning"):
            self.trouble.append(facts["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            self.trouble.append(json.dumps(facts["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and facts["type"] in ("error", "warning"):
            self.trouble.append(json.dumps(facts["args"]))

    @property
    def requests(self) -> list[str]:
        """Addresses that the page asked for, its own among them; none that its policy refused."""
        return list(self._requests.values())

    def attach(self) -> None:
        """Take the page that chromium opened with."""
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(one for one in targets if one["type"] == "page")
        answer = self.send("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def open(
        self,
        file: Path,
        *,
        width: int = 1360,
        height: int = 900,
        scale: float = 1,
        ready: str = "document.documentElement?.dataset.ready",
    ) -> None:
        """Load a page from disk and wait until its program is `ready`."""
        self.resize(width, height, scale)
        self.trouble.clear()
        self._requests.clear()
        self.send("Page.navigate", url=file.as_uri())
        # Chromium itself asks the page, over and over, as long as that takes.
        self.value(
            f"new Promise(done => {{ const ask = () => ({ready})"
            " ? done(true) : setTimeout(ask, 20); ask(); })"
        )

    def resize(self, width: int, height: int, scale: float = 1) -> None:
        """Another size of the window."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def prefer(self, scheme: str, medium: str = "") -> None:
        """Light or dark, and screen or print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media=medium, features=features)
        # The page is told with its next frame.
        frames = "requestAnimationFrame(() => requestAnimationFrame(() => done(true)))"
        self.value(f"new Promise(done => {frames})")

    def value(self, expression: str) -> Any:
        """What an expression is in the page; promises are waited for."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def text(self, selector: str) -> str:
        """The text of the first element."""
        return str(self.value(f"document.querySelector({json.dumps(selector)}).textContent"))

    def texts(self, selector: str) -> list[str]:
        """The text of every element."""
        found = f"document.querySelectorAll({json.dumps(selector)})"
        texts: list[str] = self.value(f"Array.from({found}, one => one.textContent)")
        return texts

    def click(self, selector: str) -> None:
        """Press the middle of the first element, as a hand would."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.value(f"{found}.scrollIntoView({{block: 'center'}})")
        box = self.value(
            f"(b => [b.x + b.width / 2, b.y + b.height / 2])({found}.getBoundingClientRect())"
        )
        self.press(*box)

    def press(self, x: float, y: float) -> None:
        """Move the pointer to a place in the window and press there."""
        self.point(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a place in the window."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def key(self, key: str) -> None:
        """Press a key: a name, or a character."""
        code = _KEYS.get(key, ord(key[0].upper()) if len(key) == 1 else 0)
        common = {"key": key, "windowsVirtualKeyCode": code}
        text = {} if key in _KEYS else {"text": key}
        self.send("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.send("Input.insertText", text=text)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """Save what is seen as PNG."""
        answer = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(answer["data"]))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start chromium, without a window, on a profile that is thrown away."""
    profile = tempfile.mkdtemp(prefix="lightship-chromium-")
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", _EXCHANGE, str(theirs_in), str(theirs_out)),
            *("chromium", "--headless", "--remote-debugging-pipe"),
            f"--user-data-dir={profile}",
            # Root has no sandbox in chromium; the pages are the tests' own.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "about:blank",
        ],
        pass_fds=(theirs_in, theirs_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        browser = Browser(ours_in, ours_out)
        browser.attach()
        yield browser
        browser._session = None
        browser.send("Browser.close")
    finally:
        os.close(ours_out)
        os.close(ours_in)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(profile, ignore_errors=True)
