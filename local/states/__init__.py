"""Step Functions on loopback: moto's interpreter inside ministack's API, and what neither of them has.

`service.py` answers the operations on executions; ministack keeps those on state machines, versions, aliases
and activities. `interpreter.py` runs an execution; `store.py` keeps it. `map_run/` is the Distributed Map.
What is changed inside moto and ministack is in `local/patches/`, nowhere else.
"""
