"""InvokeEndpoint: the request to an instance, what is measured of it and what is captured."""
