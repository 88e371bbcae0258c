"""The history of executions: recorded event by event, kept in one SQLite file, told to those who watch."""
