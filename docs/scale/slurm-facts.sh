#!/bin/sh
# One task of a Slurm array for each shard: the facts of its share of the units, into a folder that all nodes see.
#
#   export BHLINT_BUILD=/shared/out BHLINT_FACTS=/shared/facts
#   job=$(sbatch --parsable --array=1-20 docs/scale/slurm-facts.sh [PATH...])
#   sbatch --dependency=afterok:$job docs/scale/slurm-check.sh
#
# BHLINT_BUILD is what `bhlint db` made or a built tree; it and the kernel's sources are read only. BHLINT names the program
# when it isn't in the PATH. What has to be adapted is above the first command: time, memory, and the array's size, where a
# task for 500 to 2,000 units is a good measure, since each precompiles headers of its own.
#SBATCH --job-name=bhlint-facts
#SBATCH --array=1-20
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=2G
#SBATCH --time=02:00:00
#SBATCH --requeue
set -eu

# Each node has a cache of its own, or none: a task that is run again goes on where it was stopped.
# SIGTERM comes some time before the limit or a preemption; exec lets bhlint have it, and put away what it has.
exec "${BHLINT:-bhlint}" facts --shard auto -p "$BHLINT_BUILD" -o "$BHLINT_FACTS" -j "${SLURM_CPUS_PER_TASK:-1}" "$@"
