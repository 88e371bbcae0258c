"""Step Functions on loopback: moto's interpreter inside ministack's API, and what neither of them has.

ministack keeps state machines, versions, aliases and activities; what is changed inside moto and ministack
is in `local/patches/`, nowhere else. Where to look, from a request to what is kept of it:

Requests    `service` names the operations. `executions`, `express`, `history`, `redrive`, `tokens`,
            `activity_records` and `map_run.api` answer them, with what `requests`, `arns`, `pages`,
            `answers` and `machines` read and say; `machine_requests`, `logging_configuration` and
            `definitions/` check machines that are made.
A run       `interpreter` starts each `run` of one of the `programs` in an `environment`; `recorder`
            writes the history (`event_details`), `task_threads` run tasks that have a time-out, `timers`
            ends what takes too long, `resumption` finds where a redrive goes on.
States      `attempts` (Retry, Catch; `error_names`), `branches` (Parallel), `inline_map`, `map_run/`
            (Distributed Map), `pauses` (Wait); tasks: `functions`, `activities`, and through `clients`
            all other services, as `sdk_services` and `service_members` name them.
Data        JSONPath: `data_flow`, `json_paths`, `intrinsics`, `comparisons`. JSONata: `jsonata_fields`
            evaluates what stands at `jsonata_locations` with `jsonata`, `jsonata_functions`,
            `jsonata_values`. Both: `variables`.
Kept, told  `records` are what is known; `store` keeps them as `rows` of a `database`, and `interruptions`
            settles what ran when the local AWS ended. `status_events` tells EventBridge, `logs` and
            `log_lines` CloudWatch Logs.
"""
