#!/bin/sh
# The job behind slurm-facts.sh: joins the shards in BHLINT_FACTS, and writes findings.json there.
#
# Findings are no failure of the job. Shards that are missing, and units that failed, are listed in the job's output.
#SBATCH --job-name=bhlint-check
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=00:30:00
set -eu

status=0
"${BHLINT:-bhlint}" check --facts "$BHLINT_FACTS" -j "${SLURM_CPUS_PER_TASK:-1}" --format json \
  -o "$BHLINT_FACTS/findings.json" "$@" || status=$?
[ "$status" -le 1 ]
