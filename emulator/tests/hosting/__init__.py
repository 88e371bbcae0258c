"""SageMaker endpoints on a running local AWS."""
