#!/bin/sh
# Runs one job and turns its exit code into what a scheduler should do.
#
#   run-job.sh JOB.yaml [options of `reconcile run`]
#
#   exit code of reconcile         what is done                                  exit code of this script
#   0 written, or unchanged        nothing                                       0
#   1 written, but degraded        told: the report stands, look at its inputs   0
#   2 no report                    told: the last good report stays              2
#   3 written, --fail-on reached   told: open findings to look at                3
#   4 another run is under way     nothing: that one will say how it went        0
#
# RECONCILE  the command, where it is not on the PATH
# ALERT      a command that reads what is told from its standard input, such as `mail -s reconcile you@example.org`
# LOG        where the JSON lines go; the default is reconcile.log beside the job
set -u
if [ $# -lt 1 ]; then
    echo "usage: run-job.sh JOB.yaml [options of reconcile run]" >&2
    exit 2
fi
job=$1
shift
log=${LOG:-$(dirname -- "$job")/reconcile.log}

tell() {
    { printf '%s: %s\n' "$job" "$1" && tail -n 1 -- "$log"; } | ${ALERT:-cat} >&2
}

${RECONCILE:-reconcile} run "$job" --log-json --quiet "$@" 2>>"$log"
code=$?
case $code in
0 | 4) exit 0 ;;
1) tell "degraded: the report is written, and something about its inputs has to be looked at" && exit 0 ;;
2) tell "no report was written; the last good one stays" ;;
3) tell "findings reached --fail-on; the report is written" ;;
*) tell "ended by $code, by a signal perhaps; the last good report stays" ;;
esac
exit "$code"
