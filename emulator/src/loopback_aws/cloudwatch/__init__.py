"""CloudWatch on this machine: what metrics hold, what alarms make of them, what log lines count.

The emulator keeps metrics, alarms and log groups and answers their API. Here is what it lacks: the embedded
metric format, metric filters, metric math, alarms that are evaluated as AWS does, and the clock that
evaluates them. Nothing here changes the emulator; `loopback_aws.patches` hangs it in.
"""
