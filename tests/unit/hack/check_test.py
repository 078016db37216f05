"""hack/check against planted faults: each is put into a copy of the tree, is found and named, and is taken out again."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]

# What is planted, in which file, and what the breach is called.
PLANTED = [
    ("operator/base/text.cpp", '#include "json/value.hpp"', "base may not include json"),
    (
        "operator/kube/core/conditions.cpp",
        '#include "cadence/api/cluster.hpp"',
        "kube/core may not include cadence/api",
    ),
    (
        "operator/cadence/plan/plan.cpp",
        '#include "cadence/observe/observer.hpp"',
        "cadence/plan may not include cadence/observe",
    ),
    ("operator/cadence/plan/plan.cpp", '  #  include "net/http.hpp"', "cadence/plan may not include net"),
    ("operator/cadence/plan/plan.cpp", "#include <fstream>", "<fstream> is none of the headers"),
    ("operator/cadence/plan/plan.cpp", "#include <future>", "<future> is none of the headers"),
    ("operator/cadence/status/summarise.cpp", "# include <thread>", "<thread> is none of the headers"),
    ("operator/cadence/resources/names.cpp", "#include <sys/socket.h>", "<sys/socket.h> is none of the headers"),
    ("operator/redis/plan/plan.cpp", "#include<unistd.h>", "<unistd.h> is none of the headers"),
    ("webhook-server/analysis/git/judge.cpp", "#include <mutex>", "<mutex> is none of the headers"),
    ("operator/kube/client/config.cpp", "#include <boost/asio.hpp>", "<boost/asio.hpp> belongs to net"),
    ("webhook-server/analysis/source/web/page.cpp", "#include <git2.h>", "<git2.h> belongs to"),
    ("webhook-server/queue/workers.cpp", "#include <pqxx/pqxx>", "<pqxx/pqxx> belongs to"),
    ("webhook-server/queue/workers.cpp", '#include "intake.hpp"', "write the path from the house"),
    ("webhook-server/queue/workers.cpp", '#include "../store/open.hpp"', "write the path from the house"),
]


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.copy = pathlib.Path(cls.folder.name)
        for part in ("operator", "webhook-server", "hack"):
            shutil.copytree(ROOT / part, cls.copy / part, symlinks=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check(self):
        done = subprocess.run(
            [sys.executable, "-B", ROOT / "hack/check", self.copy], capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout

    def plant(self, file, text):
        path = self.copy / file
        before = path.read_text()
        path.write_text(text)
        self.addCleanup(path.write_text, before)

    def test_the_tree_as_it_is_keeps_to_its_layers(self):
        self.assertEqual(self.check()[0], 0, self.check()[1])

    def test_planted_includes_are_found_and_named(self):
        for file, line, named in PLANTED:
            path = self.copy / file
            before = path.read_text()
            path.write_text(line + "\n" + before)
            code, said = self.check()
            path.write_text(before)
            self.assertEqual(code, 1, f"{line} in {file}")
            self.assertEqual(
                [each for each in said.splitlines() if f"{file}:1: " in each and named in each],
                said.splitlines(),
                f"{line} in {file}",
            )

    def test_a_file_that_is_too_long_is_found(self):
        file = "operator/base/text.cpp"
        self.plant(file, (self.copy / file).read_text() + "\n" * 400)
        self.assertIn(f"{file}: longer than 400 lines", self.check()[1])

    def test_an_arrow_that_nothing_uses_is_found(self):
        self.plant("hack/layers.txt", (ROOT / "hack/layers.txt").read_text().replace("json: base", "json: base net"))
        self.assertIn("hack/layers.txt: json may include net, and no file does", self.check()[1])

    def test_a_folder_without_a_line_is_found(self):
        new = self.copy / "operator/attic"
        new.mkdir()
        self.addCleanup(shutil.rmtree, new)
        (new / "box.hpp").write_text("#pragma once\n")
        self.assertIn("folder attic has no line", self.check()[1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
