"""Step Functions on loopback against what AWS documents; each case names the page behind it."""
