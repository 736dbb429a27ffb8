"""A project with nothing in it but the page, to be run where the wheel is installed."""
