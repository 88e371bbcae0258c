"""What the model does, from captured data and executions: numbers, and a page that shows them.

`captured` and `history` read, `figures` counts and judges, `document` has the types of what comes of it,
`page` and `markdown` show it, and `monitor` does all of this on a schedule. A room imports of those before
it only.
"""
