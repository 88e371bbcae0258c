"""JSONPath: paths, intrinsic functions, results, variables and comparisons."""
