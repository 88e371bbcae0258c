"""The one way to read a picture: for training, the model server and the report.

Whoever reads a picture reads it here, so that a model is asked about the very pixels that it learnt from.
"""
