"""A history in the database that the project has anyway, without another service."""
