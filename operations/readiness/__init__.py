"""Whether a deployment can succeed: what was synthesized, against what the account has."""
