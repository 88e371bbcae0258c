"""The model server: the same process in the endpoint's container and on a laptop.

`python -m serving` listens on PORT and answers `GET /ping` and `POST /invocations` with the model in
SM_MODEL_DIR. It imports nothing else of this project.
"""
