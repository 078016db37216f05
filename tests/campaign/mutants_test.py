"""What counts as a mutant of a line, and what is left alone."""
import pathlib
import tempfile
import unittest

import mutants

HEAD = "namespace cadence {\n"


def changes_of(line):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "a.cpp"
        file.write_text(HEAD + line + "\n")
        return {(mutant.kind, mutant.after) for mutant in mutants.mutants_of(file)}


class Mutants(unittest.TestCase):
    def test_each_kind_of_change_is_made(self):
        for line, kind, after in [
            ("  if (f(a) && b) return 7;", "negated condition", "  if (!(f(a) && b)) return 7;"),
            ("  if (f(a) && b) return 7;", "and for or", "  if (f(a) || b) return 7;"),
            ("  if (f(a) && b) return 7;", "other constant", "  if (f(a) && b) return 8;"),
            ("  x = a < b;", "off by one", "  x = a <= b;"),
            ("  x = a + 1;", "off by one", "  x = a + 2;"),
            ("  x = a == b;", "equality", "  x = a != b;"),
            ("  out.push_back(x);", "statement left out", "  ;"),
            ("  return f(a, b.c);", "swapped arguments", "  return f(b.c, a);"),
            ("  return true;", "other constant", "  return false;"),
        ]:
            self.assertIn((kind, after), changes_of(line), line)

    def test_texts_comments_and_declarations_are_left_alone(self):
        for line in ('  say("a && b == 1");', "  // a == b", "  const auto a = f();", "#include <a>"):
            self.assertFalse({change for change in changes_of(line) if change[0] != "statement left out"}, line)
        self.assertEqual(changes_of("  const auto a = f();"), set())

    def test_a_text_stays_where_the_code_beside_it_changes(self):
        self.assertIn(("equality", '  if (a != "x 0") g();'), changes_of('  if (a == "x 0") g();'))

    def test_a_seed_draws_the_same_again(self):
        self.assertEqual(mutants.drawn(3)[:9], mutants.drawn(3)[:9])
        self.assertNotEqual(mutants.drawn(3)[:9], mutants.drawn(4)[:9])


if __name__ == "__main__":
    unittest.main()
