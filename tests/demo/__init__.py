"""The demo project behaves as its documentation says."""
