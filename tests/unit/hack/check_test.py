"""hack/check against planted faults: each is put into a small tree, is found and named, and is taken out again."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]

LAYERS = """
base:
json: base
net: base
kube/core: base json
cadence/plan: base kube/core
main: base net
queue: base
webhook-main: base queue
"""

# A tree that keeps to everything: each fault is planted in one of these files.
TREE = {
    "operator/base/text.hpp": '#pragma once\n\n#include <string>\n\nnamespace cadence {\nstd::string trim();\n}\n',
    "operator/json/value.hpp": '#pragma once\n\n#include "base/text.hpp"\n',
    "operator/net/http.hpp": '#pragma once\n\n#include <boost/asio.hpp>\n\n#include "base/text.hpp"\n',
    "operator/kube/core/conditions.hpp": '#pragma once\n\n#include "base/text.hpp"\n#include "json/value.hpp"\n',
    "operator/cadence/plan/plan.cpp": '''#include <vector>

#include "base/text.hpp"
#include "kube/core/conditions.hpp"

namespace cadence::plan {
namespace {

constexpr int kMost = 3;

enum class Kind { First, Second };

}  // namespace

class Planner {
 public:
  explicit Planner(int most) : most_(most), rest_{most} {}
  int most() const { return most_; }

 private:
  int most_;
  int rest_ = kMost;
};

// A brace in a "string" or a 'character' is none: {
const char* say(Kind kind) {
  switch (kind) {
    case Kind::First:
      return R"({"first": )";
    case Kind::Second:
      return "}";
  }
  return "";
}

}  // namespace cadence::plan
''',
    "operator/main.cpp": '#include "base/text.hpp"\n#include "net/http.hpp"\n\nint main() { return 0; }\n',
    "webhook-server/queue/jobs.hpp": '#pragma once\n\n#include "base/text.hpp"\n',
    "webhook-server/main.cpp": '#include "base/text.hpp"\n#include "queue/jobs.hpp"\n',
    "tests/unit/plan/plan_test.cpp": '#include "cadence/plan/plan.hpp"\n\nTEST(Plan, SaysWhy) {}\n',
    "tests/e2e/story.py": 'def story():\n    return "told"\n',
    "hack/run": "#!/usr/bin/env bash\nset -euo pipefail\n",
}

PLAN = "operator/cadence/plan/plan.cpp"
LONG = "x" * 121

# File, what stands at its top instead, and what the breach is called.
AT_THE_TOP = [
    ("operator/base/text.hpp", '#include "json/value.hpp"', "base may not include json"),
    ("operator/kube/core/conditions.hpp", '#include "cadence/plan/plan.hpp"', "kube/core may not include cadence/plan"),
    (PLAN, '#  include "net/http.hpp"', "cadence/plan may not include net"),
    (PLAN, "#include <fstream>", "<fstream> is none of the headers"),
    (PLAN, "# include <thread>", "<thread> is none of the headers"),
    (PLAN, "#include<sys/socket.h>", "<sys/socket.h> is none of the headers"),
    (PLAN, "#include <future>", "<future> is none of the headers"),
    ("operator/json/value.hpp", "#include <boost/asio.hpp>", "<boost/asio.hpp> belongs to net"),
    ("webhook-server/queue/jobs.hpp", "#include <pqxx/pqxx>", "<pqxx/pqxx> belongs to"),
    (PLAN, "#include <libpq-fe.h>", "<libpq-fe.h> belongs to store"),
    ("webhook-server/queue/jobs.hpp", '#include "intake.hpp"', "write the path from the house"),
    ("webhook-server/queue/jobs.hpp", '#include "../store/open.hpp"', "write the path from the house"),
    ("tests/unit/plan/plan_test.cpp", '#include "../world.hpp"', "an include that leads upwards"),
    (PLAN, f"// {LONG}", "124 columns, and 120 are the limit"),
    ("tests/e2e/story.py", f"# {LONG}", "123 columns, and 120 are the limit"),
    ("hack/run", f"#!/bin/sh\n# {LONG}", "123 columns, and 120 are the limit"),
]

# File, a text of it, what stands there instead, and what the breach is called.
INSTEAD = [
    (PLAN, "Kind kind)", "Kind  kind)", "not as clang-format writes it"),
    ("tests/e2e/story.py", '"told"', "( 'told')", "not as black writes it"),
    (PLAN, "    case Kind::Second:\n", "    default:\n", "a switch over an enum has a default"),
    (PLAN, "First, Second", "First, second", "enumerator second is not written in PascalCase"),
    (PLAN, "kMost", "most", "constant most is not written kLikeThis"),
    (PLAN, "const char* say(", "const char* sayIt(", "function sayIt is not written in snake_case"),
    (PLAN, "class Planner", "class planner", "type planner is not written in PascalCase"),
    (PLAN, "rest_", "rest", "private member rest does not end in _"),
    ("tests/unit/plan/plan_test.cpp", "SaysWhy", "says_why", "test says_why is not written in PascalCase"),
    (PLAN, "cadence::plan {", "cadence::Plan {", "namespace Plan is not written in snake_case"),
    (PLAN, "  switch (kind) {\n", "\n" * 60 + "  switch (kind) {\n", "function say has 69 lines, and 60 are the limit"),
    (PLAN, "#include <vector>\n", "#include <vector>\n" + "// x\n" * 400, "lines, and 400 are the limit of a file"),
    ("hack/layers.txt", "json: base", "json: base net", "hack/layers.txt: json may include net, and no file does"),
    ("hack/layers.txt", "queue: base\n", "", "folder queue has no line"),
]


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for name in (".clang-format", "pyproject.toml"):
            shutil.copy(ROOT / name, self.tree)
        for name, text in {**TREE, "hack/layers.txt": LAYERS}.items():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(text)

    def check(self):
        command = [sys.executable, "-B", ROOT / "hack/check", self.tree]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def plant(self, file, text, named):
        path = self.tree / file
        before = path.read_text()
        path.write_text(text)
        with self.subTest(file=file, named=named):
            self.assertNotEqual(text, before)
            code, said = self.check()
            self.assertEqual(code, 1, said)
            self.assertTrue([line for line in said.splitlines() if named in line], said)
        path.write_text(before)

    def test_a_tree_without_a_fault_passes(self):
        self.assertEqual(self.check()[0], 0, self.check()[1])

    def test_faults_at_the_top_of_a_file_are_found_and_named(self):
        for file, line, named in AT_THE_TOP:
            self.plant(file, line + "\n" + TREE[file], named)

    def test_faults_within_a_file_are_found_and_named(self):
        for file, before, after, named in INSTEAD:
            self.plant(file, (self.tree / file).read_text().replace(before, after), named)

    def test_a_folder_without_a_line_is_found(self):
        (self.tree / "operator/attic").mkdir()
        (self.tree / "operator/attic/box.hpp").write_text("#pragma once\n")
        self.assertIn("folder attic has no line", self.check()[1])

    def test_how_to_mend_the_format_is_said(self):
        (self.tree / PLAN).write_text(TREE[PLAN].replace("Kind kind)", "Kind  kind)"))
        self.assertIn(f"this mends it: clang-format -i {PLAN}", self.check()[1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
