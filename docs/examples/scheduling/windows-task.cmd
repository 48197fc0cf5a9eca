@rem Every night at 03:00, under the account that types this. Task Scheduler shows the exit code as the last result.
schtasks /Create /F /TN "Reconcile Raqqa" /SC DAILY /ST 03:00 /TR "cmd /d /c cd /d C:\casualties\raqqa && reconcile run job.yaml --log-json --quiet --fail-on new:S1 2>> reconcile.log"
