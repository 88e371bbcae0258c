"""CloudFormation: what stacks need beside the resource types of single services."""
