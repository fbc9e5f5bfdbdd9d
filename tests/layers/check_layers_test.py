"""scripts/check-layers finds each kind of wrong include, and only those."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "scripts" / "check-layers"


def run_on(files):
    """Writes files (path: text) into an empty repository and checks it: (status, output)."""
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "libtcpcraft").mkdir()
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout + done.stderr


class CheckLayers(unittest.TestCase):
    def refuses(self, path, include, because, extra=None):
        status, output = run_on({path: f"#include {include}\n", **(extra or {})})
        self.assertEqual(status, 1, output)
        self.assertIn(f"{path}:1: includes {include[1:-1]}", output)
        self.assertIn(because, output)

    def accepts(self, path, include, extra=None):
        status, output = run_on({path: f"#include {include}\n", **(extra or {})})
        self.assertEqual((status, output), (0, ""))

    def test_nothing_below_base(self):
        self.refuses("libtcpcraft/base/a.hpp", "<libtcpcraft/seq/seq.hpp>", "base may include nothing")

    def test_seq_knows_base_only(self):
        self.accepts("libtcpcraft/seq/a.cpp", "<libtcpcraft/base/time.hpp>")
        self.refuses("libtcpcraft/seq/a.cpp", "<libtcpcraft/wire/flags.hpp>", "seq may include")

    def test_engine_sees_values_of_wire_but_not_the_codec(self):
        self.accepts("libtcpcraft/engine/a.cpp", "<libtcpcraft/wire/segment.hpp>")
        self.accepts("libtcpcraft/engine/rfc9293/a.cpp", "<libtcpcraft/engine/tcb.hpp>")
        self.refuses("libtcpcraft/engine/a.cpp", "<libtcpcraft/wire/codec.hpp>", "engine may include")
        self.refuses("libtcpcraft/engine/rfc9293/a.cpp", "<libtcpcraft/link/link.hpp>", "engine")

    def test_drive_knows_no_world(self):
        for room in ("guard", "link/raw", "sim"):
            self.refuses("libtcpcraft/drive/a.cpp", f"<libtcpcraft/{room}/b.hpp>", "drive may include")

    def test_link_does_not_know_its_raw_form(self):
        self.refuses("libtcpcraft/link/a.hpp", "<libtcpcraft/link/raw/b.hpp>", "link may include")
        self.accepts("libtcpcraft/link/raw/b.cpp", "<libtcpcraft/link/link.hpp>")

    def test_asio_and_libnet_in_link_raw_only(self):
        for header in ("<boost/asio.hpp>", "<libnet.h>"):
            self.refuses("libtcpcraft/drive/a.cpp", header, "belong to link/raw")
            self.refuses("tools/a.cpp", header, "belong to link/raw")
            self.accepts("libtcpcraft/link/raw/a.cpp", header)

    def test_headers_for_asio_show_asio_only(self):
        self.accepts("libtcpcraft/asio/session.hpp", "<boost/asio/post.hpp>")
        self.refuses("libtcpcraft/asio/session.hpp", "<libnet.h>", "belong to link/raw")
        self.refuses("libtcpcraft/asio/session.hpp", "<libtcpcraft/link/raw/loop.hpp>", "asio may")

    def test_no_public_header_shows_them(self):
        cmake = {"libtcpcraft/link/CMakeLists.txt": "tcpcraft_room(PUBLIC_HEADERS link.hpp raw/a.hpp)"}
        self.refuses("libtcpcraft/link/raw/a.hpp", "<boost/asio.hpp>", "a public header", cmake)
        self.accepts("libtcpcraft/link/raw/hidden.hpp", "<boost/asio.hpp>", cmake)

    def test_tools_use_what_is_public(self):
        cmake = {"libtcpcraft/wire/CMakeLists.txt": "tcpcraft_room(PUBLIC_HEADERS\n  text.hpp)"}
        self.accepts("tools/a.cpp", "<libtcpcraft/wire/text.hpp>", cmake)
        self.refuses("tools/a.cpp", "<libtcpcraft/wire/private.hpp>", "public headers only", cmake)

    def test_path_from_the_root_in_angle_brackets(self):
        self.refuses("libtcpcraft/wire/a.cpp", '"text.hpp"', "is written <libtcpcraft/")

    def test_a_new_room_must_be_entered_in_the_table(self):
        self.refuses("libtcpcraft/misc/a.cpp", "<vector>", "no room 'misc'")

    def test_the_export_macro_is_for_everyone(self):
        self.accepts("libtcpcraft/base/a.hpp", "<libtcpcraft/export.hpp>")

    def test_wrong_usage(self):
        done = subprocess.run([sys.executable, CHECK, "--nonsense"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
