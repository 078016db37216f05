"""hack/lib/common.sh on the daemons that it starts: which of them run, by what was noted of them."""
import pathlib
import subprocess
import tempfile
import unittest

COMMON = pathlib.Path(__file__).resolve().parents[3] / "hack/lib/common.sh"
ENDED = "true & pid=$!; wait $pid"
LIVES = "sleep 60 & pid=$!; trap 'kill $pid' EXIT"
START = '$(start_time "$pid")'


class DaemonsTest(unittest.TestCase):
    def runs(self, process, note):
        with tempfile.TemporaryDirectory() as folder:
            script = f'. "{COMMON}"; {process}; printf "%s\\n" "{note}" >"{folder}/pid"; running "{folder}/pid"'
            return subprocess.run(["bash", "-c", script], timeout=60).returncode == 0

    def test_one_that_is_as_it_was_noted_runs(self):
        self.assertTrue(self.runs(LIVES, f"$pid {START}"))

    def test_another_process_of_its_number_is_not_it(self):
        self.assertFalse(self.runs(LIVES, "$pid 1"))

    def test_one_that_ended_before_its_start_was_noted_does_not_run(self):
        self.assertFalse(self.runs(ENDED, "$pid "))
        self.assertFalse(self.runs(LIVES, "$pid "))

    def test_what_was_cut_off_is_no_note(self):
        self.assertFalse(self.runs(LIVES, ""))


if __name__ == "__main__":
    unittest.main()
