"""The front door: what every connection has to keep to before, while and after a request is served."""
