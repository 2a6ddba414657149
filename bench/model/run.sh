#!/bin/bash
# States per second and bytes per state of the model against SPIN, in one run. The Promela models are the same transition
# systems, step for step: when the two do not count the same states, this fails.
#   bench/model/run.sh BUILD-FOLDER      (built: ninja model_bench; needs spin and gcc)
# Both are given no reduction, exact (not hashed) state storage and one core; times are CPU seconds. `spin -o2`, because SPIN
# otherwise leaves variables that no guard reads out of its states, and the model does not.
set -eu
build=${1:?usage: run.sh BUILD-FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v spin >/dev/null || { echo "run.sh: needs spin (Debian package spin)" >&2; exit 2; }
status=0
printf '%-12s %-8s %12s %12s %10s %14s %12s\n' scenario tool states transitions seconds states/s bytes/state
for scenario in tasklet workqueue; do
  read -r own transitions seconds rate bytes _ < <("$build/bin/model_bench" "$here/$scenario.yaml")
  printf '%-12s %-8s %12s %12s %10s %14s %12s\n' "$scenario" bhlint "$own" "$transitions" "$seconds" "$rate" "$bytes"
  (cd "$work" && spin -o2 -a "$here/$scenario.pml" >/dev/null && gcc -O2 -DSAFETY -DNOREDUCE -DMEMLIM=8000 -o pan pan.c)
  (cd "$work" && { time -p ./pan -m5000000 -w22 > out; } 2> time)
  grep -q 'errors: 0' "$work/out" || { cat "$work/out"; exit 1; }
  states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$work/out")
  transitions=$(sed -n 's/^ *\([0-9]*\) transitions .*/\1/p' "$work/out")
  seconds=$(awk '/^(user|sys)/ { sum += $2 } END { print sum }' "$work/time")
  memory=$(sed -n 's/^ *\([0-9.]*\)\tactual memory usage for states.*/\1/p' "$work/out")
  awk -v n="$scenario" -v s="$states" -v t="$transitions" -v c="$seconds" -v m="${memory:-0}" 'BEGIN {
    printf "%-12s %-8s %12d %12d %10.3f %14.0f %12.1f\n", n, "spin", s, t, c, (c > 0 ? s / c : 0), m * 1048576 / s }'
  [ "$own" = "$states" ] || { echo "run.sh: $scenario: $own states here, $states in SPIN" >&2; status=1; }
done
exit $status
