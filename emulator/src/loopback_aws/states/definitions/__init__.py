"""Checks of a definition in the Amazon States Language, before a state machine is made of it.

`check.py` runs them all. Wordings are AWS's where they are documented or reported; the rest is in its manner.
False refusals are worse than faults that are missed: what is not documented as an error passes.
"""
