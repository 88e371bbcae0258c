"""CloudFormation on a running local AWS."""
