# Counts what passed and failed over several kinds of test runners. Sourced by hack/test;
# expects the repository as working folder.
passed=0
failed=0
failures=()

tally_pass() { passed=$((passed + 1)); echo "ok   $1"; }
tally_fail() { failed=$((failed + 1)); failures+=("$1"); echo "FAIL $1"; }

# tally_command NAME COMMAND…: one test that is a command.
tally_command() {
  local name=$1 log started=$SECONDS
  shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    tally_pass "$name ($((SECONDS - started)) s)"
    rm -f "$log"
    return 0
  fi
  tail -60 "$log"
  tally_fail "$name"
  rm -f "$log"
  return 1
}

# tally_ctest NAME CTEST-ARGUMENTS…: the GoogleTest programs of the build $PRESET (release), two at a time.
# A selection that runs nothing is a failure.
tally_ctest() {
  local name=$1 report log
  shift
  report=$(mktemp --suffix .xml)
  log=$(mktemp)
  ctest --preset "${PRESET:-release}" -j 2 --output-junit "$report" "$@" >"$log" 2>&1
  local counts
  counts=$(python3 - "$report" <<'PY'
import re, sys, xml.etree.ElementTree as tree

def parts(case):  # of a program with several tests, those that failed
    told = sorted(set(re.findall(r"^\[  FAILED  \] (\S+) \(\d+ ms\)", case.findtext("system-out") or "", re.M)))
    return ":" + ",".join(told) if told else ""

cases = list(tree.parse(sys.argv[1]).getroot().iter("testcase"))
bad = [c for c in cases if c.get("status") != "run"]
for case in bad:  # the counterexample of a random test is said once and never again
    print(f"{case.get('name')}:\n{(case.findtext('system-out') or '')[-6000:]}", file=sys.stderr)
print(len(cases) - len(bad), len(bad), *(case.get("name") + parts(case) for case in bad))
PY
  ) || counts="0 1 ctest"
  read -r good bad names <<<"$counts"
  if [[ $((good + bad)) -eq 0 ]]; then bad=1 names="no-test-was-found"; fi
  passed=$((passed + good)) failed=$((failed + bad))
  for case in $names; do failures+=("$case"); done
  [[ $bad -eq 0 ]] && echo "ok   $name: $good tests" || { tail -20 "$log"; echo "FAIL $name: $bad of $((good + bad))"; }
  rm -f "$report" "$log"
}

# tally_python FOLDER: its unittest stories, one after the other in the order of their file names.
tally_python() {
  local log
  log=$(mktemp)
  python3 "$1/run.py" 2>&1 | tee "$log"
  tally_lines "$1" "$log" "${PIPESTATUS[0]}"
  rm -f "$log"
}

# tally_lines NAME LOG CODE: what a runner printed, "ok   TEST" or "FAIL TEST" a line, and how it ended.
tally_lines() {
  local good bad
  good=$(grep -c '^ok   ' "$2")
  bad=$(grep -c '^FAIL ' "$2")
  if [[ $((good + bad)) -eq 0 ]]; then bad=1; failures+=("$1 ran no test"); fi
  # A runner that breaks off has not told of the tests it did not come to.
  if [[ $3 -ne 0 && $bad -eq 0 ]]; then bad=1; failures+=("$1 broke off with exit code $3"); fi
  while read -r line; do failures+=("$line"); done < <(grep '^FAIL ' "$2" | cut -c6-)
  passed=$((passed + good)) failed=$((failed + bad))
}

# The last line, and the exit code.
tally_report() {
  for failure in "${failures[@]}"; do echo "failed: $failure"; done
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 ]]
}
