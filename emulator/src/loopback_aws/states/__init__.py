"""Step Functions on loopback: moto's interpreter inside ministack's API, and what neither of them has.

ministack keeps state machines, versions, aliases and activities; what is changed inside moto and ministack
is in `loopback_aws/patches`, nowhere else. From a request to what is kept of it, each folder using those
below it only:

`service`     names the operations and ties everything together.
`api`         answers requests; `definitions` checks the state machines that they make.
`map_run`     a Distributed Map state's run.
`runs`        an execution while it runs.
`flow`        what happens in a state: Retry, Catch, Parallel, inline Map, Wait, calls of other services.
`data`        what a state takes and gives: JSONPath and JSONata.
`history`     what is kept of an execution, and told to EventBridge and CloudWatch Logs.
`records`     what is known of machines, executions and map runs, and `arns`, what they are called.
"""
