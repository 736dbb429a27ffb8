"""The demo as it is deployed: DEBUG off, below a prefix, its static files hashed and served by WhiteNoise."""
