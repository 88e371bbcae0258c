"""The items of a Distributed Map's data set in S3, one form a module.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from local.states.map_run.items.reading import read_items

__all__ = ["read_items"]
