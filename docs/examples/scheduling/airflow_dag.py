"""A DAG for Airflow 3: reconcile every night, tell where the report is degraded, fail where a person is needed.

Exit codes: 0 goes on; 1 (degraded) goes on and is told; 4 (another run is under way) skips; 2 (no report) and 3 (findings
reached --fail-on) fail, and what the DAG does on failure is done.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

JOB = "/srv/casualties/raqqa"

with DAG(
    dag_id="reconcile_raqqa",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=10)},
):
    # The last line on standard output is what the next task is told: the exit code.
    reconcile = BashOperator(
        task_id="reconcile",
        cwd=JOB,
        bash_command=(
            "code=0; reconcile run job.yaml --as-of {{ logical_date | ds }} --log-json --quiet --fail-on new:S1 || code=$?; "
            'echo "$code"; case $code in 0|1) exit 0;; *) exit "$code";; esac'
        ),
        skip_on_exit_code=[4],
        do_xcom_push=True,
    )
    tell_degraded = BashOperator(
        task_id="tell_degraded",
        bash_command=(
            "test \"{{ ti.xcom_pull(task_ids='reconcile') }}\" = 1 || exit 99; "
            'echo "The report is degraded: see Health of the inputs on its Summary." >&2'
        ),
        skip_on_exit_code=[99],
    )
    reconcile >> tell_degraded
