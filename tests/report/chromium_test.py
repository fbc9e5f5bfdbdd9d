#!/usr/bin/env python3
"""Reports in a browser: they say nothing to the console, ask for nothing, and can be read.

With TCPCRAFT_PICTURES=FOLDER every page is also photographed into it.
"""

import base64
import os
import sys
import tempfile
import unittest

import chromium
import runs

PAGES = ("handshake", "lost-syn", "teardown", "idle", "learn", "serve")
HOSTILE = "<script>alert(1)</script>&lt;\"'>`|@x"

# Every text that is seen, against what lies behind it: WCAG 2.1, 1.4.3.
CONTRAST = """
(() => {
  const canvas = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
  canvas.width = canvas.height = 1;
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  function rgba(colour) {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  function light([r, g, b]) {
    const part = (c) => (c /= 255, c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  }
  function behind(element) {
    let made = [];
    for (let at = element; at; at = at.parentElement) {
      made.push(rgba(getComputedStyle(at).backgroundColor));
    }
    made.push(rgba(getComputedStyle(document.documentElement).colorScheme ? "Canvas" : "white"));
    return made.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  }
  // In a picture: the frames that lie under the text and were drawn before it.
  function framed(text, ground) {
    const box = text.getBoundingClientRect();
    for (const frame of text.ownerSVGElement.querySelectorAll(".note,.bg")) {
      const it = frame.getBoundingClientRect();
      if (it.left <= box.left + 1 && it.top <= box.top + 4 && it.bottom >= box.bottom - 4) {
        ground = over(rgba(getComputedStyle(frame).fill), ground);
      }
    }
    return ground;
  }
  const worst = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  let count = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element || element.closest("style,script,title,desc,defs")) continue;
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const picture = element.closest("svg");
    const ground = picture ? framed(element.closest("text"), behind(picture)) : behind(element);
    const colour = over(rgba(picture ? style.fill : style.color), ground);
    const [a, b] = [light(colour), light(ground)].sort((x, y) => y - x);
    count += 1;
    worst.push([(a + 0.05) / (b + 0.05), node.data.trim().slice(0, 40)]);
  }
  worst.sort((x, y) => x[0] - y[0]);
  return { count, worst: worst.slice(0, 3) };
})()
"""

# Texts of a picture that lie upon each other, or outside of it.
COLLISIONS = """
(() => {
  const found = [];
  for (const picture of document.querySelectorAll("svg")) {
    const frame = picture.getBoundingClientRect();
    if (!frame.width) continue;
    const all = [...picture.querySelectorAll("text")].map((t) => [t, t.getBoundingClientRect()]);
    all.sort((x, y) => x[1].top - y[1].top);
    all.forEach(([text, box], i) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1) found.push(["out", text.textContent]);
      for (let j = i + 1; j < all.length && all[j][1].top < box.bottom; ++j) {
        const other = all[j][1];
        const wide = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const high = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        if (wide > 2 && high > 5) found.push([text.textContent, all[j][0].textContent]);
      }
    });
  }
  return found;
})()
"""

