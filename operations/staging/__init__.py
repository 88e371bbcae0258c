"""Own pictures on the command line: what the options say, and where S3 has the files."""