SELECTED = """
(() => {
  const text = [...document.querySelectorAll("svg text")].find((t) => t.getClientRects().length &&
      t.textContent.includes("SYN seq"));
  const range = document.createRange();
  range.selectNodeContents(text);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return String(getSelection());
})()
"""


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        for name in PAGES:
            done = runs.run(name, cls.folder.name, "-o", cls.file(name, "html"), "-o",
                            cls.file(name, "svg"))
            assert done.returncode in (0, 1, 3), done
        cls.browser = chromium.Chromium()
        cls.addClassCleanup(cls.browser.__exit__)

    @classmethod
    def file(cls, name, ending="html"):
        return os.path.join(cls.folder.name, f"{name}.{ending}")

    def open(self, path, **how):
        self.browser.look(**how)
        self.browser.open(path)
        if folder := os.environ.get("TCPCRAFT_PICTURES"):
            kind = "-".join([str(how.get("width", "")), *[key for key in how if how[key] is True]])
            name = f"{os.path.basename(path)}-{kind or 'light'}.png"
            with open(os.path.join(folder, name), "wb") as file:
                file.write(base64.b64decode(self.browser.picture()))

    def settled(self, path):
        """Nothing was said, and nobody but the file itself asked for."""
        self.assertEqual(self.browser.complaints(), [], path)
        self.assertEqual(self.browser.requests(), ["file://" + path])

    def read(self, script):
        return self.browser.evaluate(script)

    def legible(self, path):
        seen = self.read(CONTRAST)
        self.assertGreater(seen["count"], 20, path)
        self.assertGreaterEqual(seen["worst"][0][0], 4.5, (path, seen["worst"]))
        self.assertEqual(self.read(COLLISIONS), [], path)

    def test_pages_are_legible_and_silent(self):
        for name in PAGES:
            for dark in (False, True):
                self.open(self.file(name), dark=dark)
                self.read("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
                self.legible(self.file(name))
                self.settled(self.file(name))

    def test_pages_fit_a_telephone(self):
        for name in PAGES:
            self.open(self.file(name), width=375, height=700)
            self.read("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            self.assertLessEqual(self.read("document.documentElement.scrollWidth"), 375, name)
            self.legible(self.file(name))

    def test_pictures_stand_alone(self):
        for name in PAGES:
            for dark in (False, True):
                self.open(self.file(name, "svg"), dark=dark)
                self.assertGreaterEqual(self.read(CONTRAST)["worst"][0][0], 4.5, name)
                self.assertEqual(self.read(COLLISIONS), [], name)
                self.settled(self.file(name, "svg"))

    def test_text_can_be_selected(self):
        for ending in ("html", "svg"):
            self.open(self.file("handshake", ending))
            self.assertRegex(self.read(SELECTED), r"^SYN seq \d+ win \d+$")

    def test_everything_is_there_without_javascript(self):
        self.open(self.file("handshake"), javascript=False)
        self.settled(self.file("handshake"))
        self.browser.call("Emulation.setScriptExecutionDisabled", value=False)
        self.assertFalse(self.read("Boolean(document.querySelector('#tools').offsetParent)"))
        titles = self.read("[...document.querySelectorAll('.wide g.seg > title')]"
                           ".map((t) => t.textContent)")
        self.assertGreater(len(titles), 5)
        self.assertIn("Flags: SYN", titles[0])
        self.assertIn("Notation: < S 0:0(0)", titles[0])

    def test_javascript_adds_panel_filter_and_keyboard(self):
        self.open(self.file("lost-syn"))
        self.assertTrue(self.read("document.querySelector('#tools').offsetHeight > 0"))
        self.read("document.querySelector('.wide g.seg').focus()")
        self.assertIn("SYN seq", self.read("document.querySelector('#panel h4').textContent"))
        self.assertIn("On the wire".lower(), self.read(
            "document.querySelector('#panel').textContent").lower())
        for key, wanted in (("ArrowDown", "SYN seq 0"), ("End", "ACK")):
            self.browser.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key)
            self.assertIn(wanted, self.read("document.activeElement.getAttribute('aria-label')"))
        self.browser.call("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape")
        self.assertTrue(self.read("document.querySelector('#panel').hidden"))
        self.read("(() => { const s = document.querySelector('#tools select'); s.value = 'again';"
                  " s.dispatchEvent(new Event('change')); })()")
        self.assertRegex(self.read("document.querySelector('#tools output').textContent"),
                         r"^[1-9]\d* of \d+ segments$")
        self.settled(self.file("lost-syn"))

    def test_a_verdict_leads_to_its_segments(self):
        self.open(self.file("teardown"))
        link = ".verdicts .wide a:not([href*=v])"
        name = self.read(f"document.querySelector('{link}').getAttribute('href')")
        self.read(f"document.querySelector('{link}').click()")
        self.read("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        self.assertTrue(self.read(f"document.querySelector('{name}').classList.contains('on')"))
        self.assertTrue(self.read(
            f"(() => {{ const b = document.querySelector('{name}').getBoundingClientRect();"
            " return b.top >= 0 && b.bottom <= innerHeight; })()"))

    def test_pages_can_be_printed(self):
        self.open(self.file("handshake"), dark=True)
        paper = base64.b64decode(self.browser.paper())
        self.assertTrue(paper.startswith(b"%PDF-"))
        self.assertGreater(len(paper), 10000)

    def test_what_others_wrote_is_only_text(self):
        path = self.file("hostile")
        done = runs.run("plain", self.folder.name, "--send", HOSTILE,
                        "-o", path)
        self.assertEqual(done.returncode, 0, done)
        self.open(path)
        self.assertEqual(self.read("document.querySelectorAll('script').length"), 1)
        self.assertIn("<script>alert(1)", self.read(
            "[...document.querySelectorAll('svg text')].map((t) => t.textContent).join()"))
        self.settled(path)


if __name__ == "__main__":
    if chromium.program() is None:
        print("skipped: chromium is not installed (scripts/setup --for all)")
        sys.exit(77)
    unittest.main()
